"""Chats to export and import, and what does both for a test."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pydantic_ai import Conversation, ModelResponse, TextPart, ThinkingPart, ToolCallPart, ToolReturnPart
from pydantic_ai.messages import ModelRequest

from chat.conversation.content.messages import prompt_message
from chat.conversation.content.metadata import ConversationMetadata
from chat.exchange.export import Export
from chat.exchange.export_formats import ExportFormat
from chat.exchange.import_job import Import
from chat.exchange.imports import Imports
from chat.storage import Storage
from tests.support.files import png
from tests.support.timeouts import WAIT_TIMEOUT

PICTURE = png() + bytes(range(256)) * 12
"""Too long to stand in the JSON."""


async def exported(storage: Storage, export_format: ExportFormat, *chats: str) -> bytes:
    """The file of an export of these chats, of all if none is named."""
    ids = chats or sorted(summary.conversation_id for summary in storage.catalog.summaries)
    file = await Export(reader=storage.whole, chats=ids, format=export_format).open()
    return b''.join([piece async for piece in file.content])


async def read(storage: Storage, paths: Sequence[Path], *, opened: str = '') -> tuple[Imports, Import]:
    """An import that has looked at its files."""
    imports = Imports(storage, is_open=lambda each: each == opened)
    job = imports.begin(paths)
    await ended(imports)
    return imports, job


async def imported(storage: Storage, *paths: Path, opened: str = '') -> Import:
    """An import that has come to its end."""
    imports, job = await read(storage, paths, opened=opened)
    imports.start()
    await ended(imports)
    return job


async def ended(imports: Imports) -> None:
    async with asyncio.timeout(WAIT_TIMEOUT):
        while imports.is_busy:
            await imports.changed.wait()


async def write_cat(storage: Storage) -> str:
    """A chat with a picture, a tool and a thought; its id."""
    attachment = await storage.attachments.save('cat ü.png', PICTURE)
    files = await storage.attachments.read([attachment])
    messages = [
        prompt_message('What is this?', attachments=files),
        ModelResponse(
            parts=[ThinkingPart('Look.'), ToolCallPart('zoom', {'to': 2}, tool_call_id='c1')],
            model_name='gpt-6.1',
        ),
        ModelRequest(parts=[ToolReturnPart('zoom', 'a cat', tool_call_id='c1')]),
        ModelResponse(
            parts=[TextPart('# A cat\n\nSee $x^2$ and\n\n```python\nprint("```")\n')], model_name='gpt-6.1'
        ),
    ]
    conversation = Conversation(messages=messages)
    metadata = ConversationMetadata(title='A <script>cat</script>: 1/2', instructions='Be exact.')
    await storage.conversations.write_metadata(conversation.conversation_id, metadata)
    await storage.conversations.save(conversation)
    return conversation.conversation_id
