"""The response to a rejected request: a page for people, JSON for programs."""

import asyncio
from html import escape

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

BODYLESS_METHODS = ('GET', 'HEAD', 'OPTIONS')
"""After rejecting any other method the connection is closed, since its body is not read."""

PAGE_TEMPLATE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; --canvas: #fcfbf9; --ink: #211f1b; --ink-2: #5f5a52; --accent: #2c6e5a }}
  @media (prefers-color-scheme: dark) {{
    :root:not([data-theme=light]) {{ --canvas: #1c1b19; --ink: #ebe8e1; --ink-2: #b3ada3; --accent: #74c2a8 }}
  }}
  :root[data-theme=light] {{ color-scheme: light }}
  :root[data-theme=dark] {{
    color-scheme: dark; --canvas: #1c1b19; --ink: #ebe8e1; --ink-2: #b3ada3; --accent: #74c2a8
  }}
  body {{
    box-sizing: border-box; min-height: 100vh; margin: 0; padding: 24px; display: grid; place-content: center;
    background: var(--canvas); color: var(--ink-2); text-align: center; text-wrap: balance;
    font: 15.5px/1.6 Inter, system-ui, sans-serif;
  }}
  h1 {{ margin: 0 0 8px; color: var(--ink); font-size: 27px; line-height: 1.2; letter-spacing: -.024em }}
  p {{ max-width: 34rem; margin: 0 auto }}
  i {{ display: block; width: 12px; height: 12px; margin: 0 auto 24px; rotate: 45deg; border-radius: 3px }}
  i {{ background: var(--accent) }}
</style>
<main>
  <i></i>
  <h1>{title}</h1>
  <p>{sentence}</p>{more}
</main>
</html>
"""
"""It loads nothing else from the server, since the request was rejected."""


class RequestRejected(Exception):
    """A request that is rejected; the sentence tells a person why."""

    def __init__(self, status: int, sentence: str, *, title: str = 'Request refused') -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.title = title


class RejectionResponses:
    """Answers a request that a later station rejects."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except RequestRejected as rejected:
            await _response_to(rejected, scope)(scope, receive, send)
        except asyncio.CancelledError:
            pass  # its session or listener has ended: nobody waits for a response


def _response_to(rejected: RequestRejected, scope: Scope) -> Response:
    if any('text/html' in accepted for accepted in Headers(scope=scope).getlist('accept')):
        response = render_page(rejected.title, rejected.sentence, status=rejected.status)
    else:
        response = JSONResponse({'detail': rejected.sentence}, rejected.status, {'Cache-Control': 'no-store'})
    if scope['type'] == 'http' and scope['method'] not in BODYLESS_METHODS:
        response.headers['Connection'] = 'close'
    return response


def render_page(title: str, sentence: str, *, status: int = 200) -> Response:
    """Render the page of a rejected request."""
    content = PAGE_TEMPLATE.format(title=escape(title), sentence=escape(sentence), more='')
    return HTMLResponse(content, status, {'Cache-Control': 'no-store'})
