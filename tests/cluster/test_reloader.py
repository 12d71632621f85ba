"""After the database was away each person's lists are read again, whatever becomes of those of others."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from chat.errors import StorageUnavailable
from chat.store.postgres.members import Listener, Member
from chat.store.postgres.reloader import MAX_CONCURRENT_RELOADS, Reloader
from tests.support.timeouts import WAIT_TIMEOUT


@dataclass(eq=False)
class Person:
    """Somebody whose lists are read when a test lets them be; also who follows their chats."""

    owner: str
    failures: list[Exception] = field(default_factory=list[Exception])
    may_read: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    reads: int = 0

    async def reload(self) -> None:
        self.reads += 1
        self.begun.set()
        await self.may_read.wait()
        if self.failures:
            raise self.failures.pop()

    def resync(self) -> None:
        self.synced.set()


def reloader_of(people: Sequence[Person]) -> Reloader:
    parts = cast('Any', people)  # of what a member and a listener are, they have what is asked here
    members: list[Member] = [*parts]
    listeners: list[Listener] = [*parts]
    return Reloader(members, listeners)


async def test_who_could_not_be_read_is_read_again_alone(caplog: pytest.LogCaptureFixture) -> None:
    """At the next beat; those who follow the chats sync them once the lists are there."""
    anna, bert, carla = people = [Person(name) for name in ('anna', 'bert', 'carla')]
    bert.failures = [StorageUnavailable('Away.')]
    carla.failures = [ValueError('A bug.')]
    reading = reloader_of(people)
    for person in people:
        person.may_read.set()
    reading.mark()
    reading.begin()
    async with asyncio.timeout(WAIT_TIMEOUT):
        await anna.synced.wait()
        while not (bert.synced.is_set() and carla.synced.is_set()):
            await asyncio.sleep(0)
            reading.begin()
    assert [person.reads for person in people] == [1, 2, 2]
    assert 'Away.' in caplog.text
    assert 'A bug.' in caplog.text


async def test_few_are_read_at_once_and_again_if_more_was_missed() -> None:
    people = [Person(str(number)) for number in range(MAX_CONCURRENT_RELOADS + 1)]
    reading = reloader_of(people)
    reading.mark()
    reading.begin()
    await asyncio.gather(*(person.begun.wait() for person in people[:MAX_CONCURRENT_RELOADS]))
    reading.mark()
    reading.begin()
    assert [person.reads for person in people] == [1] * MAX_CONCURRENT_RELOADS + [0]
    for person in people:
        person.may_read.set()
    async with asyncio.timeout(WAIT_TIMEOUT):
        while [person.reads for person in people] != [2] * len(people):
            await asyncio.sleep(0)
            reading.begin()
    await reading.close()


async def test_closing_ends_what_is_read() -> None:
    [anna] = people = [Person('anna')]
    reading = reloader_of(people)
    reading.mark()
    reading.begin()
    await anna.begun.wait()
    await reading.close()
    assert not anna.synced.is_set()
