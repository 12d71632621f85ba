"""A speech that a test gives word by word."""

import asyncio
from collections.abc import AsyncIterator

from pydantic_ai import ModelMessage
from pydantic_ai.models.function import DeltaThinkingCalls


class ScriptedStream:
    """A speech that says what it is told, when it is told, until it is told to end."""

    def __init__(self) -> None:
        self._pieces = asyncio.Queue[str | None]()

    def send(self, piece: str) -> None:
        self._pieces.put_nowait(piece)

    def finish(self) -> None:
        self._pieces.put_nowait(None)

    async def __call__(self, _: list[ModelMessage]) -> AsyncIterator[str | DeltaThinkingCalls]:
        while (piece := await self._pieces.get()) is not None:
            yield piece
