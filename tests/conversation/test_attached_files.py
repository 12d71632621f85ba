"""Files with a prompt: they reach the model, stay with the turn, and never stop a conversation."""

from collections.abc import AsyncIterator, Sequence

import pytest
from pydantic_ai import BinaryContent, ModelMessage, ModelRequest, UserContent, UserPromptPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.profiles import ModelProfile

from chat.conversation.answering.file_fallback import unsupported_kinds
from chat.conversation.content.messages import attachments_of
from chat.documents.kinds import WORD_MEDIA_TYPE
from chat.errors import AttachmentRefused, PromptEmpty
from tests.documents.made import REPORT as WORD_FILE
from tests.support.files import PDF, attached, png
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)

CAT = attached('cat.png', 'image/png', png())
REPORT = attached('report.pdf', 'application/pdf', PDF)
NOTES = attached('notes.txt', 'text/plain', 'Grüße'.encode())


class Modest(ScriptedModels):
    """Models with a profile that says what they do not read."""

    profile = ModelProfile()

    async def connection(self, name: str) -> Model:
        return FunctionModel(stream_function=self._answer, model_name=name, profile=self.profile)

    async def _answer(self, messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[str]:
        self.requests.append(list(messages))
        yield 'Seen.'


def items(messages: list[ModelMessage]) -> Sequence[UserContent]:
    """What the last prompt consists of."""
    parts = [part for message in messages if isinstance(message, ModelRequest) for part in message.parts]
    [*_, last] = [part.content for part in parts if isinstance(part, UserPromptPart)]
    return [last] if isinstance(last, str) else last


async def test_the_files_of_a_prompt_reach_the_model_and_stay_with_their_turn() -> None:
    store, models = MemoryStore(), ScriptedModels(saying('A cat.'))
    live = registry_with(models, store).new()
    live.send('What is this?', CAT | REPORT)
    await wait_until_answered(live)
    assert items(models.requests[0]) == ['What is this?', *CAT.values(), *REPORT.values()]
    again = await registry_with(models, store).open(live.id)
    assert again.turns[0].attachments == CAT | REPORT
    assert again.turns[0].question == 'What is this?'
    again.send('And now?')
    await wait_until_answered(again)
    first, *_ = models.requests[-1]
    assert isinstance(first, ModelRequest)
    assert attachments_of(first) == CAT | REPORT


async def test_a_file_needs_no_words() -> None:
    models = ScriptedModels(saying('A cat.'))
    live = registry_with(models).new()
    live.send('', CAT)
    await wait_until_answered(live)
    assert items(models.requests[0]) == list(CAT.values())
    assert (live.metadata.title, live.turns[0].question) == ('cat.png', '')
    with pytest.raises(PromptEmpty):
        live.send(' ')


async def test_an_answer_that_is_asked_for_again_is_asked_with_the_files() -> None:
    models = ScriptedModels(saying('A cat.'))
    live = registry_with(models).new()
    live.send('What is this?', CAT)
    await wait_until_answered(live)
    live.regenerate()
    await wait_until_answered(live)
    assert items(models.requests[1]) == items(models.requests[0])


async def test_files_wait_in_the_queue_with_their_prompt() -> None:
    store, speech = MemoryStore(), HeldScript('ok')
    models = ScriptedModels(speech)
    live = registry_with(models, store).new()
    live.send('First')
    live.send('Look', CAT)
    await live.save_metadata()
    await speech.begun.wait()
    again = await registry_with(models, store).open(live.id)
    assert [attachments_of(prompt) for prompt in again.queue] == [CAT]
    speech.release.set()
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert items(models.requests[-1]) == ['Look', *CAT.values()]


async def test_too_many_and_too_large() -> None:
    live = registry_with(ScriptedModels(saying('ok'))).new()
    many = {key: file for n in range(11) for key, file in attached(f'{n}', 'text/plain', b'%d' % n).items()}
    with pytest.raises(AttachmentRefused, match='10 files'):
        live.send('Read', many)
    large = attached('a.pdf', 'application/pdf', PDF + b'a' * 11_000_000)
    with pytest.raises(AttachmentRefused, match=r'\(up to 20 MB\)'):
        live.send('Read', large | attached('b.pdf', 'application/pdf', PDF + b'b' * 11_000_000))
    assert live.turns == []


async def test_a_model_that_takes_no_files_gets_text_as_text_and_a_line_for_the_rest() -> None:
    """Switching to it does not stop a conversation that has files, and changes nothing in it."""
    models = Modest(saying())
    models.profile = ModelProfile(supports_image_input=False, supports_document_input=False)
    live = registry_with(models).new()
    live.send('Look', CAT | NOTES)
    await wait_until_answered(live)
    text, image, notes = items(models.requests[0])
    assert text == 'Look'
    assert image == '[The file cat.png (image/png) is not here: this model cannot read it.]'
    assert notes == '-----BEGIN FILE notes.txt-----\nGrüße\n-----END FILE notes.txt-----'
    assert live.turns[0].attachments == CAT | NOTES


async def test_of_a_document_every_model_gets_the_text_and_the_chat_keeps_the_file() -> None:
    """Also one that takes files; with what cannot be read it gets the reason, which it can tell."""
    report = attached('report.docx', WORD_MEDIA_TYPE, WORD_FILE)
    broken = attached('broken.docx', WORD_MEDIA_TYPE, b'PK')
    pages = attached('script.html', 'text/html', b'<!doctype html><script>run()</script>')
    models = Modest(saying())
    live = registry_with(models).new()
    live.send('Look', report | broken | pages)
    await wait_until_answered(live)
    _, text, reason, source = items(models.requests[0])
    assert str(text).startswith('-----BEGIN FILE report.docx-----\n[Page 1]\nApples were plentiful.')
    assert str(reason).startswith(
        "[The file broken.docx is not here: broken.docx can't be read: it is damaged"
    )
    assert '<script>run()' in str(source)
    assert live.turns[0].attachments == report | broken | pages


async def test_a_lost_file_stops_nothing() -> None:
    models = ScriptedModels(saying('I see none.'))
    live = registry_with(models).new()
    lost = BinaryContent(b'', media_type='image/png', identifier='cat.png')
    live.send('Look', {attachment: BinaryContent.narrow_type(lost) for attachment in CAT})
    await wait_until_answered(live)
    assert items(models.requests[0]) == ['Look', '[The file cat.png was here, and is lost.]']
    assert live.turns[0].state == 'done'


def test_only_what_is_known_is_said() -> None:
    media_types = ['image/png', 'image/gif', 'application/pdf', 'text/plain', WORD_MEDIA_TYPE]
    assert unsupported_kinds(ModelProfile(), media_types) == []
    assert unsupported_kinds(ModelProfile(supports_image_input=False), media_types) == ['images']
    assert unsupported_kinds(ModelProfile(supports_document_input=False), media_types) == ['PDF files']
    only_text = ModelProfile(supported_document_media_types=frozenset({'text/plain'}))
    assert unsupported_kinds(only_text, media_types) == ['PDF files']
