"""A file that a model cannot read never makes a chat unusable: it goes on without, and says so."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from chat.agent.model_capabilities import ModelCapabilities
from chat.agent.model_catalog import ModelCatalog
from chat.agent.servers import ModelServer
from chat.conversation.content.attachments import AttachedFiles
from chat.conversation.content.messages import EXCLUDED_FILES_KEY
from chat.conversation.live_conversation import LiveConversation
from tests.agent.small_server import Answer, SmallServer, model_list, serving
from tests.support import replies
from tests.support.files import attached, png, written_pdf
from tests.support.http_models import make_registry, model_catalog_at
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.request_rules import RequestRules
from tests.support.scripted import wait_until_answered
from tests.support.timeouts import WAIT_TIMEOUT

CAT = attached('cat.png', 'image/png', png())
DOG = attached('dog.png', 'image/png', png(2))
PLAN = attached('plan.pdf', 'application/pdf', written_pdf('The plan is good.'))


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider(rules=RequestRules(files=False)) as provider:
        provider.always_reply(Reply(pieces=['Fine.']))
        yield provider


async def ask(live: LiveConversation, text: str, files: AttachedFiles | None = None) -> None:
    live.send(text, files or {})
    await wait_until_answered(live)


def last(provider: Provider) -> str:
    return json.dumps(provider.requests[-1]['messages'][-1])


async def test_the_question_is_asked_again_without_the_file(provider: Provider) -> None:
    """Once: later questions of the chat are asked without it at once, a new file is tried."""
    live = make_registry(provider.url).new()
    await ask(live, 'What is this?', CAT)
    assert live.turns[0].text == 'Fine.'
    assert live.turns[0].asked_without(EXCLUDED_FILES_KEY) == ['cat.png']
    assert 'The file cat.png (image/png) is not here' in last(provider)
    assert len(provider.requests) == 2
    await ask(live, 'Never mind.')
    assert live.turns[1].state == 'done'
    assert live.turns[1].asked_without(EXCLUDED_FILES_KEY) == []
    assert len(provider.requests) == 3
    await ask(live, 'And this?', DOG)
    assert live.turns[2].asked_without(EXCLUDED_FILES_KEY) == ['dog.png']
    assert len(provider.requests) == 5
    assert live.turns[0].attachments == CAT


async def test_another_answer_is_asked_for_with_the_file(provider: Provider) -> None:
    """The server may have been started with eyes meanwhile."""
    live = make_registry(provider.url).new()
    await ask(live, 'What is this?', CAT)
    provider.rules = RequestRules()
    live.regenerate()
    await wait_until_answered(live)
    assert 'image_url' in last(provider)
    assert live.turns[0].asked_without(EXCLUDED_FILES_KEY) == []


@pytest.mark.parametrize('status', [400, 415, 422])
async def test_in_whatever_words_it_is_refused(provider: Provider, status: int) -> None:
    provider.rules = RequestRules()
    provider.reply(replies.refusal(status, 'Unknown variant `image_url`'))
    live = make_registry(provider.url).new()
    await ask(live, 'What is this?', CAT)
    assert live.turns[0].text == 'Fine.'


async def test_a_fault_of_the_server_is_told_as_one(provider: Provider) -> None:
    provider.rules = RequestRules()
    provider.reply(replies.failing(500))
    live = make_registry(provider.url).new()
    await ask(live, 'What is this?', CAT)
    assert live.turns[0].state == 'failed'
    assert len(provider.requests) == 1


async def test_a_server_that_says_what_it_reads_is_sent_nothing_else(provider: Provider) -> None:
    provider.tells = {'architecture': {'input_modalities': ['text'], 'output_modalities': ['text']}}
    models = model_catalog_at(provider.url)
    live = make_registry(models).new()
    await ask(live, 'What is this?', CAT)
    assert len(provider.requests) == 1
    assert 'The file cat.png (image/png) is not here' in last(provider)
    assert (await models.profile('server:parlour-test')).get('supports_image_input') is False
    provider.tells = {'architecture': {'input_modalities': ['text', 'image']}}
    provider.rules = RequestRules()
    await models.refresh()
    await ask(live, 'And now?', DOG)
    assert 'image_url' in last(provider)


async def test_a_name_that_is_known_to_be_blind_is_sent_no_image(provider: Provider) -> None:
    models = ModelCatalog(preferred='server:smollm2', base_url=provider.url, api_key=None, environment={})
    live = make_registry(models).new()
    await ask(live, 'What is this?', CAT)
    assert len(provider.requests) == 1
    assert 'is not here' in last(provider)


async def test_of_a_pdf_that_is_refused_the_text_is_sent(provider: Provider) -> None:
    live = make_registry(provider.url).new()
    await ask(live, 'What is the plan?', PLAN)
    assert len(provider.requests) == 2
    assert 'The plan is good.' in last(provider)
    assert isinstance(provider.requests[1]['messages'][-1]['content'], str)
    await ask(live, 'Is it?')
    assert len(provider.requests) == 3


async def test_of_a_pdf_the_text_is_sent_at_once_where_that_is_known(provider: Provider) -> None:
    provider.tells = {'architecture': {'input_modalities': ['text']}}
    live = make_registry(provider.url).new()
    await ask(live, 'What is the plan?', PLAN)
    assert len(provider.requests) == 1
    assert 'The plan is good.' in last(provider)
    assert live.turns[0].asked_without(EXCLUDED_FILES_KEY) == []


@pytest.mark.parametrize(
    ('content', 'reason'),
    [(written_pdf(''), 'has no text that can be read'), (b'%PDF-1.4\n%%EOF', 'it is damaged')],
)
async def test_a_pdf_without_text_stops_nothing(provider: Provider, content: bytes, reason: str) -> None:
    live = make_registry(provider.url).new()
    await ask(live, 'What is it?', attached('scan.pdf', 'application/pdf', content))
    assert live.turns[0].state == 'done'
    assert '[The file scan.pdf is not here: ' in last(provider)
    assert reason in last(provider)


def told_by_lm_studio(kind: str) -> dict[str, Answer]:
    """After its documentation; no real one was at hand."""
    entry = {'id': 'seer', 'object': 'model', 'type': kind, 'state': 'loaded', 'loaded_context_length': 4096}
    listed = Answer(body=json.dumps({'object': 'list', 'data': [entry]}))
    return {'/v1/models': model_list('seer'), '/api/v0/models': listed}


def told_by_ollama(*abilities: str) -> dict[str, Answer]:
    """After its documentation; no real one was at hand."""
    shown = Answer(body=json.dumps({'capabilities': [*abilities], 'model_info': {}}))
    return {'/v1/models': model_list('seer'), '/api/show': shown}


@pytest.mark.parametrize(
    ('prefix', 'answers', 'sees'),
    [
        ('lmstudio', told_by_lm_studio('vlm'), True),
        ('lmstudio', told_by_lm_studio('llm'), False),
        ('ollama', told_by_ollama('completion', 'vision'), True),
        ('ollama', told_by_ollama('completion'), False),
        ('ollama', {'/v1/models': model_list('seer')}, None),
    ],
)
async def test_lm_studio_and_ollama_tell_it_in_places_of_their_own(
    prefix: str, answers: dict[str, Answer], sees: bool | None
) -> None:
    async with serving(answers) as server, asyncio.timeout(WAIT_TIMEOUT):
        told = await ability_at(server, prefix)
    assert told.reads_images is sees
    assert told.context_length == (4096 if prefix == 'lmstudio' else None)


async def ability_at(server: SmallServer, prefix: str) -> ModelCapabilities:
    one = await ModelServer(prefix=prefix, url=f'{server.url}/v1', heading='').queried()
    assert one.model_names == ('seer',)
    return one.capabilities_of('seer')
