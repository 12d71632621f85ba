"""The turns above those of a page, for who prints it: for the owner, and with nothing that acts."""

import httpx2
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from chat.server.printing import print_route
from chat.server.security.authentication import put_session
from chat.sharing.access import Guest, Owner, Session, Visitor
from tests.support.scripted import ScriptedModels, registry_with, saying, wait_until_answered


async def printed(
    visitor: Visitor, answer: str = 'Some **words**<script>.', *, path: str = ''
) -> httpx2.Response:
    """What this visitor gets of a chat of three turns, above the last."""
    registry = registry_with(ScriptedModels(saying(answer)))
    live = registry.new()
    for prompt in ('<b>One</b>', 'Two', 'Three'):
        live.send(prompt)
        await wait_until_answered(live)
    app = FastAPI()
    app.include_router(print_route(registry))

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        put_session(scope, Session(id='browser', visitor=visitor))
        scope['root_path'] = path
        await app(scope, receive, send)

    transport = httpx2.ASGITransport(app=guarded)
    async with httpx2.AsyncClient(transport=transport, base_url='http://parlour') as client:
        return await client.get(f'{path}/print/{live.id}', params={'before': live.turns[-1].id})


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
