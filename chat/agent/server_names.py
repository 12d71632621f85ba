"""Names and addresses of servers that a person adds: valid, or refused in a sentence."""

import re
from importlib.util import find_spec

import httpx2

from chat.agent.demo import DEMO_MODEL_NAME
from chat.agent.providers import PROVIDERS
from chat.agent_names import AGENT_MODEL
from chat.errors import ServerRefused

NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9-]{0,31}')

OWN_PREFIXES = frozenset({'server', 'ollama', 'lmstudio', DEMO_MODEL_NAME, AGENT_MODEL, 'test'})
"""Prefixes of models that are neither on an added server nor of a provider."""

HOST = re.compile(r'[\w.:-]+')

HIGHEST_PORT = 65535


def checked_name(text: str) -> str:
    """Return the name that a person has written for a server, without spaces around it.

    Raises:
        ServerRefused: If no server can have it.
    """
    name = text.strip()
    if not name:
        raise ServerRefused('The server needs a name. Its models are named NAME:MODEL.')
    if not NAME.fullmatch(name):
        raise ServerRefused(
            'A name consists of letters from a to z, digits and hyphens (not first), at most 32 characters.'
        )
    if name.lower() in OWN_PREFIXES:
        raise ServerRefused(f'“{name}” is reserved. Choose another name.')
    if is_name_of_provider(name.lower()):
        raise ServerRefused(f'“{name}” is the name of a provider. Choose another name.')
    return name


def is_name_of_provider(prefix: str) -> bool:
    """Return whether this names a provider that Parlour knows, or that pydantic-ai can connect to."""
    if any(prefix in (each.prefix, *each.other_prefixes, each.label.lower()) for each in PROVIDERS):
        return True
    # Its list of names is in no data, but each provider has a module there, and `find_spec` imports none.
    module = re.sub(r'-(decisions|chat|responses)$', '', prefix).replace('-', '_')
    return module.isidentifier() and find_spec(f'pydantic_ai.providers.{module}') is not None


def checked_address(text: str) -> str:
    """Return the address that a person has written for a server, made complete; a password in it stays.

    Raises:
        ServerRefused: If it leads to no server.
    """
    address = text.strip()
    if not address:
        raise ServerRefused('The server needs an address, such as http://127.0.0.1:8000/v1.')
    try:
        url = httpx2.URL(address if '://' in address else f'http://{address}')
    except httpx2.InvalidURL:
        url = httpx2.URL('')
    if url.scheme not in ('http', 'https') or not HOST.fullmatch(url.host) or (url.port or 0) > HIGHEST_PORT:
        raise ServerRefused('That is not a valid address. Enter one like http://127.0.0.1:8000/v1.')
    if url.query or url.fragment:
        raise ServerRefused('The address must not contain “?” or “#”. Enter a key in the key field.')
    return str(url).rstrip('/')
