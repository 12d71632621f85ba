"""What somebody has set at one node holds at the others at once, where they have pages open too."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from chat.change_signal import ChangeSignal
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, EntryCollection, Library, SavedPrompt, open_library
from chat.conversation.content.waiting import AllowedTool
from chat.storage_opening import follow_others
from chat.store.postgres.node import Node, open_node
from chat.store.postgres.storage import PostgresStorage, open_storage
from tests.support.postgres import address_at
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT

TOOL = AllowedTool(agent='', tool='delete')


@dataclass(frozen=True)
class Desk:
    """What one person has set, at one node."""

    storage: PostgresStorage
    preferences: PreferencesStore
    library: Library


@asynccontextmanager
async def storage_at(node: Node, owner: str = 'anna') -> AsyncGenerator[PostgresStorage]:
    storage = await open_storage(node, owner)
    try:
        yield storage
    finally:
        await storage.close()


@asynccontextmanager
async def desk_at(url: str, *, owner: str = 'anna') -> AsyncGenerator[Desk]:
    node = await open_node(url, beat=0.05)
    try:
        async with storage_at(node, owner) as storage:
            yield await desk_of(storage)
    finally:
        await node.close()


async def desk_of(storage: PostgresStorage) -> Desk:
    folders = EntryCollection(await storage.folders.read(), storage.folders)
    preferences = PreferencesStore(await storage.preferences.read(), storage.preferences.write, folders)
    library = await open_library(storage.assistants, storage.prompts)
    await follow_others(storage, preferences, library)
    return Desk(storage, preferences, library)


async def until(changed: ChangeSignal, holds: Callable[[], bool]) -> None:
    """Return as soon as something holds of what is told of."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not holds():
            await changed.wait(changed.count)


async def test_what_is_set_at_one_node_holds_at_the_others(postgres_url: str) -> None:
    """Whoever looks is told as if it had been set there; nobody else is."""
    async with (
        desk_at(postgres_url) as phone,
        desk_at(postgres_url) as office,
        desk_at(postgres_url, owner='bert') as other,
    ):
        there = office.preferences
        await phone.preferences.update(
            lambda now: replace(now, instructions='Be brief.').with_allowed_tool(TOOL)
        )
        await until(there.changed, lambda: there.current == phone.preferences.current)
        assert there.current.allowed_tools == (TOOL,)
        cook = Assistant(name='Cook')
        for collection, theirs, entry in (
            (phone.library.assistants, office.library.assistants, cook),
            (phone.library.prompts, office.library.prompts, SavedPrompt(name='Greet', text='Hello')),
            (phone.preferences.folders, there.folders, ChatFolder(name='Work')),
        ):
            await collection.put(entry)  # pyright: ignore[reportArgumentType]  # each its own
            await until(theirs.changed, lambda theirs=theirs: bool(theirs.entries))
            assert theirs.entries == [entry]
        await office.library.assistants.put(replace(cook, name='Chef'))
        collection = phone.library.assistants
        await until(collection.changed, lambda: [each.name for each in collection.entries] == ['Chef'])
        await collection.remove(cook)
        await until(office.library.assistants.changed, lambda: not office.library.assistants.entries)
        assert other.preferences.changed.count == other.library.assistants.changed.count == 0


async def test_of_two_settings_that_change_at_once_both_stay(postgres_url: str) -> None:
    """Each node stores what was changed there, and what the other one has stored stays."""
    async with desk_at(postgres_url) as phone, desk_at(postgres_url) as office:
        await asyncio.gather(
            phone.preferences.update(lambda now: replace(now, instructions='Be brief.')),
            phone.preferences.update(lambda now: replace(now, limit_day=5)),
            office.preferences.update(lambda now: replace(now, send_key='mod-enter')),
        )
        for each in (phone.preferences, office.preferences):
            await until(
                each.changed,
                lambda each=each: (
                    (each.current.instructions, each.current.limit_day, each.current.send_key)
                    == ('Be brief.', 5, 'mod-enter')
                ),
            )


async def test_what_was_set_while_a_node_was_away_is_read_later(postgres_url: str) -> None:
    async with (
        TcpProxy(postgres_url) as line,
        desk_at(postgres_url) as phone,
        desk_at(address_at(line, postgres_url)) as office,
    ):
        line.go_down()
        await phone.preferences.update(lambda now: replace(now, instructions='Be brief.'))
        await phone.library.assistants.put(Assistant(name='Cook'))
        line.is_down = False
        there = office.preferences
        await until(there.changed, lambda: there.current.instructions == 'Be brief.')
        collection = office.library.assistants
        await until(collection.changed, lambda: [each.name for each in collection.entries] == ['Cook'])


async def test_what_changes_while_somebody_comes_is_not_missed(postgres_url: str) -> None:
    """Between what is read of their settings, and the moment from which on these follow."""
    async with desk_at(postgres_url) as phone, desk_at(postgres_url) as office:
        node = office.storage.node
        async with storage_at(node) as coming, storage_at(node) as beside:
            preferences = PreferencesStore(await coming.preferences.read(), coming.preferences.write)
            there = (await desk_of(beside)).preferences
            await phone.preferences.update(lambda now: replace(now, instructions='Be brief.'))
            await until(there.changed, lambda: bool(there.current.instructions))  # so both have heard of it
            await follow_others(coming, preferences, Library(EntryCollection(), EntryCollection()))
            assert preferences.current.instructions == 'Be brief.'
