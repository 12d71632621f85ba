"""GET and POST /chat/: the interface of pydantic-ai's chat app example, on the same conversations.

Each line of an answer is one JSON object, `{"role": "user"|"model", "timestamp": ISO 8601, "content": text}`.
A client replaces what it shows under a timestamp when a line with the same one comes.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_URL, uuid4, uuid5

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic_ai import ModelResponse, UserPromptPart
from starlette.exceptions import HTTPException

from chat.conversation.content.messages import MAX_PROMPT_LENGTH
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.errors import (
    ChatError,
    ConversationBusy,
    ConversationNotFound,
    PromptEmpty,
    PromptTooLong,
    StorageUnavailable,
)

DEFAULT_CONVERSATION_ID = str(uuid5(NAMESPACE_URL, 'parlour:/chat/'))
"""The conversation of programs that name none."""

WAITING_SENTENCE = 'This waits for a decision, which can be made on the page of this chat.'
"""The end of an answer that needs a person."""

UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)

FRAME_INTERVAL = 0.05
"""Seconds from one line of a growing answer to the next."""

STATUS_BY_ERROR: dict[type[ChatError], int] = {
    ConversationNotFound: 404,
    ConversationBusy: 409,
    PromptEmpty: 422,
    PromptTooLong: 422,
    StorageUnavailable: 503,
}


def chat_routes(registry: ConversationRegistry) -> APIRouter:
    """Return the routes of the interface."""
    router = APIRouter()

    @router.get('/chat/')
    async def history(conversation: str | None = None) -> Response:
        try:
            live = await _open_conversation(registry, conversation)
        except ChatError as error:
            return _refusal(error)
        return PlainTextResponse('\n'.join(line for turn in live.turns for line in _lines(turn)))

    @router.post('/chat/')
    async def ask(request: Request, conversation: str | None = None) -> Response:
        try:
            live = await _open_conversation(registry, conversation)
            prompt = await _prompt(request)
            if live.is_running:  # no program waits in the queue
                raise ConversationBusy
            live.send(prompt, turn_id=(turn_id := str(uuid4())))  # which may not be the last one yet
        except ChatError as error:
            return _refusal(error)
        return StreamingResponse(_stream_lines(live, turn_id), media_type='text/plain')

    return router


async def _open_conversation(registry: ConversationRegistry, conversation_id: str | None) -> LiveConversation:
    try:
        return await registry.open(conversation_id or DEFAULT_CONVERSATION_ID)
    except ConversationNotFound:
        if conversation_id:
            raise
        return registry.get(DEFAULT_CONVERSATION_ID) or registry.new(
            DEFAULT_CONVERSATION_ID, metadata=ConversationMetadata(title='API')
        )


async def _prompt(request: Request) -> str:
    """Return the form field `prompt`; a missing one is as good as an empty one."""
    try:
        async with request.form(max_part_size=4 * MAX_PROMPT_LENGTH + 1024) as form:
            prompt = form.get('prompt')
    except HTTPException:  # what the parser makes of a part that is too large, or of a broken form
        raise PromptTooLong(
            f'The form cannot be read, or its prompt is over {MAX_PROMPT_LENGTH:,} characters.'
        ) from None
    return prompt if isinstance(prompt, str) else ''


async def _stream_lines(live: LiveConversation, turn_id: str) -> AsyncIterator[str]:
    """Yield the prompt, then the answer again and again until it has ended."""
    sent: list[str] = []
    while True:
        change_count = live.changed.count
        turn = next((turn for turn in live.turns if turn.id == turn_id), None)
        if turn is None:  # another node is answering, and asks it after that
            await live.changed.wait(change_count)
            continue
        lines = _lines(turn)
        for line in lines:
            if line not in sent:
                yield line + '\n'
        sent = lines
        if not turn.is_running:
            return
        await asyncio.sleep(FRAME_INTERVAL)
        await live.changed.wait(change_count)


def _lines(turn: Turn) -> list[str]:
    """Return one line for the prompt, and one for the answer as soon as there is something to show."""
    prompts = (part for part in turn.prompt.parts if isinstance(part, UserPromptPart))
    asked_at = next((part.timestamp for part in prompts), UNKNOWN_TIME)
    lines = [] if turn.is_opening else [_line('user', asked_at, turn.question)]
    waiting = WAITING_SENTENCE if turn.state == 'needs-approval' else ''
    text = '\n\n'.join(piece for piece in (turn.text, turn.failure, waiting) if piece)
    if text.strip():
        responses = (message for message in turn.answer if isinstance(message, ModelResponse))
        first = next(responses, None)
        lines.append(_line('model', first.timestamp if first else asked_at + timedelta(microseconds=1), text))
    return lines


def _line(role: Literal['user', 'model'], timestamp: datetime, content: str) -> str:
    return json.dumps({'role': role, 'timestamp': timestamp.isoformat(), 'content': content})


def _refusal(error: ChatError) -> JSONResponse:
    return JSONResponse({'detail': str(error)}, status_code=STATUS_BY_ERROR.get(type(error), 400))
