"""People: what each person of a team has open here, from their first page to a while after their last one."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from chat.errors import StorageUnavailable

log = logging.getLogger(__name__)

LINGER_TIME = 30.0
"""Seconds after which what somebody has open is closed if nothing of theirs is open or under way."""

CLOSING = 'This Parlour is being stopped. Load the page again in a moment.'


class Opened(Protocol):
    """What one person has open."""

    @property
    def is_busy(self) -> bool:
        """Whether something goes on that would be lost: an answer, an import, a temporary chat."""
        ...

    async def shutdown(self) -> None:
        """End what is under way, because the process ends; twice does no harm."""
        ...


OpenedT = TypeVar('OpenedT', bound=Opened)

Open = Callable[[str, AsyncExitStack], Awaitable[OpenedT]]
"""Opens what the person of this name has; the stack closes it."""


@dataclass(eq=False)
class _Person(Generic[OpenedT]):
    """One person, as long as something of theirs is open."""

    opened: asyncio.Future[OpenedT]
    task: asyncio.Task[None] | None = None
    holds: int = 0
    """How many pages and requests there are."""
    changes: int = 0
    """How often one began or ended."""
    is_leaving: bool = False

    def enter(self) -> None:
        self.holds += 1
        self.changes += 1

    def leave(self) -> None:
        self.holds -= 1
        self.changes += 1


class People(Generic[OpenedT]):
    """Everybody who is here, each with one thing open for all of their pages. For the event loop only."""

    def __init__(self, open_person: Open[OpenedT], *, linger: float = LINGER_TIME) -> None:
        """Open nothing yet; after `linger` seconds without use something is closed."""
        self._open = open_person
        self._linger = linger
        self._people: dict[str, _Person[OpenedT]] = {}
        self._is_closing = asyncio.Event()

    @property
    def here(self) -> dict[str, OpenedT]:
        """What is open, by names."""
        people = self._people.items()
        return {
            user: person.opened.result()
            for user, person in people
            if person.opened.done() and not person.opened.cancelled() and not person.opened.exception()
        }

    @asynccontextmanager
    async def visit(self, user: str) -> AsyncGenerator[OpenedT]:
        """Have what somebody has open, at least as long as the block runs.

        Raises:
            StorageUnavailable: If it cannot be opened now.
        """
        person = await self._enter(user)
        try:
            yield person.opened.result()
        finally:
            person.leave()

    def stay(self, user: str) -> tuple[OpenedT, Callable[[], None]]:
        """Have what somebody has open stay so until what is returned is called; they must be visiting."""
        person, is_here = self._people[user], [True]
        person.enter()

        def leave() -> None:
            if is_here:  # else it was called before
                is_here.clear()
                person.leave()

        return person.opened.result(), leave

    async def shutdown(self) -> None:
        """End what is under way in all that is open, because the process ends."""
        await asyncio.gather(*(opened.shutdown() for opened in self.here.values()))

    async def close(self) -> None:
        """Close all that is open, and open nothing more."""
        self._is_closing.set()
        if tasks := [person.task for person in self._people.values() if person.task]:
            await asyncio.wait(tasks)

    async def _enter(self, user: str) -> _Person[OpenedT]:
        while (person := self._people.get(user)) and person.is_leaving and person.task:
            await asyncio.wait([person.task])
        if self._is_closing.is_set():
            raise StorageUnavailable(CLOSING)
        if person is None:
            person = self._people[user] = _Person(asyncio.get_running_loop().create_future())
            person.task = asyncio.create_task(self._keep(user, person), name='keep what somebody has open')
        person.enter()
        try:
            await asyncio.shield(person.opened)
        except BaseException:
            person.leave()
            raise
        return person

    async def _keep(self, user: str, person: _Person[OpenedT]) -> None:
        """Open it, and close it when nobody needs it any more."""
        try:
            async with AsyncExitStack() as stack:
                try:
                    opened = await self._open(user, stack)
                except Exception as error:  # noqa: BLE001  # whoever has asked for it gets it
                    person.is_leaving = True
                    person.opened.set_exception(error)
                    person.opened.exception()  # whoever has asked may be gone
                    return
                person.opened.set_result(opened)
                await self._wait_until_left(person, opened)
                person.is_leaving = True
        except Exception:  # the border of a task
            log.exception('What somebody had open was not closed as it should be')
        finally:
            del self._people[user]

    async def _wait_until_left(self, person: _Person[OpenedT], opened: OpenedT) -> None:
        seen = -1
        while seen != person.changes or person.holds or opened.is_busy:
            seen = person.changes
            try:
                async with asyncio.timeout(self._linger):
                    await self._is_closing.wait()
                return
            except TimeoutError:
                pass  # it is time to look again
