"""Check an API key: ask the provider for something free, in most cases the list of its models."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from pydantic import SecretStr
from pydantic_ai import UserError

from chat.agent.http_client import make_client
from chat.agent.model_connections import base_url_of
from chat.agent.model_lists import Json
from chat.agent.providers import Provider
from chat.agent.servers import is_loopback
from chat.errors import ChatError

log = logging.getLogger(__name__)

CHECK_TIMEOUT = 15.0
"""Seconds in which a provider has to answer."""

CHECK_PATHS: Mapping[str, str] = {
    'anthropic': 'v1/models',
    'cohere': 'v1/models',
    'google': 'v1beta/models',
    'huggingface': 'https://huggingface.co/api/whoami-v2',  # it shows its list to everybody
    'openrouter': 'key',  # this one too
}
"""Paths below the base URL, by provider; `models` for all others."""

KEY_REFUSED_STATUSES = (401, 403)
LIMIT_STATUSES = (402, 429)
"""Too many requests, or no credit: the key is known, or it would be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheckResult:
    """The result of a check."""

    works: bool
    sentence: str


async def check_key(provider: Provider, key: SecretStr) -> KeyCheckResult:
    """Check a key; never raises. The key is in no sentence and in no log."""
    try:
        response = await _response(provider, key.get_secret_value())
    except (ImportError, UserError):
        package = f'pip install "pydantic-ai-slim[{provider.extra}]"'
        return _failed_result(f'{provider.label} needs a Python package that is not installed: {package}')
    except ChatError as error:
        return _failed_result(str(error))
    except (httpx2.ConnectError, httpx2.ProxyError):
        return _failed_result(f'{provider.label} cannot be reached. Check the network, then try again.')
    except (TimeoutError, httpx2.TimeoutException):
        return _failed_result(f'{provider.label} did not answer in time. Try again later.')
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError) as error:
        log.info('The key of %s could not be tried: %s', provider.prefix, type(error).__name__)
        return _failed_result(f'{provider.label} gave an unexpected response. Try again later.')
    return _check_result(provider, response)


async def _response(provider: Provider, key: str) -> httpx2.Response:
    if not key.isascii() or not key.isprintable():
        return httpx2.Response(401)  # no header could carry it
    base = await asyncio.to_thread(base_url_of, provider, key)  # may import the package of the provider
    url = httpx2.URL(base.rstrip('/') + '/').join(CHECK_PATHS.get(provider.prefix, 'models'))
    client = await asyncio.to_thread(make_client, is_local=is_loopback(str(url)), timeout=CHECK_TIMEOUT)
    async with client, asyncio.timeout(CHECK_TIMEOUT):
        return await client.get(url, headers=_headers(provider, key))


def _headers(provider: Provider, key: str) -> dict[str, str]:
    match provider.prefix:
        case 'anthropic':
            return {'x-api-key': key, 'anthropic-version': '2023-06-01'}
        case 'google':
            return {'x-goog-api-key': key}
        case _:
            return {'Authorization': f'Bearer {key}'}


def _check_result(provider: Provider, response: httpx2.Response) -> KeyCheckResult:
    if response.is_success:
        count = _count(response)
        models = f': {provider.label} offers {count} model{"s" * (count != 1)}' if count else ''
        return KeyCheckResult(works=True, sentence=f'The key is valid{models}.')
    if response.status_code in KEY_REFUSED_STATUSES or 'API_KEY_INVALID' in response.text:
        return _failed_result(f'{provider.label} refuses this key. Copy it again, or make a new one there.')
    if response.status_code in LIMIT_STATUSES:
        return _failed_result(f'{provider.label} knows this key, but it has no credit or too many requests.')
    return _failed_result(
        f'{provider.label} answers with status {response.status_code}. '
        'The first question will show whether the key is valid.'
    )


def _failed_result(sentence: str) -> KeyCheckResult:
    return KeyCheckResult(works=False, sentence=sentence)


def _count(response: httpx2.Response) -> int:
    """Return how many models the response lists; 0 if it is no list."""
    try:
        body: Json = response.json()
    except ValueError:
        return 0
    match body:
        case {'data': [*entries]} | {'models': [*entries]} | [*entries]:
            return len(entries)
        case _:
            return 0
