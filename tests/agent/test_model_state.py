"""Models as state: all read the same snapshot, wait for the same change, and ask a server once."""

import asyncio
from dataclasses import FrozenInstanceError

import pytest
from pydantic import SecretStr

from chat.agent.added_servers import AddedServer, AddedServers, ServerDescription, as_model_server
from chat.agent.api_keys import ApiKeys
from chat.agent.model_catalog import ModelCatalog
from chat.agent.providers import PROVIDERS
from chat.agent.servers import ModelServer
from chat.store.settings_files import server_key
from tests.agent.small_server import Answer, model_list, serving
from tests.support.memory_storage import MemoryApiKeys
from tests.support.memory_values import MemoryValues
from tests.support.timeouts import WAIT_TIMEOUT

OPENAI = next(provider for provider in PROVIDERS if provider.prefix == 'openai')
LISTED = {'/v1/models': model_list('llama3')}


LOADING = {'/v1/models': Answer(body='{"error": {"message": "Loading model"}}', status=503)}


class Pauses:
    """A way to wait: each time until the test says that the seconds are over."""

    def __init__(self) -> None:
        self._begun: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def __call__(self, _: float) -> None:
        is_over = asyncio.Event()
        self._begun.put_nowait(is_over)
        await is_over.wait()

    async def next(self) -> asyncio.Event:
        """Return the end of the next pause, once that has begun."""
        async with asyncio.timeout(WAIT_TIMEOUT):
            return await self._begun.get()


def catalog_at(url: str) -> ModelCatalog:
    return ModelCatalog(preferred=None, base_url=f'{url}/v1', api_key=None, environment={})


async def test_who_asks_while_another_does_waits_for_the_same_answer() -> None:
    async with serving(LISTED) as server:
        models = catalog_at(server.url)
        await asyncio.gather(*(models.refresh_server('server') for _ in range(10)))
        assert [asked.path for asked in server.asked].count('/v1/models') == 1
        assert models.snapshot.default == 'server:llama3'
        await models.refresh_server('server')
        assert [asked.path for asked in server.asked].count('/v1/models') == 2


async def test_an_ollama_that_never_describes_its_models_has_them() -> None:
    answers = {'/v1/models': model_list('one', 'two'), '/api/show': Answer(body='', is_late=True)}
    async with serving(answers) as server:
        asked = await ModelServer(prefix='ollama', url=f'{server.url}/v1', heading='').queried()
        assert asked.model_names == ('one', 'two')
        assert [asked.path for asked in server.asked].count('/api/show') == 2, 'side by side'


async def test_the_asking_goes_on_when_who_began_it_is_gone() -> None:
    async with serving(LISTED) as server:
        models = catalog_at(server.url)
        page = asyncio.create_task(models.refresh_server('server'))
        await models.changed.wait()
        page.cancel()
        await models.changed.wait()
        assert models.snapshot.servers[0].model_names == ('llama3',)


async def test_each_answer_is_a_change_and_the_same_answer_is_none() -> None:
    async with serving(LISTED) as server:
        models = catalog_at(server.url)
        asking = asyncio.create_task(models.refresh_server('server'))
        await models.changed.wait()
        assert models.snapshot.servers[0].is_asking
        assert models.snapshot.default is None
        assert models.snapshot.default_problem == ''  # nothing is known yet
        await asking
        assert not models.snapshot.servers[0].is_asking


async def test_what_was_read_stays_as_it_was() -> None:
    async with serving(LISTED) as server:
        models = catalog_at(server.url)
        before = models.snapshot
        await models.refresh()
        assert before.servers[0].model_names == ()
        with pytest.raises(FrozenInstanceError):
            before.servers[0].is_down = True  # pyright: ignore[reportAttributeAccessIssue]  # which it says, too


async def test_a_snapshot_is_taken_once_after_each_change_whatever_the_number_of_models() -> None:
    taken = 0

    def added() -> list[ModelServer]:
        nonlocal taken
        taken += 1
        return []

    async with serving({'/v1/models': model_list(*(f'model-{number}' for number in range(400)))}) as server:
        models = ModelCatalog(
            preferred=None, base_url=f'{server.url}/v1', api_key=None, environment={}, added=added
        )
        assert not models.snapshot.servers[0].model_names
        await models.refresh()
    taken = 0
    assert len(models.snapshot.choices) > 400
    assert 0 < taken < 10, 'the added servers are read a few times, not once for each model'
    taken = 0
    assert models.snapshot is models.snapshot
    assert not taken


async def test_a_server_that_loads_is_asked_again_as_long_as_somebody_waits() -> None:
    pauses = Pauses()
    async with serving(LOADING) as server:
        models = ModelCatalog(
            preferred=None, base_url=f'{server.url}/v1', api_key=None, environment={}, sleep=pauses
        )
        await models.refresh_server('server')
        assert 'still loading its model' in models.snapshot.default_problem
        (await pauses.next()).set()
        second = await pauses.next()
        assert len(server.asked) == 1  # nobody waits
        server.answers |= LISTED
        page = asyncio.create_task(models.changed.wait())
        await asyncio.sleep(0)
        second.set()
        await page
        while models.snapshot.default is None:
            await models.changed.wait()
        assert models.snapshot.default == 'server:llama3'
        await models.close()


def catalog_of(added: list[ModelServer], pauses: Pauses | None = None) -> ModelCatalog:
    return ModelCatalog(
        preferred=None,
        base_url=None,
        api_key=None,
        environment={},
        added=lambda: added,
        sleep=pauses or asyncio.sleep,
    )


def added_at(url: str, name: str = 'attic') -> ModelServer:
    return as_model_server(AddedServer(name=name, url=f'{url}/v1'), secret='k-1')


async def test_nothing_is_kept_of_a_server_that_is_removed_while_it_is_asked() -> None:
    async with serving(LISTED) as server:
        attic = added_at(server.url)
        added = [attic]
        models = catalog_of(added)
        asking = asyncio.create_task(models.refresh_server('attic'))
        await models.changed.wait()
        added.clear()
        await asking
        added.append(attic)
        assert not models.servers[0].was_asked, 'it is as new, when it is added again'


async def test_a_server_that_was_removed_is_not_asked_again_whether_it_has_loaded() -> None:
    """Another one that loads is."""
    pauses = Pauses()
    async with serving(LOADING) as removed, serving(LOADING) as other:
        added = [added_at(removed.url), added_at(other.url, 'cellar')]
        models = catalog_of(added, pauses)
        await models.refresh_server('attic')
        await models.refresh_server('cellar')
        assert [server.is_loading for server in models.servers[:2]] == [True, True]
        (await pauses.next()).set()
        second = await pauses.next()
        page = asyncio.create_task(models.changed.wait())
        await asyncio.sleep(0)
        del added[0]
        before = len(removed.asked), len(other.asked)
        second.set()
        await pauses.next()
        assert (len(removed.asked), len(other.asked)) == (before[0], before[1] + 1)
        page.cancel()
        await models.close()


async def test_a_key_and_a_server_that_come_are_changes_of_models_too() -> None:
    keys = ApiKeys({}, MemoryApiKeys())
    added = AddedServers([], store=MemoryValues[AddedServer](server_key), keys=keys)
    models = ModelCatalog(
        preferred=None,
        base_url=None,
        api_key=None,
        environment=keys.environment,
        added=lambda: added.servers,
        changes=(keys.changed, added.changed),
    )
    seen = models.changed.count
    await keys.save(OPENAI, SecretStr('sk-1'))
    assert models.changed.count > seen
    assert (models.snapshot.default or '').startswith('openai:')
    seen = models.changed.count
    await added.save(ServerDescription(name='attic', address='http://127.0.0.1:9'))
    assert models.changed.count > seen
    assert models.snapshot.servers[0].prefix == 'attic'
