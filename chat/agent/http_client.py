"""HTTP clients for servers of models, and the sentences for when none can be made."""

import ssl
from collections.abc import Awaitable, Callable

import httpx2

from chat.agent.wire.response_repair import repair_response
from chat.errors import ModelMissing, ServerMoved

PrepareRequest = Callable[[httpx2.Request], Awaitable[None]]

METHOD_KEEPING_REDIRECTS = {301: 308, 302: 307}
"""A redirected POST stays a POST, which it would not with these two statuses."""


def make_client(
    *, is_local: bool, timeout: httpx2.Timeout | float, prepare: PrepareRequest | None = None
) -> httpx2.AsyncClient:
    """Make a client with the certificates and, unless the server is local, the proxies of the environment.

    Args:
        is_local: Whether the server is on this computer; no proxy can reach that.
        timeout: For each step, in seconds.
        prepare: Called with each request before it is sent.

    Raises:
        ModelMissing: If the proxy or the certificate file of the environment cannot be used.
    """
    try:
        return httpx2.AsyncClient(
            verify=httpx2.create_ssl_context(trust_env=True),
            trust_env=not is_local,
            timeout=timeout,
            follow_redirects=True,
            event_hooks={
                'request': [prepare] if prepare else [],
                'response': [restrict_redirects, repair_response],
            },
        )
    except ImportError as error:
        raise ModelMissing(
            'The environment names a SOCKS proxy (ALL_PROXY or HTTPS_PROXY), and the Python package for that '
            'is not installed. Install it with: pip install socksio'
        ) from error
    except (ValueError, httpx2.InvalidURL) as error:
        raise ModelMissing(
            'The proxy that the environment names (ALL_PROXY, HTTPS_PROXY or HTTP_PROXY) cannot be used. '
            'It must begin with http://, https:// or socks5://.'
        ) from error
    except (OSError, ssl.SSLError) as error:
        raise ModelMissing(
            'The certificates that SSL_CERT_FILE or SSL_CERT_DIR name cannot be read. '
            'Correct that, and start Parlour again.'
        ) from error


async def restrict_redirects(response: httpx2.Response) -> None:
    """Follow a redirect within the same server, or to its encrypted address, and no other.

    Raises:
        ServerMoved: If it sends elsewhere: keys and questions are meant for the server that was named.
    """
    if not response.has_redirect_location:
        return
    here = response.request.url
    try:
        there = here.join(response.headers['location'])
    except httpx2.InvalidURL:
        there = httpx2.URL('http://an.unreadable.address')
    is_same = (here.scheme, here.port) == (there.scheme, there.port)
    if here.host != there.host or not (is_same or (here.scheme, there.scheme) == ('http', 'https')):
        raise ServerMoved(
            f'The server at {here.host} redirects to {there.scheme}://{there.netloc.decode()}. '
            'If that is right, use that address in Parlour.'
        )
    response.status_code = METHOD_KEEPING_REDIRECTS.get(response.status_code, response.status_code)
