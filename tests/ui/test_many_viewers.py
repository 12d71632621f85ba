"""Many who look at one answer, and one who is slow among them: nobody waits for another."""

from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ElementFilter, ui
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.rendering.incremental import IncrementalMarkdown
from chat.rendering.markdown import render
from chat.ui.chat.growing_markdown import GrowingMarkdown
from chat.ui.follow_changes import MAX_BACKLOG_MESSAGES
from tests.support.live_objects import count_alive, existing_objects
from tests.support.scripted import ScriptedModels, wait_until
from tests.support.scripted_stream import ScriptedStream
from tests.ui.row_lists import soon


@dataclass
class Telling:
    """A conversation in which an answer is given word by word."""

    live: LiveConversation
    speech: ScriptedStream

    async def says(self, word: str, *people: User) -> None:
        """Have a word said, and wait until these people see it."""
        self.speech.send(f'{word} ')
        await wait_until(self.live, lambda: word in self.live.turns[-1].text)
        for person in people:
            await person.should_see(word)


async def begin(models: ScriptedModels, registry: ConversationRegistry) -> Telling:
    models.script = speech = ScriptedStream()
    live = registry.new()
    live.send('Tell us')
    return Telling(live, speech)


def carrying(person: User, *words: str) -> int:
    """How many operations with one of these words a page has been sent and has not confirmed."""
    assert person.client
    sent = [str(data) for *_, (_, kind, data) in person.client.outbox.message_history if kind == 'grow']
    return sum(any(word in operation for word in words) for operation in sent)


async def test_twenty_see_one_answer_that_is_rendered_once(
    person: User, another: Callable[[], User], models: ScriptedModels, registry: ConversationRegistry
) -> None:
    before = existing_objects(IncrementalMarkdown)
    telling = await begin(models, registry)
    people = [person, *(another() for _ in range(19))]
    for one in people:
        await one.open(f'/c/{telling.live.id}')
    await telling.says('first', *people)
    await telling.says('second', *people)
    await telling.says('third', *people)
    assert count_alive(IncrementalMarkdown).total() - len(before) == 1
    await soon(lambda: all(carrying(one, 'third') == 1 for one in people))
    assert {carrying(one, 'second', 'third') for one in people} == {2}
    telling.speech.finish()
    await wait_until(telling.live, lambda: not telling.live.is_running)
    for one in people:
        await one.should_see('first second third')


def shown_html(person: User) -> str:
    """What the page shows of the answer."""
    with person:
        (answer,) = ElementFilter(kind=GrowingMarkdown)
        answer.set_initial_props()
        props: dict[str, object] = answer.props
        return f'{props["innerHTML"]}{props["tail"]}'


async def test_what_comes_all_at_once_is_shown_a_bit_at_a_time_and_then_whole(
    person: User, another: Callable[[], User], models: ScriptedModels, registry: ConversationRegistry
) -> None:
    """So nobody has to wait until all of it is rendered; who opens the page later waits for it alone."""
    telling = await begin(models, registry)
    await person.open(f'/c/{telling.live.id}')
    text = 'first [docs]\n\n' + '\n\n'.join(['| a | b |\n|---|---|\n| `1` | *2* |'] * 1500)
    telling.speech.send(text)
    await soon(lambda: carrying(person, 'table') > 3)
    telling.speech.send('\n\n[docs]: https://example.com')
    telling.speech.finish()
    await wait_until(telling.live, lambda: not telling.live.is_running)
    later = another()
    await later.open(f'/c/{telling.live.id}')
    whole = render(telling.live.turns[-1].text)
    for one in (person, later):
        await soon(lambda one=one: shown_html(one) == whole)


async def test_nothing_but_words_is_sent_while_an_answer_grows(
    person: User, models: ScriptedModels, registry: ConversationRegistry
) -> None:
    """What has not changed is not sent again with each look: all of it would be drawn anew."""
    telling = await begin(models, registry)
    await person.open(f'/c/{telling.live.id}')
    await telling.says('first', person)
    outbox = person.client.outbox if person.client else None
    assert outbox
    await soon(lambda: not (outbox.messages or outbox.updates))
    begun = outbox.next_message_id
    await telling.says('second', person)
    await telling.says('third', person)
    await soon(lambda: carrying(person, 'third') == 1)
    assert {kind for number, _, (_, kind, _) in outbox.message_history if number >= begun} == {'grow'}


async def test_a_page_that_confirms_nothing_slows_nobody_and_gets_all_it_lacks_in_one_piece(
    person: User, another: Callable[[], User], models: ScriptedModels, registry: ConversationRegistry
) -> None:
    telling = await begin(models, registry)
    slow = another()
    for one in (person, slow):
        await one.open(f'/c/{telling.live.id}')
    await telling.says('first', person, slow)
    outbox = slow.client.outbox if slow.client else None
    assert outbox
    with slow:
        for _ in range(MAX_BACKLOG_MESSAGES + 1):
            ui.run_javascript('0')
    await soon(lambda: len(outbox.message_history) > MAX_BACKLOG_MESSAGES)
    await telling.says('second', person)
    words = [f'word{number}' for number in range(10)]
    for word in words:
        await telling.says(word, person)
    await soon(lambda: carrying(person, words[-1]) == 1)
    assert carrying(person, *words) == len(words)
    assert carrying(slow, *words) <= 1  # the look that was under way when it fell behind
    outbox.prune_history(outbox.next_message_id)  # it confirms
    await slow.should_see(words[-1])
    await soon(lambda: carrying(slow, words[-1]) == 1)
    assert carrying(slow, *words) == 1
