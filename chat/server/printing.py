"""GET /print/{conversation_id}: the turns that a page does not hold, for the owner who prints it."""

import asyncio
from collections.abc import Iterator
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from chat.conversation.content.turns import Turn
from chat.conversation.conversation_registry import ConversationRegistry
from chat.errors import ChatError, ConversationNotFound
from chat.server.security.authentication import visitor_in
from chat.sharing.access import Owner

NO_STORE_HEADERS = {'Cache-Control': 'no-store'}


def print_route(registry: ConversationRegistry) -> APIRouter:
    """Return the route, which answers with the `html` of all turns above the one named, as JSON."""
    router = APIRouter()

    @router.get('/print/{conversation_id}')
    async def show(request: Request, conversation_id: str, before: str) -> Response:
        from chat.rendering.links import with_file_prefix

        if not isinstance(visitor_in(request.scope), Owner):
            return JSONResponse({'detail': 'Page not found.'}, status_code=404, headers=NO_STORE_HEADERS)
        try:
            turns = (await registry.open(conversation_id)).turns
        except ConversationNotFound as error:
            return JSONResponse({'detail': str(error)}, status_code=404, headers=NO_STORE_HEADERS)
        except (ChatError, OSError):
            turns = []
        place = next((place for place, turn in enumerate(turns) if turn.id == before), 0)
        pieces: list[str] = []
        for turn in turns[:place]:
            pieces.extend(_html_of(turn))
            await asyncio.sleep(0)  # rendering takes its time, and others are not to wait for all of it
        html = with_file_prefix(''.join(pieces), request.scope.get('root_path', ''))
        return JSONResponse({'html': html}, headers=NO_STORE_HEADERS)

    return router


def _html_of(turn: Turn) -> Iterator[str]:
    """Yield a turn in the words and classes of the page; of files only their names."""
    from chat.rendering.markdown import render_with_images

    yield '<article class="turn user">'
    yield from (f'<p class="attached-file">{escape(attachment.name)}</p>' for attachment in turn.attachments)
    if turn.question.strip():
        yield f'<div class="bubble">{escape(turn.question)}</div>'
    yield '</article><article class="turn assistant"><div class="answer">'
    for part in turn.answer_parts:
        if part.kind in ('text', 'output'):
            yield f'<div class="prose">{render_with_images(part.markdown, part.images)}</div>'
        if part.kind == 'prompt' and part.text.strip():
            yield f'<div class="steering"><div class="bubble">{escape(part.text)}</div></div>'
        yield from (f'<p class="attached-file">{escape(file.name)}</p>' for file in part.files)
    yield '</div>'
    if turn.state in ('stopped', 'failed'):
        yield f'<p class="ending">{escape(turn.failure or "Stopped")}</p>'
    yield '</article>'
