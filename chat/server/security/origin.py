"""Check the `Host` and `Origin` of a request, against DNS rebinding and cross-site requests."""

import re
from collections.abc import Set

from chat.server.security.error_page import RequestRejected
from chat.server.security.request_head import RequestHead

LOOPBACK_NAMES = frozenset({'localhost', '127.0.0.1', '[::1]'})
"""Loopback host names; a tunnel may forward any local port to ours."""

HOST_PATTERN = re.compile(r'([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?')


def url_host(address: str) -> str:
    """Return an IP address as it is written in URLs."""
    return f'[{address}]' if ':' in address else address


def validate_host(head: RequestHead, names: Set[str] | None) -> None:
    """See that the browser was told to come to us.

    A page elsewhere can let its own name lead to this computer (DNS rebinding); the name is then not ours.
    `None` stands for any name: another app has let this in, and knows its names.

    Raises:
        RequestRejected: If not.
    """
    match = HOST_PATTERN.fullmatch(head.host)
    if not match:
        raise RequestRejected(400, 'This request does not say where it wants to go.')
    if names is not None and match[1] not in names:
        raise RequestRejected(
            421, 'Parlour is not available under this name. Use the address that it printed.'
        )


def is_trusted(head: RequestHead) -> bool:
    """Return whether browsers trust the connection: it is encrypted or local."""
    match = HOST_PATTERN.fullmatch(head.host)
    return head.scheme == 'https' or (match is not None and match[1] in LOOPBACK_NAMES)


def validate_origin(head: RequestHead) -> None:
    """Check that no foreign page has sent this request; a link clicked there is fine.

    Raises:
        RequestRejected: If one has.
    """
    origin = head.headers.get('origin')
    if head.kind == 'websocket' and origin is None:
        raise RequestRejected(403, 'Only pages of Parlour may open a connection.')
    is_foreign = origin not in (None, head.origin)
    is_from_elsewhere = head.headers.get('sec-fetch-site', 'none') not in ('same-origin', 'none')
    if is_foreign or (is_from_elsewhere and not _is_navigation(head)):
        raise RequestRejected(403, 'This request came from another website.')


def _is_navigation(head: RequestHead) -> bool:
    """Return whether it is a top-level navigation to one of our pages."""
    return (
        head.method in ('GET', 'HEAD')
        and head.headers.get('sec-fetch-mode') == 'navigate'
        and head.headers.get('sec-fetch-dest') == 'document'
    )
