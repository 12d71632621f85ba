"""Fetch from the public web, and from nowhere else: the one guard for addresses that others have written.

An address in an answer may lead to this computer, to the router or to the cloud's own services, and what is
fetched may be endless. So the address of the computer is checked after its name was resolved, the connection
goes to that very address, and a redirect is checked as the first address was. Nothing of ours is sent: no
key, no cookie, nothing that a server has set; a proxy that the environment names is not asked.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from socket import SOCK_STREAM

import httpx2

# What is private and which services of clouds must not be reached is a list that pydantic-ai maintains; the
# rest of its guard knows no limit of ports and no resolver of ours.
from pydantic_ai._ssrf import (  # pyright: ignore[reportPrivateUsage]
    is_cloud_metadata_ip,
    is_private_ip,
)

from chat.certificates import ssl_context
from chat.errors import FetchFailed

PORTS = {'http': 80, 'https': 443}
"""The one port of each scheme that is allowed."""

MAX_REDIRECTS = 5
MAX_ADDRESSES = 3
"""Addresses of a computer that are tried one after the other."""

CONNECT_TIMEOUT = 5.0
TOTAL_TIMEOUT = 20.0
"""Seconds for all of it, redirects included."""

USER_AGENT = 'Parlour'
"""Some servers refuse who does not name themselves."""

ResolveHost = Callable[[str], Awaitable[Sequence[str]]]
"""Finds the addresses of a computer by its name; raises `OSError` if there are none."""


async def resolve_host(name: str) -> list[str]:
    """Return the addresses of a computer as the system knows them, the best one first."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFile:
    """What an address has led to."""

    content: bytes
    url: str
    """Where it was, after all redirects."""
    content_type: str = ''
    """What its server says it is, as in the header."""


@dataclass(frozen=True, kw_only=True)
class WebFetcher:
    """Fetches files from the public web."""

    resolve: ResolveHost = resolve_host
    allowed: frozenset[tuple[str, int]] = frozenset()
    """Addresses and ports that may be reached although they are not public; by default there are none."""
    timeout: float = TOTAL_TIMEOUT

    async def fetch(self, url: str, *, accept: str, max_bytes: int) -> FetchedFile:
        """Return the file at an address.

        Args:
            url: The address, whoever has written it.
            accept: The media types that are wanted, as in the header.
            max_bytes: The bytes that it may have.

        Raises:
            FetchFailed: With the reason, if it is not fetched.
        """
        host = ''
        try:
            async with asyncio.timeout(self.timeout):
                target = httpx2.URL(url)
                for _ in range(MAX_REDIRECTS + 1):
                    host = target.host
                    async with self._response(target, accept) as response:
                        if not response.has_redirect_location:
                            return FetchedFile(
                                content=await _content(response, max_bytes),
                                url=str(target),
                                content_type=response.headers.get('content-type', ''),
                            )
                        target = target.join(response.headers['location'])
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise FetchFailed('This address cannot be read.') from error
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise FetchFailed(f'{host} has not answered in time.') from error
        except httpx2.HTTPError as error:
            raise FetchFailed(f'{host} broke off the connection.') from error
        raise FetchFailed(f'{host} redirects too often.')

    @asynccontextmanager
    async def _response(self, url: httpx2.URL, accept: str) -> AsyncGenerator[httpx2.Response]:
        """Ask for an address at one of the addresses of its computer, all of which must be public."""
        addresses = await self._addresses(url)
        headers = {
            'Host': url.netloc.decode('ascii'),
            'Accept': accept,
            'Accept-Encoding': 'identity',
            'User-Agent': USER_AGENT,
        }
        async with httpx2.AsyncClient(
            verify=ssl_context(),
            trust_env=False,
            timeout=httpx2.Timeout(self.timeout, connect=CONNECT_TIMEOUT),
        ) as client:
            for address in addresses[:MAX_ADDRESSES]:
                request = client.build_request(
                    'GET',
                    url.copy_with(host=address),
                    headers=headers,
                    extensions={'sni_hostname': url.raw_host.decode('ascii')},
                )
                try:
                    response = await client.send(request, stream=True)
                except (httpx2.ConnectError, httpx2.ConnectTimeout):
                    continue
                try:
                    yield response
                finally:
                    await response.aclose()
                return
        raise FetchFailed(f'{url.host} cannot be reached.')

    async def _addresses(self, url: httpx2.URL) -> Sequence[str]:
        """Return the addresses of the computer that a URL names.

        Raises:
            FetchFailed: If one of them must not be reached.
        """
        if url.scheme not in PORTS or not url.host or url.userinfo:
            raise FetchFailed('Only plain addresses that begin with http:// or https:// are loaded.')
        port = PORTS[url.scheme] if url.port is None else url.port
        name = url.raw_host.decode('ascii').rstrip('.')
        try:
            addresses = [str(ip_address(name.strip('[]')))]
        except ValueError:
            try:
                addresses = await self.resolve(name)
            except OSError as error:
                raise FetchFailed(f'{url.host} is not known, or there is no connection.') from error
        for address in addresses:
            if (address, port) not in self.allowed:
                check_address(address, url.host)
                if port != PORTS[url.scheme]:
                    raise FetchFailed('Nothing is loaded from unusual ports.')
        return addresses


def check_address(address: str, host: str) -> None:
    """Refuse an address that is not public.

    Raises:
        FetchFailed: With the name of the computer in the sentence.
    """
    if is_private_ip(address) or is_cloud_metadata_ip(address):
        raise FetchFailed(
            f'{host} is this computer or one in a private network: nothing is loaded from there.'
        )


async def _content(response: httpx2.Response, max_bytes: int) -> bytes:
    """Read the body of a response, but no more bytes than it may have.

    Raises:
        FetchFailed: If it is more, or no answer to what was asked.
    """
    host = response.request.headers['host']
    if response.status_code != 200:
        raise FetchFailed(f'{host} answers with an error ({response.status_code}).')
    if response.headers.get('content-encoding', 'identity') != 'identity':
        raise FetchFailed(f'{host} sends it compressed, which was not asked for.')
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > max_bytes:
            raise FetchFailed(f'It is larger than {max_bytes // 1_000_000} MB.')
    return bytes(content)
