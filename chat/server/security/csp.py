"""Content Security Policy and the other security headers of every response."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.types import Message, Send

from chat.server.security.origin import is_trusted
from chat.server.security.request_head import RequestHead

SECURITY_HEADERS = (
    ('x-content-type-options', 'nosniff'),
    ('referrer-policy', 'no-referrer'),
    ('x-frame-options', 'DENY'),
    ('cross-origin-resource-policy', 'same-origin'),
)

TRUSTED_HEADER = ('cross-origin-opener-policy', 'same-origin')
"""Browsers ignore it, with a warning, on connections that they do not trust."""

PAGE_POLICY = (
    "default-src 'none'",
    # Vue compiles templates and NiceGUI evaluates what Python sends: eval is needed, inline scripts are not.
    "script-src 'nonce-{nonce}' 'unsafe-eval' {origin}{prefix}/_nicegui/",
    "script-src-attr 'none'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self' {socket}",  # Safari before 15.4 does not count a socket as 'self'
    "media-src 'self' blob:",
    "manifest-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
"""Scripts load from one folder and never from `/files/`, where guests can upload anything."""

FILES_PATH = '/files/'
"""The path prefix of attachments."""

FILE_POLICY = ("default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'none'", 'sandbox')
"""The policy for attachments: nothing in them runs, even when opened in a tab."""

REPLACED_HEADERS = {name.encode() for name, _ in SECURITY_HEADERS} | {b'content-security-policy', b'server'}


def with_security_headers(send: Send, head: RequestHead, nonce: str, cookie: str = '') -> Send:
    """Wrap `send` to add the security headers, and the cookie to a page if there is one."""
    rules = FILE_POLICY if head.path.startswith(FILES_PATH) else PAGE_POLICY
    policy = '; '.join(rules).format(
        nonce=nonce,
        origin=head.origin,
        prefix=quote(head.prefix),
        socket=head.origin.replace('http', 'ws', 1),
    )
    ours = [
        *SECURITY_HEADERS,
        *([TRUSTED_HEADER] if is_trusted(head) else []),
        ('content-security-policy', policy),
    ]

    async def send_dressed(message: Message) -> None:
        if message['type'] in ('http.response.start', 'websocket.http.response.start'):
            theirs = [pair for pair in message.get('headers', []) if pair[0].lower() not in REPLACED_HEADERS]
            added = [*ours, ('set-cookie', cookie)] if cookie and _is_page(theirs) else ours
            message['headers'] = [*theirs, *((name.encode(), value.encode()) for name, value in added)]
        await send(message)

    return send_dressed


def _is_page(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b'content-type' and value.startswith(b'text/html') for name, value in headers)
