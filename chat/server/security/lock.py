"""While it is locked the owner gets one page, which asks for the passcode, and no open socket goes on."""

import asyncio
from contextlib import suppress
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.errors import PasscodeRefused
from chat.immediate_frames import guard
from chat.server.security.csp import NONCE_KEY, Nonce
from chat.server.security.error_page import PAGE_TEMPLATE, RequestRejected
from chat.server.security.request_head import HEAD_KEY, SESSION_KEY, RequestHead
from chat.server.security.request_limits import GOING_AWAY_CODE
from chat.sharing.access import Guest, Session
from chat.sharing.lock import FORGOTTEN_HINT, MAX_PASSCODE_LENGTH, Lock

UNLOCK_PATH = '/unlock'
"""GET says whether it is locked; POST takes the passcode as its body."""

OPEN_PATHS = ('/healthz', '/front', '/favicon.ico')
OPEN_PREFIX = '/assets/'
"""What has nothing of a chat."""

LOCKED_STATUS = 423

LOCKED_SENTENCE = 'Parlour is locked. Open its page and enter the passcode.'

MAX_BODY_BYTES = 4 * MAX_PASSCODE_LENGTH

LOCKED_FRAME = '42["locked"]'
"""The Socket.IO event at which a page empties itself; see `lock_watch.js`."""

LOCK_FORM = """
  <style>
    form {{ display: flex; gap: 8px; justify-content: center; margin: 24px 0 12px }}
    input, button {{ font: inherit; padding: 8px 14px; border-radius: 10px; border: 1px solid var(--ink-2) }}
    input {{ width: 12rem; min-width: 0; background: transparent; color: var(--ink) }}
    button {{ background: var(--accent); color: var(--canvas); font-weight: 600 }}
    button:disabled {{ opacity: .6 }}
    :focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px }}
    [role=alert] {{ min-height: 1.6em; color: var(--ink) }}
    details {{ max-width: 34rem; margin: 24px auto 0; font-size: 14px }}
    summary {{ cursor: pointer }}
  </style>
  <form>
    <input type="password" aria-label="Passcode" placeholder="Passcode" autocomplete="current-password"
      maxlength="{length}" required autofocus data-testid="unlock-passcode">
    <button data-testid="unlock">Unlock</button>
  </form>
  <p role="alert" data-testid="unlock-problem"></p>
  <details><summary>Forgot the passcode?</summary><p>{hint}</p></details>
  <script nonce="{nonce}">{script}</script>
"""

LOCK_SCRIPT = """
  const address = "{address}";
  try {{
    const theme = localStorage.getItem("parlour-theme");
    if (theme) document.documentElement.dataset.theme = theme;
  }} catch {{}}
  const form = document.forms[0];
  const [field, button] = form.elements;
  const said = document.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {{
    event.preventDefault();
    button.disabled = true;
    try {{
      const headers = {{ "content-type": "text/plain" }};
      const answer = await fetch(address, {{ method: "POST", headers, body: field.value }});
      if (answer.ok) return location.reload();
      said.textContent = (await answer.json()).detail;
    }} catch {{
      said.textContent = "Parlour cannot be reached. Is it running?";
    }}
    button.disabled = false;
    field.value = "";
    field.focus();
  }});
  async function look() {{
    if (document.hidden) return;
    const answer = await fetch(address, {{ cache: "no-store" }}).catch(() => null);
    if (answer?.ok && !(await answer.json()).is_locked) location.reload();
  }}
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
"""
"""A page that comes to the front finds out that it was unlocked elsewhere."""


class LockedPages:
    """Passes on the requests of the owner while nothing is locked, and ends those that were let in before.

    Guests pass always: what was shared with them stays so.
    """

    def __init__(self, app: ASGIApp, lock: Lock) -> None:
        self.app = app
        self._lock = lock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session: Session = scope[SESSION_KEY]
        head: RequestHead = scope[HEAD_KEY]
        is_open = head.path in OPEN_PATHS or head.path.startswith(OPEN_PREFIX)
        if isinstance(session.visitor, Guest) or is_open:
            await self.app(scope, receive, send)
        elif head.kind == 'http' and head.path == UNLOCK_PATH:
            await (await self._unlock(Request(scope, receive)))(scope, receive, send)
        elif self._lock.is_locked and _wants_page(head):
            await _lock_page(head, scope[NONCE_KEY])(scope, receive, send)
        elif self._lock.is_locked:
            raise RequestRejected(LOCKED_STATUS, LOCKED_SENTENCE, title='Locked')
        else:
            passage = Passage(receive, send, is_socket=head.kind == 'websocket')
            guard(scope, lambda: passage.is_open)
            await self._let_in(scope, passage)

    async def _let_in(self, scope: Scope, passage: 'Passage') -> None:
        """Run the app until it has answered, or this is locked.

        Raises:
            RequestRejected: If that is before anything was answered.
        """
        with self._lock.calls_when_locked(passage.end):
            try:
                await self.app(scope, passage.receive, passage.send)
            except asyncio.CancelledError:
                if passage.is_open or passage.has_started:
                    raise
                raise RequestRejected(LOCKED_STATUS, LOCKED_SENTENCE, title='Locked') from None
            finally:
                await passage.wait_until_told()

    async def _unlock(self, request: Request) -> Response:
        headers = {'Cache-Control': 'no-store'}
        if request.method != 'POST':
            return JSONResponse({'is_locked': self._lock.is_locked}, headers=headers)
        body = b''
        with suppress(ClientDisconnect):
            async for piece in request.stream():
                body = (body + piece)[: MAX_BODY_BYTES + 1]
        try:
            await self._lock.unlock(body.decode(errors='replace'))
        except PasscodeRefused as error:
            return JSONResponse({'detail': str(error)}, status_code=403, headers=headers)
        return JSONResponse({'is_locked': False}, headers=headers)


class Passage:
    """A request or a websocket of the owner that was let in; create it in the task that runs it."""

    def __init__(self, receive: Receive, send: Send, *, is_socket: bool) -> None:
        self.is_open = True
        self.has_started = False
        """Whether anything was answered."""
        self._receive = receive
        self._send = send
        self._is_socket = is_socket
        self._task = asyncio.current_task()
        self._telling: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        if not self.is_open and self._is_socket:
            return {'type': 'websocket.disconnect', 'code': GOING_AWAY_CODE}
        return message

    async def send(self, message: Message) -> None:
        if self.is_open:
            self.has_started = True
            await self._send(message)

    def end(self) -> None:
        """Send nothing more of the app from now on, and end; a page is told to empty itself."""
        self.is_open = False
        if self._is_socket:
            self._telling = asyncio.create_task(self._tell(), name='tell a page that it is locked')
        elif self._task:
            self._task.cancel()

    async def wait_until_told(self) -> None:
        """Wait until a page that is to be told has been."""
        if self._telling:
            await asyncio.wait([self._telling])

    async def _tell(self) -> None:
        with suppress(OSError, RuntimeError):  # the page may have closed it meanwhile
            if self.has_started:
                await self._send({'type': 'websocket.send', 'text': LOCKED_FRAME})
            await self._send({'type': 'websocket.close', 'code': GOING_AWAY_CODE})


def _wants_page(head: RequestHead) -> bool:
    return head.kind == 'http' and 'text/html' in head.headers.get('accept', '')


def _lock_page(head: RequestHead, nonce: Nonce) -> Response:
    """Return the page that asks for the passcode, at whatever address it was asked for."""
    form = LOCK_FORM.format(
        length=MAX_PASSCODE_LENGTH,
        hint=FORGOTTEN_HINT,
        nonce=nonce.use(),
        script=LOCK_SCRIPT.format(address=f'{quote(head.prefix)}{UNLOCK_PATH}'),
    )
    content = PAGE_TEMPLATE.format(
        title='Parlour', sentence='Locked. Answers that were begun go on.', more=form
    )
    return HTMLResponse(content, LOCKED_STATUS, {'Cache-Control': 'no-store'})
