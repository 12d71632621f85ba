"""Steering: what waits is given to the agent at its next step, and the answer goes on with it."""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import Agent, BinaryContent, UserPromptPart
from pydantic_ai.exceptions import ModelConnectionError

from chat.conversation.content.attachments import NO_ATTACHMENTS, AttachedFiles
from chat.conversation.content.message_files import described
from chat.conversation.content.messages import prompt_text
from chat.conversation.content.turns import blobs_in
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.exchange.markdown import export_markdown
from chat.store.data_folder import open_store
from tests.conversation.approving import Call, Step, steps
from tests.support.files import png
from tests.support.gates import Gate
from tests.support.http_models import make_registry
from tests.support.scripted import HeldScript, MemoryStore, ScriptedModels, failing, prompts, wait_until
from tests.support.scripted import wait_until_answered as until_answered

LOOK: Step = (Call('look', id='l1'),)
DOWN = ModelConnectionError('m', 'refused', phase='connect')


class SlowAgent:
    """An agent with a tool that works until it is let go."""

    def __init__(self, *said: Step, store: ConversationStorage | None = None) -> None:
        self.gate = Gate()
        self.models = steps(*said)
        agent: Agent[None, Any] = Agent()

        @agent.tool_plain
        async def look() -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
            await self.gate.hold()
            return 'three files'

        @agent.tool_plain(requires_approval=True)
        def remove() -> str:  # pyright: ignore[reportUnusedFunction]
            return 'removed'

        self.registry: ConversationRegistry = make_registry(self.models, agent=agent, store=store)

    async def at_work(
        self, *waiting: str, by: str = '', begun_by: str = '', files: AttachedFiles = NO_ATTACHMENTS
    ) -> LiveConversation:
        """Ask something, and send these prompts while its tool works; each has its text as its id."""
        live = self.registry.new()
        live.send('Look', by=begun_by)
        await self.gate.reached.wait()
        for prompt in waiting:
            live.send(prompt, files, turn_id=prompt, by=by)
        await live.save_metadata()
        return live


def waiting(live: LiveConversation) -> list[str]:
    return [prompt_text(prompt) for prompt in live.queue]


def shown(live: LiveConversation) -> list[str]:
    """The parts of the last answer: its texts, what was sent into it, and the tools that it has called."""
    return [part.text or part.kind for part in live.turns[-1].answer_parts]


async def test_the_agent_gets_it_at_its_next_step_and_goes_on() -> None:
    """The tool that works ends, the model is asked with both, and the answer shows where it was told."""
    store = MemoryStore()
    agent = SlowAgent(LOOK, store=store)
    live = await agent.at_work('Later', 'In French')
    await live.steering.steer('In French')
    await live.steering.steer('In French')  # a second device presses, too
    assert (waiting(live), shown(live)) == (['In French', 'Later'], ['tool'])
    speech = agent.models.script = HeldScript(then='Voilà.')
    agent.gate.release()
    await wait_until(live, lambda: 'In French' in shown(live))  # before the model has said a word to it
    assert waiting(live) == ['Later']
    live.send_now('In French')  # and a third one, which is late: nothing is stopped
    speech.release.set()
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert [turn.question for turn in live.turns] == ['Look', 'Later']
    assert [prompts(request) for request in agent.models.requests] == [
        ['Look'],
        ['Look', 'In French'],
        ['Look', 'In French', 'Later'],
    ]
    again = await agent.registry.open(live.id)
    assert [part.text or part.kind for part in again.turns[0].answer_parts] == ['tool', 'In French', 'Voilà.']
    assert again.turns[0].text == 'Voilà.'
    assert '> **You:** In French' in export_markdown(again.conversation.messages, again.metadata)


async def test_an_answer_that_ends_before_another_step_is_followed_by_it() -> None:
    """pydantic-ai would have the agent go on after its end; here it is the next prompt."""
    agent = SlowAgent(LOOK, 'Fine.')
    speech = HeldScript('Some', then=' more.')
    live = await agent.at_work('Second', 'First')
    agent.models.script = speech
    agent.gate.release()
    await wait_until(live, lambda: 'Some' in shown(live))
    await live.steering.steer('First')
    agent.models.script = HeldScript('ok')
    speech.release.set()
    await wait_until(live, lambda: len(live.turns) == 2)
    assert ([turn.question for turn in live.turns], waiting(live)) == (['Look', 'First'], ['Second'])
    assert live.turns[0].text == 'Some more.'
    await live.stop()


async def test_a_model_without_tools_takes_no_other_step() -> None:
    speech = HeldScript('Some')
    live = make_registry(ScriptedModels(speech), agent=Agent()).new()
    live.send('Go')
    live.send('Wait', turn_id='Wait')
    await wait_until(live, lambda: 'Some' in shown(live))
    assert not live.steering.is_possible(live.queue[0])
    await live.stop()


@pytest.mark.parametrize('end', ['stop', 'failure'])
async def test_what_the_answer_has_not_taken_waits_again(end: str) -> None:
    """It was given to the model, which has said nothing to it: it is neither lost nor there twice."""
    agent = SlowAgent(LOOK)
    live = await agent.at_work('In French')
    await live.steering.steer('In French')
    speech = HeldScript()
    agent.models.script = speech if end == 'stop' else failing(DOWN)
    agent.gate.release()
    if end == 'stop':
        await speech.begun.wait()
        assert waiting(live) == []
        await live.stop()
    await until_answered(live)
    assert (shown(live), waiting(live), live.is_halted) == (['tool'], ['In French'], True)


async def test_what_the_end_of_the_process_interrupts_is_in_the_answer_or_waits(tmp_path: Path) -> None:
    """As long as the model has said nothing to it, it waits; then it stands in the answer, and does not."""
    folder = await open_store(tmp_path / 'here')
    agent = SlowAgent(LOOK, store=folder.conversations)
    live = await agent.at_work('In French')
    await live.steering.steer('In French')
    speech = agent.models.script = HeldScript('Voi')
    before = await after_a_crash(tmp_path, live, 'before')
    agent.gate.release()
    await speech.begun.wait()
    journal = tmp_path / 'here' / 'conversations' / f'{live.id}.journal'
    while not journal.exists() or 'Voi' not in journal.read_text():  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.01)
    after = await after_a_crash(tmp_path, live, 'after')
    assert (before[0], after) == (['In French'], ([], ['tool', 'In French', 'Voi']))
    await live.stop()
    await folder.close()


def copy_if_there(source: str, target: str) -> None:
    with suppress(FileNotFoundError):  # it was being written, and has taken the place of another by now
        shutil.copy2(source, target)


async def after_a_crash(folder: Path, live: LiveConversation, name: str) -> tuple[list[str], list[str]]:
    """What waits and what is shown in another process, if this one ends now."""
    shutil.copytree(folder / 'here', folder / name, copy_function=copy_if_there)
    copy = await open_store(folder / name)
    found = await SlowAgent(store=copy.conversations).registry.open(live.id)
    seen = waiting(found), shown(found)
    await copy.close()
    return seen


async def test_a_run_that_waits_for_a_decision_takes_it_when_it_goes_on() -> None:
    agent = SlowAgent((Call('look', id='l1'), Call('remove', id='r1')), 'Removed.', 'Fine.')
    live = await agent.at_work('In French', 'Later')
    agent.gate.release()
    await until_answered(live)
    assert (live.turns[-1].state, waiting(live)) == ('needs-approval', ['In French', 'Later'])
    await live.steering.steer('In French')
    assert live.steering.is_marked(live.queue[0])
    await live.decisions.approve(live.turns[-1].id, 'r1', by='Host')
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert [turn.question for turn in live.turns] == ['Look', 'Later']
    parts = [part.text or part.kind for part in live.turns[0].answer_parts]
    assert parts == ['tool', 'tool', 'In French', 'Removed.']


async def test_a_guest_steers_only_what_they_have_begun() -> None:
    """Else tools that the owner has allowed would do what the guest wants, and ask nobody."""
    agent = SlowAgent(LOOK, 'Fine.', 'Fine.')
    live = await agent.at_work('Delete all', by='Ann')
    assert not live.steering.is_possible(live.queue[0])
    await live.steering.steer('Delete all')
    agent.gate.release()
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert [turn.author for turn in live.turns] == ['', 'Ann']


async def test_files_go_with_it_and_can_be_seen() -> None:
    picture = BinaryContent(png(), media_type='image/png')
    attachment = described('plan.png', picture)
    agent = SlowAgent(LOOK, 'Seen.')
    live = await agent.at_work('See', files={attachment: picture})
    await live.steering.steer('See')
    agent.gate.release()
    await until_answered(live)
    sent = agent.models.requests[-1][-1].parts
    assert any(picture in [*part.content] for part in sent if isinstance(part, UserPromptPart))
    (part,) = [part for part in live.turns[-1].answer_parts if part.kind == 'prompt']
    assert [file.name for file in part.files] == ['plan.png']
    assert attachment.blob in blobs_in(live.turns)
