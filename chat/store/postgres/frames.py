"""What answers have said so far, in pieces: safe if the process dies, and seen by the other nodes.

A frame says how much of the text of before stays, and what follows it: the text is a checkpoint as JSON.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from chat.store.postgres.database import Connection, Database


@dataclass(slots=True)
class _Sent:
    """What is stored of the answer in a conversation."""

    seq: int = 0
    text: str = ''

    def frame(self, text: str) -> tuple[int, int, str]:
        """Return the next number, how much stays, and what follows it."""
        keep = common_length(self.text, text)
        return self.seq + 1, keep, text[keep:]


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

    async def forget(self, conversation: int, *, goes_on: bool = False) -> None:
        """Begin anew with the next text: what was said is to stand in the conversation. None comes late."""
        self._pending.pop(conversation, None)
        if self._flushing:
            await asyncio.wait({self._flushing})
        sent = self._sent.pop(conversation, None)
        if sent and goes_on:
            self._sent[conversation] = _Sent(sent.seq)  # the next frame stands for itself

    async def close(self) -> None:
        """Return when nothing is being stored."""
        if self._flushing:
            await asyncio.wait({self._flushing})

    async def _flush(self) -> None:
        pending, self._pending = self._pending, {}

        async def work(connection: Connection, is_repeated: bool) -> None:
            if is_repeated:  # a database that has crashed may have lost frames that it had confirmed
                for sent in self._sent.values():
                    sent.text = ''
            await self._store(connection, pending)

        await self._database.once(work)

    async def _store(self, connection: Connection, texts: dict[int, str]) -> None:
        frames = [self._sent.get(key, _Sent()).frame(text) for key, text in texts.items()]
        await connection.execute(
            'with begun as (insert into run (conversation, node) select unnest(%s::bigint[]), %s '
            'on conflict do nothing returning id, conversation), '
            'own as (select id, conversation from begun union '
            'select id, conversation from run where conversation = any(%s) and node = %s) '
            'insert into frame (run, seq, keep, tail) select own.id, f.seq, f.keep, f.tail '
            'from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) '
            'as f (conversation, seq, keep, tail) join own using (conversation) on conflict do nothing',
            [
                [key for key in texts if key not in self._sent],
                self._node,
                list(texts),
                self._node,
                list(texts),
                [seq for seq, _, _ in frames],
                [keep for _, keep, _ in frames],
                [tail for _, _, tail in frames],
            ],
        )
        self._database.metrics.frames.inc(len(texts))
        for (key, text), (seq, _, _) in zip(texts.items(), frames, strict=True):
            self._sent[key] = _Sent(seq, text)


def _heard(flushing: asyncio.Task[None]) -> None:
    """Whoever waited may be gone; the next text says all that this one did."""
    if not flushing.cancelled():
        flushing.exception()


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
