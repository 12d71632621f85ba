"""Turns and conversations to store, and a folder to store them in."""

import json
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_ai import Conversation, ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart
from tinydb import TinyDB

from chat.store.data_folder import DataFolder, open_store

if TYPE_CHECKING:
    from chat.store.postgres.storage import PostgresStorage


def turn(prompt: str = 'ping', answer: str = 'pong') -> list[ModelMessage]:
    return [ModelRequest(parts=[UserPromptPart(prompt)]), ModelResponse(parts=[TextPart(answer)])]


def conversation_of(*prompts: str, conversation_id: str | None = None) -> Conversation:
    messages = [message for prompt in prompts for message in turn(prompt)]
    if conversation_id is None:
        return Conversation(messages=messages)
    return Conversation(messages=messages, conversation_id=conversation_id)


def prompts_in(conversation: Conversation | None) -> list[str]:
    assert conversation is not None
    requests = [message for message in conversation.messages if isinstance(message, ModelRequest)]
    return [
        str(part.content)
        for request in requests
        for part in request.parts
        if isinstance(part, UserPromptPart)
    ]


@asynccontextmanager
async def store_in(folder: Path) -> AsyncGenerator[DataFolder]:
    """The data folder, closed at the end."""
    data_folder = await open_store(folder)
    try:
        yield data_folder
    finally:
        await data_folder.close()


@asynccontextmanager
async def postgres_storage(
    url: str, owner: str = 'anna', **settings: Any
) -> AsyncGenerator['PostgresStorage']:
    """The storage of one person in a database, closed at the end."""
    from chat.store.postgres.node import open_node  # here: tests without a database need no psycopg
    from chat.store.postgres.storage import open_storage

    node = await open_node(url, **settings)
    try:
        storage = await open_storage(node, owner)
        try:
            yield storage
        finally:
            await storage.close()
    finally:
        await node.close()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def names_noted(data_folder: DataFolder) -> set[str]:
    """The files of which the person is told that they cannot be read."""
    return {problem.sentence.split(' ')[0] for problem in data_folder.catalog.problems}


def only_file(folder: Path) -> Path:
    """The file of the only conversation."""
    [path] = (folder / 'conversations').glob('*.json')
    return path


def tables_of(path: Path) -> dict[str, Any]:
    """What a file says, without TinyDB."""
    return json.loads(path.read_text(encoding='utf-8'))


@contextmanager
def stock_tinydb(path: Path) -> Generator[Any]:
    """The file as TinyDB opens it without us; `Any`, for TinyDB leaves most of its types open."""
    with TinyDB(path, encoding='utf-8') as database:
        yield database
