"""Questions of servers to a person, while a call of theirs is under way."""

import asyncio
import json
from typing import Any

from chat.agent.mcp.elicitation import Elicitation
from chat.agent.mcp.server import McpServer
from chat.agent.mcp.servers import McpServers
from tests.support.mcp_servers import clock_of_the_call, open_servers, ready, small, until
from tests.support.timeouts import WAIT_TIMEOUT


async def asked(servers: McpServers, conversation_id: str = 'c') -> Elicitation:
    """The question that is open in a conversation, once there is one."""
    await until(servers, lambda: servers.board.of(conversation_id))
    (question,) = servers.board.of(conversation_id)
    return question


def calling(server: McpServer, tool: str, conversation_id: str = 'c') -> asyncio.Task[Any]:
    return asyncio.create_task(server.call(tool, {}, conversation_id))


async def test_a_form_is_accepted() -> None:
    async with open_servers(small()) as servers:
        call = calling(await ready(servers), 'ask')
        question = await asked(servers)
        assert (question.server, question.request.text) == ('small', 'Who are you?')
        servers.board.accept(question.id, {'name': 'Ada', 'age': 36})
        assert await call == {'action': 'accept', 'content': {'name': 'Ada', 'age': 36}}
        assert servers.board.of('c') == []


async def test_an_address_is_shown_and_nothing_opens_it() -> None:
    async with open_servers(small()) as servers:
        call = calling(await ready(servers), 'visit')
        question = await asked(servers)
        assert (question.request.url, question.request.schema) == ('http://127.0.0.1:9/sign?in=1', None)
        servers.board.accept(question.id)
        assert await call == {'action': 'accept'}


async def test_declined() -> None:
    async with open_servers(small()) as servers:
        call = calling(await ready(servers), 'ask')
        servers.board.decline((await asked(servers)).id)
        assert await call == {'action': 'decline'}


async def test_the_first_answer_counts() -> None:
    async with open_servers(small()) as servers:
        call = calling(await ready(servers), 'ask')
        question = await asked(servers)
        servers.board.decline(question.id)
        servers.board.accept(question.id, {'name': 'Ada'})
        assert await call == {'action': 'decline'}


async def test_the_clock_of_a_call_stands_still_while_a_form_is_open() -> None:
    """And goes on afterwards."""
    async with open_servers(small(timeout=WAIT_TIMEOUT)) as servers:
        server = await ready(servers)
        call = calling(server, 'ask')
        question = await asked(servers)
        clock = clock_of_the_call(server)
        assert clock.when() is None
        servers.board.accept(question.id, {'name': 'Ada'})
        assert (await call)['action'] == 'accept'
        assert clock.when() is not None


async def test_a_call_that_is_stopped_closes_its_form_and_a_late_answer_does_nothing() -> None:
    async with open_servers(small()) as servers:
        server = await ready(servers)
        call = calling(server, 'ask')
        question = await asked(servers)
        call.cancel()
        await until(servers, lambda: not servers.board.of('c'))
        servers.board.accept(question.id, {'name': 'Ada'})
        assert await server.call('echo', {'text': 'on'}, 'c') == 'on!'


async def test_a_death_closes_the_form() -> None:
    async with open_servers(small()) as servers:
        server = await ready(servers)
        call = calling(server, 'ask')
        await asked(servers)
        dying = calling(server, 'die')
        assert [type(end).__name__ for end in await asyncio.gather(call, dying, return_exceptions=True)] == [
            'ToolFailed',
            'ToolFailed',
        ]
        assert servers.board.of('c') == []


async def test_a_form_is_shown_where_the_call_is_under_way() -> None:
    """If that may be in several conversations, it is shown in all, and closed with the last of the calls."""
    async with open_servers(small()) as servers:
        server = await ready(servers)
        first = calling(server, 'ask', 'one')
        own = await asked(servers, 'one')
        assert (own.conversation_id, servers.board.of('two')) == ('one', [])
        second = calling(server, 'ask', 'two')
        await until(servers, lambda: servers.board.of('two'))
        (unclear,) = servers.board.of('two')
        assert unclear.conversation_id is None
        assert servers.board.of('one') == [own, unclear]
        servers.board.accept(own.id, {'name': 'Ada'})
        await first
        assert servers.board.of('two') == [unclear]
        second.cancel()
        await until(servers, lambda: not servers.board.of('two'))


async def test_a_form_is_shown_to_the_person_whose_call_it_is() -> None:
    """Conversations of two people may have the same id; who is not sure whom it asks is not answered."""
    async with open_servers(small()) as servers:
        server = await ready(servers)
        annas = asyncio.create_task(server.call('ask', {}, 'api', owner='anna'))
        await until(servers, lambda: servers.board.of('api', 'anna'))
        assert (servers.board.of('api', 'bert'), servers.board.of('api')) == ([], [])
        assert await server.call('ask', {}, 'api', owner='bert') == {'action': 'cancel'}
        (question,) = servers.board.of('api', 'anna')
        servers.board.accept(question.id, {'name': 'Anna'})
        assert (await annas)['action'] == 'accept'


async def test_a_question_of_no_call_is_shown_nowhere() -> None:
    async with open_servers(small()) as servers:
        server = await ready(servers)
        await server.call('unbidden', {}, 'c')
        await until(servers, lambda: not servers.board.of('c'))
        assert json.dumps(await server.call('echo', {'text': 'on'}, 'c')) == '"on!"'
