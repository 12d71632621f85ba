"""What answers have said so far, in pieces: safe if the process dies, and seen by the other nodes.

A frame says how much of the text of before stays, and what follows it: the text is a checkpoint as JSON.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from chat.store.postgres.database import Database


@dataclass(slots=True)
class _Sent:
    """What is stored of the answer in a conversation."""

    seq: int = 0
    text: str = ''


class FrameWriter:
    """Stores the frames of all answers of a node: those that come while it stores go with the next statement.

    So a database that is slow makes frames fewer, and never a queue.
    """

    def __init__(self, database: Database, node: str) -> None:
        self._database = database
        self._node = node
        self._sent: dict[int, _Sent] = {}
        """By the key of the conversation."""
        self._pending: dict[int, str] = {}
        self._flushing: asyncio.Task[None] | None = None

    async def write(self, conversation: int, text: str) -> None:
        """Return once this text is stored, or a later one; a run of another node is left alone.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        self._pending[conversation] = text
        if self._flushing and not self._flushing.done():
            await asyncio.shield(self._flushing)  # what it has begun with is older
        if conversation in self._pending:
            if self._flushing is None or self._flushing.done():
                self._flushing = asyncio.create_task(self._flush())
                self._flushing.add_done_callback(_heard)
            await asyncio.shield(self._flushing)

    async def forget(self, conversation: int) -> None:
        """Begin anew with the next text: what was said is to stand in the conversation. None comes late."""
        self._pending.pop(conversation, None)
        if self._flushing:
            await asyncio.wait({self._flushing})
        self._sent.pop(conversation, None)

    async def close(self) -> None:
        """Return when nothing is being stored."""
        if self._flushing:
            await asyncio.wait({self._flushing})

    async def _flush(self) -> None:
        pending, self._pending = self._pending, {}
        keys, frames = list(pending), list[tuple[int, int, str]]()
        for key in keys:
            sent = self._sent.get(key)
            keep = common_length(sent.text, pending[key]) if sent else 0
            frames.append((sent.seq + 1 if sent else 1, keep, pending[key][keep:]))
        new = [key for key in keys if key not in self._sent]
        await self._database.execute(
            'with begun as (insert into run (conversation, node) select unnest(%s::bigint[]), %s '
            'on conflict do nothing returning id, conversation), '
            'own as (select id, conversation from begun union '
            'select id, conversation from run where conversation = any(%s) and node = %s) '
            'insert into frame (run, seq, keep, tail) select own.id, f.seq, f.keep, f.tail '
            'from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) '
            'as f (conversation, seq, keep, tail) join own using (conversation) on conflict do nothing',
            *(new, self._node, keys, self._node, keys, *_columns(frames)),
        )
        for key, (seq, _, _) in zip(keys, frames, strict=True):
            self._sent[key] = _Sent(seq, pending[key])


def _heard(flushing: asyncio.Task[None]) -> None:
    """Whoever waited may be gone; the next text says all that this one did."""
    if not flushing.cancelled():
        flushing.exception()


def _columns(frames: Iterable[tuple[int, int, str]]) -> tuple[list[int], list[int], list[str]]:
    rows = list(frames)
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def common_length(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning.

    By halves: comparing slices is much quicker than comparing characters.
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def text_of_frames(frames: Iterable[tuple[int, str]]) -> str:
    """Return the text that frames say, each by what it keeps and what follows."""
    text = ''
    for keep, tail in frames:
        text = text[:keep] + tail
    return text
