"""Ids of calls that a server gives again in another version of an answer: each call is one of its own."""

from collections.abc import AsyncIterator
from typing import cast

import pytest
from nicegui.testing import User

from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.conversation_registry import ConversationRegistry
from chat.storage import Storage
from chat.ui.schema_form import SchemaForm
from tests.conversation.approving import FileAgent, asked, delete, states, steps
from tests.support.scripted import wait_until_answered
from tests.ui.row_lists import soon


@pytest.fixture
def files() -> FileAgent:
    return FileAgent()


@pytest.fixture
async def registry(
    files: FileAgent, storage: Storage, preferences: PreferencesStore
) -> AsyncIterator[ConversationRegistry]:
    registry = ConversationRegistry(
        agents=AgentRoster([AgentConfig(files.agent)]),
        model_source=steps((delete('a.txt'),), 'Done.', (delete('c.txt'),)),
        store=storage.conversations,
        preferences=preferences,
    )
    yield registry
    await registry.close()


def path_in_form(person: User) -> str:
    """What stands in the field of the call that waits; '' if none does."""
    assert person.client
    forms = [each for each in person.client.elements.values() if isinstance(each, SchemaForm)]
    if not forms:
        return ''
    [field] = cast('list[dict[str, str]]', forms[0].props['fields'])  # NiceGUI does not say what a prop is
    return field['value']


async def test_what_was_edited_in_one_version_is_not_offered_in_another(
    person: User, registry: ConversationRegistry, files: FileAgent
) -> None:
    live = await asked(registry.new())
    turn = live.turns[-1].id
    await live.decisions.approve(turn, 'd1', arguments={'path': 'b.txt'}, scope=None, by='Host')
    await wait_until_answered(live)
    live.regenerate(turn)
    await wait_until_answered(live)
    await person.open(f'/c/{live.id}')
    await soon(lambda: path_in_form(person) == 'c.txt')
    await live.switch(turn, 'answer', -1)
    await person.should_see('Done.')
    assert files.deleted == ['b.txt']
    await live.switch(turn, 'answer', 1)
    await soon(lambda: path_in_form(person) != '')
    assert path_in_form(person) == 'c.txt'
    assert states(live) == {'d1': 'needs-approval'}
