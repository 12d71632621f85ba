"""Reloader: reads again what people hold in memory after a connection was lost, of each by itself."""

import asyncio
import logging
from collections.abc import Sequence

from chat.errors import ChatError
from chat.store.postgres.members import Listener, Member

log = logging.getLogger(__name__)

MAX_CONCURRENT_RELOADS = 3
"""People whose chats are listed anew at a time, so that half of the connections are left for others."""


class Reloader:
    """Reloads each member until that has succeeded; then whoever follows their chats syncs them."""

    def __init__(self, members: Sequence[Member], listeners: Sequence[Listener]) -> None:
        self._members = members
        self._listeners = listeners
        self._waiting: dict[Member, None] = {}
        """Those that have to read, and are not about to."""
        self._reading: dict[Member, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(MAX_CONCURRENT_RELOADS)

    def mark(self) -> None:
        """Have all who are here reloaded: something may have been missed."""
        self._waiting = dict.fromkeys(self._members)

    def begin(self) -> None:
        """Begin with all who have to; those who could not the last time try again."""
        for member in [*self._waiting]:
            if member not in self._reading:
                del self._waiting[member]
                self._reading[member] = asyncio.create_task(self._read(member))

    async def close(self) -> None:
        """End it."""
        tasks = [*self._reading.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _read(self, member: Member) -> None:
        try:
            async with self._slots:
                if member not in self._members:  # they have left
                    return
                await member.reload()
            for listener in self._listeners:
                if listener.owner == member.owner:
                    listener.resync()
        except ChatError as error:
            self._waiting[member] = None
            log.warning('What somebody has was not read anew: %s', error)
        except Exception:  # the border of a task
            self._waiting[member] = None
            log.exception('What somebody has could not be read anew')
        finally:
            del self._reading[member]
