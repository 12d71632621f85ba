"""What answers have said so far, in pieces: safe if the process dies, and seen by the other nodes.

A frame says how much of the text of before stays, and what follows it: the text is a checkpoint as JSON.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from chat.errors import StorageUnavailable
from chat.store.postgres.database import FIRST_PAUSE, LAST_PAUSE, Connection
from chat.store.postgres.own_connection import OwnConnection
from chat.store.tinydb_storage.journal import common_prefix_length


@dataclass(slots=True)
class _Said:
    """What is stored of a run."""

    seq: int = 0
    """The number of its last frame: each is used once, also if storing it has failed."""
    text: str = ''


class FrameWriter:
    """Stores the frames of all runs of a node: those that come while it stores go with the next statement.

    So a database that is slow makes frames fewer, and never a queue. A crash of it may lose frames that were
    stored, since they wait for no disk: at a new connection each run says all again, in one frame.
    """

    def __init__(self, connection: OwnConnection, node: str, *, retry_time: float) -> None:
        self._connection = connection
        self._node = node
        self._retry_time = retry_time
        self._said: dict[int, _Said] = {}
        """By the number of the run."""
        self._pending: dict[int, str] = {}
        self._flushing: asyncio.Task[None] | None = None

    async def write(self, run: int, text: str) -> None:
        """Return once this text is stored, or a later one; a run of another node is left alone.

        Raises:
            StorageUnavailable: If the database is away for too long; what follows has it, too.
        """
        self._said.setdefault(run, _Said())
        self._pending[run] = text
        if self._flushing and not self._flushing.done():
            await asyncio.shield(self._flushing)  # what it has begun with is older
        if run in self._pending:
            await asyncio.shield(self._begin())

    def say_again(self) -> None:
        """Store all that is said anew: the database may have lost some of it."""
        for run, said in self._said.items():
            text, said.text = said.text, ''
            self._pending.setdefault(run, text)
        if self._pending:
            self._begin()

    async def forget(self, run: int) -> None:
        """Store nothing more of a run: what it has said is to stand in the conversation. None comes late."""
        self._pending.pop(run, None)
        self._said.pop(run, None)
        if self._flushing:
            await asyncio.wait({self._flushing})

    async def close(self) -> None:
        """End what is being stored."""
        self._pending.clear()
        self._said.clear()
        if self._flushing:
            self._flushing.cancel()
            await asyncio.wait({self._flushing})
        await self._connection.close()

    def _begin(self) -> asyncio.Task[None]:
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
            self._flushing.add_done_callback(_heard)
        return self._flushing

    async def _flush(self) -> None:
        clock = asyncio.get_running_loop().time
        deadline, pause = clock() + self._retry_time, FIRST_PAUSE
        while texts := self._take():
            try:
                await self._connection.run(partial(self._store, texts))
                return
            except StorageUnavailable:
                self._pending = {**texts, **self._pending}
                if clock() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)

    def _take(self) -> Mapping[int, str]:
        pending, self._pending = self._pending, {}
        return {run: text for run, text in pending.items() if run in self._said}

    async def _store(self, texts: Mapping[int, str], connection: Connection, is_new: bool) -> None:
        if is_new:
            texts = {**{run: said.text for run, said in self._said.items()}, **texts}
            for said in self._said.values():
                said.text = ''
        known = ((run, text) for run, text in texts.items() if run in self._said)  # others ended meanwhile
        frames = [self._frame(run, text) for run, text in known if text != self._said[run].text]
        if frames:
            columns = [list(column) for column in zip(*frames, strict=True)]
            await connection.execute(
                'insert into frame (run, seq, keep, tail) select f.run, f.seq, f.keep, f.tail '
                'from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) '
                'as f (run, seq, keep, tail) join run r on r.id = f.run and r.node = %s',
                [*columns, self._node],
            )
            self._connection.metrics.frames.inc(len(frames))
        for run, text in texts.items():
            if said := self._said.get(run):
                said.text = text

    def _frame(self, run: int, text: str) -> tuple[int, int, int, str]:
        """Return the run, the next number, how much stays, and what follows it."""
        said = self._said[run]
        said.seq += 1
        keep = common_prefix_length(said.text, text)
        return run, said.seq, keep, text[keep:]


def _heard(flushing: asyncio.Task[None]) -> None:
    """Whoever waited may be gone; the next text says all that this one did."""
    if not flushing.cancelled():
        flushing.exception()


def text_of_frames(frames: Iterable[tuple[int, str]]) -> str:
    """Return the text that frames say, each by what it keeps and what follows."""
    text = ''
    for keep, tail in frames:
        text = text[:keep] + tail
    return text
