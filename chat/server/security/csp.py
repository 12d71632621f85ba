"""Content Security Policy, its nonce, and the other security headers of every response."""

import secrets
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.nicegui_compat import add_nonce_to_templates
from chat.server.security.request_head import HEAD_KEY, LOOPBACK_NAMES, RequestHead

NONCE_KEY = 'parlour.nonce'
"""Where the nonce is in the scope of a request."""

SECURITY_HEADERS = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
}

TRUSTED_HEADER = {'cross-origin-opener-policy': 'same-origin'}
"""Browsers ignore it, with a warning, on connections that they do not trust."""

PAGE_POLICY = (
    "default-src 'none'",
    # Vue compiles templates and NiceGUI evaluates what Python sends: eval is needed, inline scripts are not.
    "script-src {nonce}'unsafe-eval' {scripts}",
    "script-src-attr 'none'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'{socket}",  # Safari before 15.4 does not count a socket as 'self'
    "media-src 'self' blob:",
    "manifest-src 'self'",
    'frame-src {preview}',  # also what a frame may go to: no other address
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
"""Scripts load from one folder and never from `/files/`, where guests can upload anything."""

RESOURCE_POLICY = ("default-src 'none'", "frame-ancestors 'none'")
"""The policy for what is no page, if it is opened in a tab; a first visit loads some fifteen of these."""

FILES_PATH = '/files/'
"""The path prefix of attachments."""

FILE_POLICY = ("default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'none'", 'sandbox')
"""The policy for attachments: nothing in them runs, even when opened in a tab."""


PREVIEW_PATH = '/assets/preview.html'
"""The path of the document in which `ui/js/preview.js` runs HTML of an answer."""

PREVIEW_POLICY = (
    'sandbox allow-scripts',
    "default-src 'none'",
    "script-src 'unsafe-inline'",
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'media-src data: blob:',
    'font-src data:',
    "form-action 'none'",
    "base-uri 'none'",
    "webrtc 'block'",
    'frame-ancestors {origin}',
)
"""What runs there has an origin of its own, and may ask nobody for anything."""


class Nonce:
    """The nonce of one response; only pages use one."""

    def __init__(self) -> None:
        self.value = ''
        """Empty until it is used."""

    def use(self) -> str:
        """Return the nonce for a script of the page."""
        self.value = self.value or secrets.token_urlsafe(16)
        return self.value


class SecurityHeaders:
    """Adds the security headers to every response, also to that of a rejected request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head: RequestHead = scope[HEAD_KEY]
        scope[NONCE_KEY] = nonce = Nonce()

        async def send_secured(message: Message) -> None:
            if message['type'] in ('http.response.start', 'websocket.http.response.start'):
                message.setdefault('headers', [])
                headers = MutableHeaders(scope=message)
                is_page = headers.get('content-type', '').startswith('text/html')
                headers.update(security_headers(head, nonce.value, is_page=is_page))
                del headers['server']
            await send(message)

        await self.app(scope, receive, send_secured)


def security_headers(head: RequestHead, nonce: str, *, is_page: bool) -> dict[str, str]:
    """Return the security headers of a response; `nonce` is empty if its page has no script of its own."""
    is_preview = head.path == PREVIEW_PATH
    policy = PAGE_POLICY if is_page else RESOURCE_POLICY
    if head.path.startswith(FILES_PATH):
        policy = FILE_POLICY
    elif is_preview:
        policy = PREVIEW_POLICY
    headers = {
        **SECURITY_HEADERS,
        'content-security-policy': '; '.join(policy).format(
            nonce=f"'nonce-{nonce}' " if nonce else '', **_own_sources(head)
        ),
    }
    if is_preview:
        headers |= {'x-frame-options': 'SAMEORIGIN', 'x-dns-prefetch-control': 'off'}
    is_trusted = head.scheme == 'https' or head.host_name in LOOPBACK_NAMES
    return headers | TRUSTED_HEADER if is_trusted else headers


def _own_sources(head: RequestHead) -> dict[str, str]:
    """Return what policies call ours.

    They cannot name an IPv6 address but by 'self', which is every path; but no file of a guest is served as a
    script, and no page of ours can be framed.
    """
    if '://[' in head.origin:
        return {'scripts': "'self'", 'preview': "'self'", 'origin': "'self'", 'socket': ''}
    place = f'{head.origin}{quote(head.prefix)}'
    return {
        'scripts': f'{place}/_nicegui/',
        'preview': f'{place}{PREVIEW_PATH}',
        'origin': head.origin,
        'socket': f' {head.origin.replace("http", "ws", 1)}',
    }


def sign_templates() -> None:
    """Have the scripts of NiceGUI's page say the nonce of their response."""
    add_nonce_to_templates(f'request.scope["{NONCE_KEY}"].use()')
