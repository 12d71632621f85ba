"""Who is let in at a node, and that people see nothing of each other."""

import asyncio
import json
from collections.abc import Generator
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import psycopg
import pytest
from websockets.exceptions import InvalidStatus

from chat.conversation.content.library import Assistant
from chat.errors import ConversationNotFound
from chat.server.connections import MAX_CONNECTIONS_PER_ADDRESS
from chat.store.postgres.node import open_node
from chat.store.postgres.storage import PostgresStorage
from tests.cluster.signed_in import HOST, STRANGER, USER_HEADER, SignedIn, node_behind_proxy
from tests.cluster.team import node_of_team
from tests.security.raw import answer_on, ask, connected
from tests.security.sockets import said_to
from tests.support.launching import Launch
from tests.support.postgres import PostgresServer, migrated
from tests.support.provider import Provider
from tests.support.scripted import ScriptedModels, saying

PATHS = (
    '/',
    '/c/01890000-0000-7000-8000-000000000000',
    '/files/' + 64 * 'a',
    '/chat/',
    '/settings',
    '/admin',
)


@dataclass(frozen=True)
class Node:
    """A node of a team, for all of these tests: each has people of its own."""

    url: str
    database: str

    def person(self, user: str) -> SignedIn:
        return SignedIn(self.url, user)


@pytest.fixture(scope='module')
def node(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, worker_id: str, launch: Launch
) -> Generator[Node]:
    database = migrated(postgres.create_database(f'people_{worker_id}'))
    folder = tmp_path_factory.mktemp('people')
    (folder / '.env').write_text('PARLOUR_NODE=first\n')
    with (
        Provider() as provider,
        node_behind_proxy(folder, database, launch, '--admins', 'carla', base_url=provider.url) as running,
    ):
        yield Node(running.url, database)


def status_of_socket(person: SignedIn, **options: str) -> int:
    """With which status a socket is opened or refused."""
    try:
        with person.socket(**options):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_only_whom_the_proxy_names_is_let_in(node: Node) -> None:
    """To pages, files, the interface for programs and sockets; a balancer asks for nobody."""
    host, anna = ('Host', HOST), (USER_HEADER, 'anna')
    for path in PATHS:
        assert ask(node.url, path=path, headers=[host, anna], source=STRANGER).status == 401
        assert ask(node.url, path=path, headers=[host]).status == 401
        assert ask(node.url, path=path, headers=[host, anna, (USER_HEADER, 'bert')]).status == 400
        assert ask(node.url, path=path, headers=[host, (USER_HEADER, 'a, b')]).status == 400
    for source in ('', STRANGER):
        assert ask(node.url, path='/healthz', source=source).status == 200
    assert node.person('anna').ask('/').status == 200
    assert status_of_socket(node.person('anna')) == 101
    assert status_of_socket(node.person('anna'), source=STRANGER) == 401
    assert status_of_socket(node.person('')) == 401
    assert status_of_socket(node.person('anna'), origin=node.url) == 403


def test_connections_of_others_than_the_proxy_are_few(node: Node) -> None:
    """Whoever can reach the node cannot keep it from those who come through the proxy."""
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connected(node.url))
        others = [
            stack.enter_context(connected(node.url, STRANGER)) for _ in range(MAX_CONNECTIONS_PER_ADDRESS)
        ]
        youngest = others[-1]  # the first to come may soon be closed, as they say nothing
        with suppress(ConnectionError):
            assert stack.enter_context(connected(node.url, STRANGER)).recv(1) == b''
        youngest.sendall(b'GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: x\r\n\r\n')
        assert answer_on(youngest).status == 200
        assert node.person('anna').ask('/').status == 200


def test_two_people_at_one_node(node: Node) -> None:
    """Nothing that one of them has is there for the other, whatever they ask for."""
    dora, emil = node.person('dora'), node.person('emil')
    page, other_page = dora.page(), emil.page()
    assert 'Zebras' in dora.send('Zebras').body
    blob: str = json.loads(dora.upload(b'Stripes.').body)['blob']
    with psycopg.connect(node.database) as connection:
        query = "select name from conversation where owner = 'dora'"
        [(chat,)] = connection.execute(query).fetchall()
    conversation = f'/chat/?conversation={chat}'
    assert (dora.ask(f'/files/{blob}').body, dora.ask(f'/c/{chat}').status) == ('Stripes.', 200)
    assert 'Zebras' in dora.ask(conversation).body
    for path in (f'/c/{chat}', f'/files/{blob}', f'/print/{chat}?before=', '/export/x', '/settings/mcp'):
        assert emil.ask(path).status == 404, path
    assert emil.ask('/chat/').body == ''
    assert 'Zebras' not in emil.ask(conversation).body
    assert (chat in dora.ask('/').body, chat in emil.ask('/').body) == (True, False)
    assert emil.ask(f'/_nicegui/client/{page.client_id}').status == 404
    with emil.socket(page.client_id) as socket:
        assert not socket.join()
    with emil.socket(other_page.client_id) as socket:
        assert socket.join()
        socket.emit('event', said_to(page, 'click'))
        socket.emit('ack', {'client_id': page.client_id, 'next_message_id': 0})
        socket.emit('event', said_to(other_page, 'click'))
    assert emil.ask('/').status == 200


async def test_a_command_about_a_conversation_of_another(postgres_url: str) -> None:
    models = ScriptedModels(saying('Hello.'))
    async with (
        node_of_team(postgres_url, models, owner='anna') as anna,
        node_of_team(postgres_url, models, owner='bert') as bert,
    ):
        live = anna.registry.new()
        live.send('one', turn_id='one')
        await live.wait_until_stored('one')
        with pytest.raises(ConversationNotFound):
            await bert.cluster.command(live.id, {'kind': 'stop', 'run': 1})
        with pytest.raises(ConversationNotFound):
            await bert.registry.open(live.id)


def test_administrators_see_the_team(node: Node) -> None:
    """Nodes, answers and sums; nothing of what anybody has written."""
    node.person('fred').send('Zebras')
    carla = node.person('carla')
    page = carla.page('/admin')
    with carla.socket(page.client_id) as socket:
        assert socket.join()
        told = next(frame for frame in socket.rest() if '"users"' in frame)
    assert 'fred' in told
    assert '"first-' in told
    assert 'running, shows you this page' in told
    assert 'Zebras' not in told
    for user in ('fred', 'Carla'):
        assert node.person(user).ask('/admin').status == 404


def test_an_assistant_made_at_another_node_is_offered_on_an_open_page(node: Node) -> None:
    gina = node.person('gina')
    page = gina.page()
    with gina.socket(page.client_id) as socket:
        assert socket.join()
        asyncio.run(make_assistant(node.database, 'gina', 'Zebra keeper'))
        assert any('Zebra keeper' in frame for frame in socket.rest())


async def make_assistant(database: str, owner: str, name: str) -> None:
    node = await open_node(database)
    try:
        await PostgresStorage(node, owner).assistants.put(Assistant(name=name))
    finally:
        await node.close()


async def test_an_import_under_way_at_another_node_is_not_taken_back(postgres_url: str) -> None:
    """That of a node that has died is, by the next one at which its person is."""
    models = ScriptedModels(saying('Hello.'))
    async with node_of_team(postgres_url, models) as second:
        async with node_of_team(postgres_url, models) as first:
            await first.storage.whole.put_import('1', {'state': 'running'})
            assert dict(await first.storage.whole.imports()) == {'1': {'state': 'running'}}
            assert dict(await second.storage.whole.imports()) == {}
        assert dict(await second.storage.whole.imports()) == {'1': {'state': 'running'}}
