"""What each person of a team has open: once for all of their pages, and no longer than it is needed."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from chat.errors import StorageUnavailable
from chat.people import People
from tests.support.clock import on_a_clock

LINGER = 30.0


class Place:
    """What somebody has open."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.is_busy = False
        self.is_closed = False
        self.has_ended = False

    async def shutdown(self) -> None:
        self.has_ended = True


class Team:
    """Opens places, which takes a second, as closing them does."""

    def __init__(self) -> None:
        self.opened: list[Place] = []
        self.problem: Exception | None = None
        self.people = People(self._open, linger=LINGER)

    async def _open(self, user: str, stack: AsyncExitStack) -> Place:
        await asyncio.sleep(1)
        if self.problem:
            raise self.problem
        assert all(place.is_closed for place in self.opened if place.user == user)
        self.opened.append(place := Place(user))
        stack.push_async_callback(self._close, place)
        return place

    async def _close(self, place: Place) -> None:
        await asyncio.sleep(1)
        place.is_closed = True


@on_a_clock
async def test_all_pages_of_a_person_have_the_same_and_nobody_else_has() -> None:
    team = Team()

    async def look(user: str) -> Place:
        async with team.people.visit(user) as place:
            return place

    first, second, other = await asyncio.gather(look('anna'), look('anna'), look('bert'))
    assert first is second
    assert (first.user, other.user) == ('anna', 'bert')
    assert set(team.people.here) == {'anna', 'bert'}
    await team.people.close()


@on_a_clock
async def test_it_is_closed_a_while_after_the_last_page() -> None:
    team = Team()
    async with team.people.visit('anna') as place:
        _, leave = team.people.stay('anna')
    await asyncio.sleep(10 * LINGER)
    assert not place.is_closed
    for _ in range(2):  # NiceGUI may say twice that a page is deleted
        leave()
    await asyncio.sleep(LINGER / 2)
    assert not place.is_closed
    await asyncio.sleep(3 * LINGER)
    assert place.is_closed
    assert team.people.here == {}


@on_a_clock
async def test_a_page_that_is_loaded_anew_finds_it_open() -> None:
    team = Team()
    for _ in range(5):
        async with team.people.visit('anna'):
            pass
        await asyncio.sleep(LINGER - 1)
    assert len(team.opened) == 1
    await team.people.close()


@on_a_clock
async def test_what_is_under_way_is_not_ended() -> None:
    """An answer goes on when every page was closed."""
    team = Team()
    async with team.people.visit('anna') as place:
        place.is_busy = True
    await asyncio.sleep(20 * LINGER)
    assert not place.is_closed
    place.is_busy = False
    await asyncio.sleep(3 * LINGER)
    assert place.is_closed


@on_a_clock
async def test_who_comes_back_while_it_is_being_closed_waits_for_that() -> None:
    team = Team()
    async with team.people.visit('anna') as before:
        pass
    await asyncio.sleep(2 * LINGER + 0.5)
    assert not before.is_closed
    async with team.people.visit('anna') as place:
        assert (before.is_closed, place.is_closed) == (True, False)
    await team.people.close()


@on_a_clock
async def test_what_cannot_be_opened_is_tried_again_by_the_next_one() -> None:
    team = Team()
    team.problem = StorageUnavailable()
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            async with team.people.visit('anna'):
                pass
    assert team.people.here == {}
    team.problem = None
    async with team.people.visit('anna') as place:
        assert place.user == 'anna'
    await team.people.close()


@on_a_clock
async def test_at_the_end_all_is_closed_and_nobody_comes_in() -> None:
    team = Team()
    async with team.people.visit('anna') as place:
        await team.people.shutdown()
        assert (place.has_ended, place.is_closed) == (True, False)
        await team.people.close()
        assert place.is_closed
        with pytest.raises(StorageUnavailable):
            async with team.people.visit('bert'):
                pass
