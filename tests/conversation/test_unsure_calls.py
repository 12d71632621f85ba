"""A call that may have run: Parlour was killed, or stopped, while an approved tool was at work."""

import errno
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models import Model

from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.errors import AgentMissing, ChatError, DecisionMade, ModelLoading, ModelMissing
from chat.store.data_folder import DataFolder, open_store
from tests.conversation.approving import (
    Call,
    FileAgent,
    asked,
    calls_of,
    delete,
    history,
    registry,
    states,
    steps,
)
from tests.conversation.dying import CONVERSATION, burning
from tests.support.http_models import make_registry
from tests.support.scripted import (
    MemoryStore,
    ScriptedModels,
    preferences_store,
    wait_until,
    wait_until_answered,
)

MAY_HAVE_RUN = 'This may have run: Parlour ended, or was stopped, while it was at work.'


@asynccontextmanager
async def killed(
    folder: Path, place: str, *said: Any
) -> AsyncGenerator[tuple[LiveConversation, ScriptedModels, DataFolder]]:
    """The conversation as the next start finds it, with what the model says from then on."""
    command = [sys.executable, '-m', 'tests.conversation.dying', str(folder), place]
    died = subprocess.run(command, check=False, timeout=60)  # noqa: ASYNC221, S603  # there is nothing else to do
    assert died.returncode == -signal.SIGKILL
    data, models = await open_store(folder), steps(*said)
    files = burning(folder, is_deadly=False)
    live = await registry(files, models, data.conversations).open(CONVERSATION)
    try:
        yield live, models, data
    finally:
        await live.close()
        await data.close()


def burnt(folder: Path) -> str:
    path = folder / 'burnt'
    return path.read_text() if path.exists() else ''


@pytest.mark.network  # it starts a process
async def test_a_kill_while_approved_tools_run(tmp_path: Path) -> None:
    """What had returned is kept, the rest may have run; nothing runs again before somebody says so."""
    async with killed(tmp_path, 'in a tool', 'Done.') as (live, models, data):
        turn = live.turns[-1]
        assert (turn.state, states(live)) == ('needs-approval', {'d1': 'ok', 'd2': 'denied', 'd3': 'unsure'})
        assert (burnt(tmp_path), models.requests) == ('C', [])
        assert data.catalog.summaries[0].is_waiting
        with pytest.raises(DecisionMade):
            await live.decisions.approve(turn.id, 'd3', by='Host')
        await live.decisions.has_run(turn.id, 'd3', by='Phone')
        await wait_until_answered(live)
        assert (live.turns[-1].state, states(live)['d3'], burnt(tmp_path)) == ('done', 'stopped', 'C')
        assert not data.catalog.summaries[0].is_waiting
        assert history(models.requests[0])[-4:] == [
            'delete_file success: deleted A',
            'delete_file denied: The tool call was denied.',
            f'burn interrupted: {MAY_HAVE_RUN}',
            'user: I changed the arguments of delete_file before I approved it; it ran with {"path":"A"}.\n'
            'I changed the arguments of burn before I approved it; it may have run with {"path":"C"}.',
        ]


@pytest.mark.network
async def test_a_kill_between_the_last_decision_and_the_run(tmp_path: Path) -> None:
    """The decisions are there; the run goes on when a person says so, each tool with what was decided."""
    async with killed(tmp_path, 'before', 'Done.') as (live, models, _):
        turn = live.turns[-1]
        assert states(live) == {'d1': 'unsure', 'd2': 'unsure', 'd3': 'unsure'}
        for call_id in ('d1', 'd2', 'd3'):
            assert (burnt(tmp_path), models.requests) == ('', [])
            await live.decisions.run_again(turn.id, call_id, by='Phone')
        await wait_until_answered(live)
        assert (live.turns[-1].state, burnt(tmp_path)) == ('done', 'C')
        assert states(live) == {'d1': 'ok', 'd2': 'denied', 'd3': 'ok'}
        decision = calls_of(live)['d3'].approval
        assert decision
        assert decision.decision
        assert decision.decision.earlier
        assert (decision.decision.by, decision.decision.earlier.by) == ('Phone', 'Host')


async def test_a_stop_while_an_approved_tool_runs(tmp_path: Path) -> None:
    files = burning(tmp_path, is_deadly=True)
    models = steps((delete('a'), Call('burn', {'path': 'c'}, 'd3')), 'Done.')
    live = await asked(registry(files, models).new())
    await live.decisions.approve(live.turns[-1].id, 'd1', by='Host')
    await live.decisions.approve(live.turns[-1].id, 'd3', arguments={'path': 'C'}, by='Host')
    await files.started.reached.wait()
    await wait_until(live, lambda: states(live)['d1'] == 'ok')
    await live.stop()
    assert (live.turns[-1].state, states(live)) == ('stopped', {'d1': 'ok', 'd3': 'unsure'})
    await asked(live, 'And now?')
    assert history(models.requests[1])[-4:] == [
        'delete_file success: deleted a',
        f'burn interrupted: {MAY_HAVE_RUN}',
        'user: I changed the arguments of burn before I approved it; it ran with {"path":"C"}.',
        'user: And now?',
    ]
    assert burnt(tmp_path) == 'C'


class Unreachable(ScriptedModels):
    """Models that cannot be reached the second time."""

    connections = 0

    async def connection(self, name: str) -> Model:
        self.connections += 1
        if self.connections == 2:
            raise ModelMissing('There is no such model.')
        return await super().connection(name)


async def test_if_nothing_was_begun_the_decisions_hold() -> None:
    """And can still be changed; trying again goes on with them."""
    files = FileAgent()
    models = Unreachable(steps((delete('a'),), 'Done.').script)
    live = await asked(registry(files, models).new())
    turn_id = live.turns[-1].id
    await live.decisions.approve(turn_id, 'd1', arguments={'path': 'A2'}, by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].state, live.turns[-1].failure) == ('failed', 'There is no such model.')
    assert (states(live), live.turns[-1].can_resume) == ({'d1': 'decided'}, True)
    live.decisions.resume(turn_id)
    await wait_until_answered(live)
    assert (live.turns[-1].state, files.deleted) == ('done', ['A2'])


REFUSAL = {'message': 'The model is loading; max_tokens and temperature are not supported.'}


@pytest.mark.parametrize(
    ('error', 'sentence'),
    [
        (ModelHTTPError(503, 'helper', REFUSAL), 'The tool “send_mail” failed.'),
        (ModelHTTPError(400, 'helper', REFUSAL), 'The tool “send_mail” failed.'),
        (ModelLoading('The helper is loading.'), 'The helper is loading.'),
    ],
)
async def test_an_approved_tool_that_asks_a_model_in_vain_runs_once(error: Exception, sentence: str) -> None:
    """What that model has refused is no reason to ask this one again: the tool has done something by then."""
    files, sent = FileAgent(), list[str]()

    @files.agent.tool_plain(requires_approval=True)
    def send_mail(text: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        sent.append(text)
        raise error

    models = steps((Call('send_mail', {'text': 'Hello'}),), 'Done.')
    chats = make_registry(models, agent=files.agent)
    live = chats.new()
    await live.update_metadata(lambda metadata: replace(metadata, temperature=0.5))
    await asked(live)
    await live.decisions.approve(live.turns[-1].id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (sent, len(models.requests)) == (['Hello'], 1)
    assert live.turns[-1].state == 'failed'
    assert sentence in (live.turns[-1].failure or '')
    assert live.metadata.waiting[live.turns[-1].version_id].decisions['d1'].begun
    assert not live.turns[-1].can_resume


async def test_deps_that_cannot_be_made_are_made_again() -> None:
    """A factory that fails: one sentence, and the decision holds."""
    files, calls = FileAgent(), list[str]()

    def deps() -> None:
        calls.append('made')
        if len(calls) == 2:
            raise OSError('No database.')

    models = steps((delete('a'),), 'Done.')
    live = await asked(make_registry(models, agent=files.agent, deps=deps).new())
    turn_id = live.turns[-1].id
    await live.decisions.approve(turn_id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].state, files.deleted) == ('failed', [])
    assert 'No database.' in (live.turns[-1].failure or '')
    live.decisions.resume(turn_id)
    await wait_until_answered(live)
    assert (live.turns[-1].state, files.deleted, len(calls)) == ('done', ['a'], 3)


def chats_with(
    store: ConversationStorage, models: ScriptedModels, **agents: FileAgent
) -> ConversationRegistry:
    configs = [AgentConfig(files.agent, ref=name) for name, files in agents.items()]
    preferences = preferences_store()
    return ConversationRegistry(
        agents=AgentRoster(configs), model_source=models, store=store, preferences=preferences
    )


async def test_another_agent_is_running_now() -> None:
    """What waits cannot be approved, but denied; another agent goes on then."""
    store, cleaner = MemoryStore(), FileAgent()
    first = await asked(chats_with(store, steps((delete('a'),)), cleaner=cleaner).new())
    models = steps('As you like.')
    live = await chats_with(store, models, cook=FileAgent()).open(first.id)
    turn_id = live.turns[-1].id
    assert states(live) == {'d1': 'needs-approval'}
    with pytest.raises(AgentMissing):
        await live.decisions.approve(turn_id, 'd1', by='Host')
    await live.decisions.deny(turn_id, 'd1', reason='Not here.', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].state, states(live)) == ('failed', {'d1': 'decided'})
    assert '“cleaner”, is not running here' in (live.turns[-1].failure or '')
    await live.update_metadata(lambda metadata: replace(metadata, agent='cook'))
    live.decisions.resume(turn_id)
    await wait_until_answered(live)
    assert (live.turns[-1].text, states(live)) == ('As you like.', {'d1': 'denied'})
    assert cleaner.deleted == []


class FullStore(MemoryStore):
    """A store on a disk that is full as long as the test wants it."""

    is_full = False

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, 'No space left on device')
        await super().write_metadata(conversation_id, metadata)


async def test_on_a_full_disk_nothing_is_decided_and_no_tool_runs() -> None:
    store, files = FullStore(), FileAgent()
    models = steps((delete('a'), delete('b', 'd2')), 'Done.')
    live = await asked(registry(files, models, store).new())
    turn_id = live.turns[-1].id
    store.is_full = True
    with pytest.raises(ChatError):
        await live.decisions.approve(turn_id, 'd1', by='Host')
    assert states(live) == {'d1': 'needs-approval', 'd2': 'needs-approval'}
    store.is_full = False
    await live.decisions.approve(turn_id, 'd1', by='Host')
    store.is_full = True
    await live.decisions.approve(turn_id, 'd2', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].state, states(live)) == ('failed', {'d1': 'decided', 'd2': 'decided'})
    assert (files.deleted, live.turns[-1].can_resume) == ([], True)
    store.is_full = False
    live.decisions.resume(turn_id)
    await wait_until_answered(live)
    assert (live.turns[-1].state, sorted(files.deleted)) == ('done', ['a', 'b'])
