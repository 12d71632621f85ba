"""The turns above those of a page, for who prints it: for the owner, and with nothing that acts."""

import httpx2
from fastapi import FastAPI
from pydantic_ai import Conversation, ModelRequest, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from starlette.types import Receive, Scope, Send

from chat.conversation.content.messages import prompt_message, with_steered_turn
from chat.conversation.conversation_registry import ConversationRegistry
from chat.server.printing import print_route
from chat.server.security.authentication import put_session
from chat.sharing.access import Guest, Owner, Session, Visitor
from tests.support.scripted import MemoryStore, ScriptedModels, registry_with, saying, wait_until_answered


async def printed(
    visitor: Visitor, answer: str = 'Some **words**<script>.', *, path: str = ''
) -> httpx2.Response:
    """What this visitor gets of a chat of three turns, above the last."""
    registry = registry_with(ScriptedModels(saying(answer)))
    live = registry.new()
    for prompt in ('<b>One</b>', 'Two', 'Three'):
        live.send(prompt)
        await wait_until_answered(live)
    return await response(registry, live.id, live.turns[-1].id, visitor, path=path)


async def response(
    registry: ConversationRegistry, conversation_id: str, before: str, visitor: Visitor, *, path: str = ''
) -> httpx2.Response:
    """What this visitor gets of a chat, above a turn."""
    app = FastAPI()
    app.include_router(print_route(registry))

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        put_session(scope, Session(id='browser', visitor=visitor))
        scope['root_path'] = path
        await app(scope, receive, send)

    transport = httpx2.ASGITransport(app=guarded)
    async with httpx2.AsyncClient(transport=transport, base_url='http://parlour') as client:
        return await client.get(f'{path}/print/{conversation_id}', params={'before': before})


async def test_what_an_answer_was_told_while_it_was_under_way_is_printed_within_it() -> None:
    store = MemoryStore()
    told = with_steered_turn(prompt_message('In <French>'), 'one')
    call, result = (
        ToolCallPart('look', {}, tool_call_id='c'),
        ToolReturnPart('look', 'seen', tool_call_id='c'),
    )
    conversation = Conversation(
        messages=[
            prompt_message('One', 'one'),
            ModelResponse(parts=[TextPart('Un.'), call]),
            ModelRequest(parts=[result]),
            told,
            ModelResponse(parts=[TextPart('Deux.')]),
        ]
    )
    await store.save(conversation)
    registry = registry_with(ScriptedModels(saying('Hi')), store)
    live = await registry.open(conversation.conversation_id)
    live.send('Two')
    await wait_until_answered(live)
    html: str = (await response(registry, live.id, live.turns[-1].id, Owner())).json()['html']
    assert '<div class="steering"><div class="bubble">In &lt;French&gt;</div></div>' in html
    assert html.count('class="turn user"') == 1
    assert html.index('Un.') < html.index('In &lt;French') < html.index('Deux.')
    await registry.close()


async def test_the_owner_gets_what_is_above() -> None:
    answer = await printed(Owner())
    html: str = answer.json()['html']
    assert html.count('class="turn user"') == html.count('class="turn assistant"') == 2
    assert '&lt;b&gt;One&lt;/b&gt;' in html
    assert '<strong>words</strong>&lt;script&gt;' in html
    assert 'Three' not in html


async def test_files_are_found_below_the_path_of_an_outer_app() -> None:
    answer = await printed(Owner(), '![a cat](/files/a.png)', path='/ai')
    assert 'src="/ai/files/a.png"' in answer.json()['html']


async def test_a_guest_gets_nothing() -> None:
    answer = await printed(Guest(conversation_id='c', permission='write'))
    assert answer.status_code == 404
    assert 'html' not in answer.json()
