"""SignInProxy: what a node knows of the proxy in front of it, which says who people are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

from chat.errors import UserNameRefused

Network: TypeAlias = IPv4Network | IPv6Network

MAX_USER_NAME_LENGTH = 128
"""Characters of the name of a user; addresses of e-mail have at most 254, and few more than 60."""

NOT_IN_USER_NAMES = frozenset(',;"')
"""With a comma or a semicolon a proxy would join two headers, of which a browser may have sent one."""

DEFAULT_PORTS = {'http': 80, 'https': 443}

_HOST = re.compile(r'[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]')
_PATH = re.compile(r'(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*')
_HEADER = re.compile(r'[a-z0-9-]+')

TAKEN_HEADERS = frozenset(
    {
        *('authorization', 'connection', 'content-length', 'content-type', 'cookie', 'expect', 'host'),
        *('cache-control', 'origin', 'range', 'referer', 'transfer-encoding', 'upgrade', 'user-agent'),
        *('accept', 'accept-encoding', 'accept-language'),
    }
)
"""Headers that browsers send by themselves, which say nothing of who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicUrl:
    """The address by which people know the node: `https://chat.example.org`, with a path or without."""

    scheme: str
    host: str
    """As browsers send it: in small letters, with a port if that is not the usual one."""
    path: str
    """Where it begins, such as `/ai`; '' if that is the whole host."""

    @property
    def origin(self) -> str:
        """What browsers send as the origin of its pages."""
        return f'{self.scheme}://{self.host}'

    def __str__(self) -> str:
        return f'{self.origin}{self.path}/'


def read_public_url(text: str) -> PublicUrl:
    """Return what an address says.

    Raises:
        ValueError: If it is none that pages can have.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(''), None
    name = (parts.hostname or '').lower()
    host = f'[{name}]' if ':' in name else name
    path = parts.path.rstrip('/')
    is_odd = parts.username is not None or parts.query or parts.fragment or port == 0
    if is_odd or parts.scheme not in DEFAULT_PORTS or not _HOST.fullmatch(host) or not _PATH.fullmatch(path):
        raise ValueError(
            'It must be the address that people open, such as https://chat.example.org or '
            'https://example.org/chat.'
        )
    is_usual = port in (None, DEFAULT_PORTS[parts.scheme])
    return PublicUrl(scheme=parts.scheme, host=host if is_usual else f'{host}:{port}', path=path)


def read_network(text: str) -> Network:
    """Return the addresses of proxies: one, or a network as `10.0.0.0/24`.

    Raises:
        ValueError: If it is neither, or would be everybody.
    """
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError(_network_sentence(text)) from None
    if network.prefixlen == 0:
        raise ValueError(f'“{text}” is everybody: whoever can reach this node could say who they are.')
    return network


def _network_sentence(text: str) -> str:
    """Return what is said of a text that is no network."""
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        return f'“{text}” is no address and no network, such as 10.0.0.5 or 10.0.0.0/24.'
    return f'“{text}” is an address within a network. Write {meant} for all of it, or the address alone.'


def read_user_header(name: str) -> str:
    """Return the name of a header in small letters.

    Raises:
        ValueError: If it cannot be one, or if browsers send it by themselves.
    """
    header = name.strip().lower()
    if not _HEADER.fullmatch(header):
        raise ValueError(f'“{name}” is no name of a header, such as X-Forwarded-User.')
    if header in TAKEN_HEADERS or header.startswith('sec-'):
        raise ValueError(f'Browsers send “{name}” by themselves. Use one of the proxy, as X-Forwarded-User.')
    return header


def checked_user_name(text: str) -> str:
    """Return the name of a user, if it is one.

    Raises:
        UserNameRefused: If it is empty or too long, or has something in it that no name has.
    """
    is_odd = not text.isprintable() or text != ' '.join(text.split()) or NOT_IN_USER_NAMES & set(text)
    if not text or len(text) > MAX_USER_NAME_LENGTH or is_odd:
        raise UserNameRefused
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInProxy:
    """Who is believed when they say who sends a request, and where."""

    public_url: PublicUrl
    networks: Sequence[Network]
    user_header: str
    """In small letters."""

    def is_at(self, address: str) -> bool:
        """Return whether this is the address of a proxy."""
        peer = _address(address)
        return any(peer in network for network in self.networks if peer and network.version == peer.version)


def is_loopback(address: str) -> bool:
    """Return whether this is an address of this computer that no other can reach."""
    known = _address(address)
    return known is not None and known.is_loopback


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, that of version 4 if one of version 6 stands for it; `None` if it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
