"""ModelServer: a server that speaks the language of OpenAI, here or elsewhere, and the models it has."""

import asyncio
import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import httpx2

from chat.agent.abilities import UNKNOWN, Ability, abilities_in, told_besides

log = logging.getLogger(__name__)

LOCAL_PATIENCE = 2.0
"""Seconds to wait for the list of a server on this computer."""

REMOTE_PATIENCE = 5.0
"""Seconds to wait for the list of a server elsewhere."""

HIGHEST_PORT = 65535

Json: TypeAlias = 'bool | float | str | list[Json] | dict[str, Json] | None'

PROGRAMS = {'ollama': 'Ollama', 'lmstudio': 'LM Studio'}
"""What serves the models with these prefixes."""

PROGRAMS_AT = {11434: 'Ollama', 1234: 'LM Studio'}
"""What most likely serves models on these ports."""

OLLAMA = 'http://127.0.0.1:11434/v1'
LM_STUDIO = 'http://127.0.0.1:1234/v1'


@dataclass(eq=False, kw_only=True)
class ModelServer:
    """A server of models, with what it said last."""

    prefix: str
    """What stands before the colon in the names of its models."""
    url: str
    """Where its interface begins; `ask` adds `/v1` when that is where it is."""
    heading: str
    api_key: str | None = None
    model_names: list[str] = field(default_factory=list[str])
    """As the server orders them, without a prefix; empty until `ask` has found some."""
    abilities: dict[str, Ability] = field(default_factory=dict[str, Ability])
    """By name, what it has told of its models besides."""
    was_asked: bool = False
    problem: str = 'it has not been asked yet'
    """Why there are no models, as the end of a sentence about 'the server'."""
    is_down: bool = False
    """Whether it could not be reached when it was asked last."""

    @property
    def is_local(self) -> bool:
        return is_loopback(self.url)

    @property
    def advice(self) -> str:
        """What to look at when it cannot be reached."""
        program = PROGRAMS.get(self.prefix) or PROGRAMS_AT.get(httpx2.URL(self.url).port or 0) or 'the server'
        return f'Is {program} running on {origin(self.url)}?'

    @property
    def is_bare(self) -> bool:
        """Whether the address names a computer only, and not where on it the interface begins."""
        return '/' not in self.url.partition('://')[2]

    def is_same_as(self, other: 'ModelServer') -> bool:
        """Whether both addresses lead to the same server on this computer."""
        return self.is_local and other.is_local and httpx2.URL(self.url).port == httpx2.URL(other.url).port

    def obstacle(self, model_name: str) -> str | None:
        """Why a model of this name, without a prefix, cannot answer, as far as is known; else `None`."""
        if self.is_down:
            return (
                f'“{model_name}” cannot answer: {self.heading} cannot be reached. '
                'Start it, or choose another model.'
            )
        if self.model_names and model_name not in self.model_names:
            return f'{self.heading} has no model “{model_name}” any more. Choose another model.'
        return None

    def ability(self, model_name: str) -> Ability:
        """What is known of a model of this name, without a prefix."""
        if model_name not in self.model_names and len(self.model_names) == 1:
            model_name = self.model_names[0]  # llama.cpp has one, and takes any name for it
        return self.abilities.get(model_name, UNKNOWN)

    async def ask(self) -> None:
        """Get the list of models; does not raise, and takes a few seconds at most."""
        self.was_asked = True
        patience = LOCAL_PATIENCE if self.is_local else REMOTE_PATIENCE
        try:
            async with asyncio.timeout(patience):
                await self._ask()
            self.is_down = False
        except httpx2.ConnectError:
            self.is_down = True
            self.model_names, self.problem = [], 'it cannot be reached. Start it, or check the address'
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError, OSError) as error:
            log.info('No list of models from the %s server: %s', self.prefix, type(error).__name__)
            self.problem = 'it does not answer in time or not in the way it should. Check the address'

    async def _ask(self) -> None:
        if (httpx2.URL(self.url).port or 0) > HIGHEST_PORT:
            raise httpx2.InvalidURL('no such port')
        client = await asyncio.to_thread(httpx2.AsyncClient, trust_env=not self.is_local)
        async with client:
            response = await self._get_list(client)
            await self._learn(client, response)
        if response.status_code in (401, 403):
            self.model_names, self.problem = [], 'it asks for an API key, or refuses the one it got'
        elif not response.is_success:
            self.model_names = []
            self.problem = f'it has no list of models (status {response.status_code}). Check the address'
        else:
            self.model_names = listed(response.json())
            self.problem = 'it has no models. Load one there'

    async def _learn(self, client: httpx2.AsyncClient, response: httpx2.Response) -> None:
        """Note what it tells of its models; that it tells nothing is no problem."""
        try:
            body: Json = response.json() if response.is_success else None
            besides = await told_besides(client, self.url, self.prefix, listed(body)) if body else {}
            self.abilities = abilities_in(body) | besides
        except (httpx2.HTTPError, ValueError) as error:
            log.info('The %s server tells nothing of its models: %s', self.prefix, type(error).__name__)

    async def _get_list(self, client: httpx2.AsyncClient) -> httpx2.Response:
        """Ask where the address says, then, if that is a bare host, where such servers usually listen."""
        headers = {'Authorization': f'Bearer {self.api_key}'} if self.api_key else {}
        url, is_bare = self.url, self.is_bare  # another caller may find out meanwhile
        response = await client.get(f'{url}/models', headers=headers)
        if not is_bare or (response.is_success and is_json(response)):
            return response
        usual = await client.get(f'{url}/v1/models', headers=headers)
        if not usual.is_success:
            return response
        self.url = f'{url}/v1'
        return usual


def is_json(response: httpx2.Response) -> bool:
    """Whether a program answered, and not a page for people."""
    return 'json' in response.headers.get('content-type', '')


def listed(body: Json) -> list[str]:
    """The models for chatting in the answer to `/models`; those that only embed text are left out."""
    match body:
        case {'data': [*entries]} | [*entries]:
            names = [name_of(entry) for entry in entries]
        case _:
            names = []
    return [name for name in names if name and 'embed' not in name.lower()]


def name_of(entry: Json) -> str:
    """The name in one entry of such a list, '' if there is none."""
    match entry:
        case {'id': str(name)}:
            return name
        case _:
            return ''


def given_server(base_url: str, api_key: str | None) -> ModelServer:
    """The server that was named at the start."""
    url = with_scheme(base_url)
    return ModelServer(prefix='server', url=url, heading=f'Server at {origin(url)}', api_key=api_key)


def local_servers(environment: Mapping[str, str]) -> list[ModelServer]:
    """Ollama and LM Studio, where they usually listen."""
    return [
        _ollama(environment),
        ModelServer(prefix='lmstudio', url=LM_STUDIO, heading='LM Studio on this computer'),
    ]


def _ollama(environment: Mapping[str, str]) -> ModelServer:
    url = with_scheme(environment.get('OLLAMA_BASE_URL') or OLLAMA)
    heading = 'Ollama on this computer' if is_loopback(url) else f'Ollama at {origin(url)}'
    key = environment.get('OLLAMA_API_KEY') if environment.get('OLLAMA_BASE_URL') else None
    return ModelServer(prefix='ollama', url=url, heading=heading, api_key=key)


def with_scheme(url: str) -> str:
    """An address as a person may write it, made complete."""
    url = url.strip().rstrip('/')
    return url if '://' in url else f'http://{url}'


def origin(url: str) -> str:
    """The beginning of an address that says which server it is, without a password that may be in it."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return 'an address that cannot be read'
    return f'{parsed.scheme}://{parsed.netloc.decode()}'


def is_loopback(url: str) -> bool:
    """Whether an address leads to this computer."""
    try:
        host = httpx2.URL(url).host
        return host == 'localhost' or ipaddress.ip_address(host).is_loopback
    except (httpx2.InvalidURL, ValueError):
        return False
