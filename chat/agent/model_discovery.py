"""Discovery: ask a server for its models, and say what it means when no list comes."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx2

from chat.agent.http_client import make_client
from chat.agent.model_capabilities import (
    DESCRIPTION_TIMEOUT,
    ModelCapabilities,
    capabilities_in,
    fetch_capabilities,
)
from chat.agent.model_lists import Json, ListedModel, chat_models_by_family, models_in, names_in
from chat.error_body import causes_of, message_in_body, quoted_message
from chat.errors import ChatError

log = logging.getLogger(__name__)

MAX_PORT = 65535
TIMEOUT = 10.0
"""Seconds for all that a server is asked: a computer on which a model answers has little time for a list."""

NOT_READY_STATUSES = (429, 503)
"""The status of a server that will answer later."""

SERVER_PROGRAMS = {'library': 'ollama', 'organization_owner': 'lmstudio'}
"""Programs by what they write as the owner of each model."""


class ServerAddress(Protocol):
    """What must be known of a server to ask it for its models."""

    @property
    def prefix(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def is_local(self) -> bool: ...

    @property
    def is_bare(self) -> bool: ...

    @property
    def key_variable(self) -> str: ...

    @property
    def authorization(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelListing:
    """What a server has said; see `ModelServer` for what is not said here."""

    url: str
    model_names: list[str]
    other_names: list[str] = field(default_factory=list[str])
    loaded: str | None = None
    problem: str = ''
    remedy: str = ''
    is_loading: bool = False
    capabilities: Mapping[str, ModelCapabilities] = field(default_factory=dict[str, ModelCapabilities])
    maker: str = ''
    """The program it is, if that is Ollama or LM Studio; see `server_program_of`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProblem:
    """Why a server has said nothing that can be used."""

    problem: str
    remedy: str = ''
    is_down: bool = False
    is_certain: bool = True
    """Whether it surely has no models; one that is only slow may still have those that it had."""


async def fetch_models(server: ServerAddress) -> ModelListing:
    """Fetch the models of a server, and which of them are for chatting.

    Raises:
        Exception: If it cannot be reached or understood; see `problem_of`.
    """
    if (httpx2.URL(server.url).port or 0) > MAX_PORT:
        raise httpx2.InvalidURL('no such port')

    async def prepare(request: httpx2.Request) -> None:
        request.headers.update(server.authorization)

    client = await asyncio.to_thread(make_client, is_local=server.is_local, timeout=TIMEOUT, prepare=prepare)
    async with client:
        url, response = await _fetch_list(client, server.url, is_bare=server.is_bare)
        if not response.is_success:
            return _refused_listing(url, response, server.key_variable)
        body: Json = response.json()
        models = models_in(body)
        if not models:
            return _empty_listing(url, body)
        maker = server_program_of(body, server.prefix)
        models = await enrich_models(client, url, models, maker)
        names = [model.name for model in models]
        capabilities = capabilities_in(body) | await fetch_capabilities(client, url, maker, names)
    for_chatting = [model for model in models if model.is_for_chatting]
    return ModelListing(
        url=url,
        model_names=[model.name for model in for_chatting],
        other_names=[model.name for model in models if not model.is_for_chatting],
        loaded=next((model.name for model in for_chatting if model.is_loaded), None),
        problem='it has no models for chatting',
        remedy='Load one there.',
        capabilities=capabilities,
        maker=maker,
    )


def problem_of(error: Exception, server: ServerAddress) -> ServerProblem:
    """Return what a failure to ask a server means, in words."""
    match error:
        case ChatError():
            return ServerProblem(problem=f'it cannot be asked. {error}'.rstrip('.'))
        case httpx2.ConnectError() if any(
            isinstance(cause, ssl.SSLCertVerificationError) for cause in causes_of(error)
        ):
            remedy = 'Name the file of its certificate in SSL_CERT_FILE, and start Parlour again.'
            return ServerProblem(problem='its certificate is not trusted', remedy=remedy)
        case httpx2.ConnectError():
            return ServerProblem(
                problem='it cannot be reached', remedy='Start it, or check the address.', is_down=True
            )
        case _:
            log.info('No list of models from the %s server: %s', server.prefix, type(error).__name__)
            return ServerProblem(
                problem='it does not answer in time, or not as expected',
                remedy='Check the address.',
                is_certain=False,
            )


async def _fetch_list(client: httpx2.AsyncClient, url: str, *, is_bare: bool) -> tuple[str, httpx2.Response]:
    """Ask at the given address, then, if that is a bare host, at the usual path `/v1`."""
    response = await client.get(f'{url}/models')
    if not is_bare or (response.is_success and is_json(response)):
        return url, response
    usual = await client.get(f'{url}/v1/models')
    if usual.status_code == 404 or (usual.is_success and not is_json(usual)):
        return url, response
    return f'{url}/v1', usual


def _empty_listing(url: str, body: Json) -> ModelListing:
    """Return the listing of a server without models; an error is no list at all."""
    if message_in_body(body):
        problem, remedy = 'it has no list of models', f'Check the address.{quoted_message(body)}'
    else:
        problem, remedy = 'it has no models', 'Load one there.'
    return ModelListing(url=url, model_names=[], problem=problem, remedy=remedy)


def _key_remedy(key_variable: str) -> str:
    """Return what to do when a server refuses its key, or asks for one."""
    if not key_variable:
        return 'Check its key in the settings.'
    return f'Set {key_variable} to its key and start Parlour again.'


def is_json(response: httpx2.Response) -> bool:
    """Return whether the response is JSON, and not a page for people."""
    return 'json' in response.headers.get('content-type', '')


def _refused_listing(url: str, response: httpx2.Response, key_variable: str) -> ModelListing:
    """Return what the refusal of a list means, in words."""
    status = response.status_code
    quote = quoted_message(_body(response))
    if status in NOT_READY_STATUSES:
        problem = 'it is still loading its model, or is busy'
        remedy = f'Wait a moment: Parlour tries again automatically.{quote}'
        return ModelListing(url=url, model_names=[], problem=problem, remedy=remedy, is_loading=True)
    if status in (401, 403):
        problem = 'it asks for an API key, or refuses the one it got'
        remedy = f'{_key_remedy(key_variable)}{quote}'
    else:  # some answer a missing key with another status
        problem = f'it has no list of models (status {status})'
        remedy = f'Check the address and, if it wants a key, {key_variable or "the key"}.{quote}'
    return ModelListing(url=url, model_names=[], problem=problem, remedy=remedy)


def _body(response: httpx2.Response) -> Json:
    try:
        return response.json()
    except ValueError:
        return response.text


def server_program_of(body: Json, prefix: str) -> str:
    """Return the program whose own list may know more: `ollama`, `lmstudio` or ''."""
    if prefix in SERVER_PROGRAMS.values():
        return prefix
    match body:
        case {'data': [{'owned_by': str(owner)}, *_]}:
            return SERVER_PROGRAMS.get(owner, '')
        case _:
            return ''


async def enrich_models(
    client: httpx2.AsyncClient, url: str, models: list[ListedModel], program: str
) -> list[ListedModel]:
    """Return the models with what the own lists of Ollama and LM Studio say of them.

    https://docs.ollama.com/api/tags, https://docs.ollama.com/api/ps, https://lmstudio.ai/docs/developer/rest
    """
    root = url.removesuffix('/v1')
    match program:
        case 'lmstudio':
            known = {
                model.name: model for model in models_in(await _fetch_native(client, f'{root}/api/v0/models'))
            }
            return [known.get(model.name, model) for model in models]
        case 'ollama':
            families = chat_models_by_family(await _fetch_native(client, f'{root}/api/tags'))
            loaded = names_in(await _fetch_native(client, f'{root}/api/ps'))
            return [
                ListedModel(
                    name=model.name,
                    is_for_chatting=families.get(model.name, model.is_for_chatting),
                    is_loaded=model.name in loaded,
                )
                for model in models
            ]
        case _:
            return models


async def _fetch_native(client: httpx2.AsyncClient, url: str) -> Json:
    """Fetch from a program's own interface; `None` if it is not there, since it is no more than a hint."""
    try:
        response = await client.get(url, timeout=DESCRIPTION_TIMEOUT)
        return response.json() if response.is_success else None
    except (httpx2.HTTPError, ChatError, ValueError):
        return None
