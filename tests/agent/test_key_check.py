"""What is found when a key is tried, over real HTTP."""

import json
import logging
import os
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from chat.agent.key_check import check_key
from chat.agent.providers import PROVIDERS
from tests.agent.small_server import Answer, model_list, serving
from tests.support.ports import reserved_port

OPENAI, ANTHROPIC, GOOGLE, *_ = PROVIDERS
SECRET = 'sk-7e4f0d7a91c2'


@contextmanager
def environment(**variables: str) -> Generator[None]:
    """What a person can set to have a provider be elsewhere."""
    os.environ.update(variables)
    yield
    for name in variables:
        del os.environ[name]


@pytest.mark.parametrize(
    ('answer', 'works', 'words'),
    [
        (model_list('one', 'two'), True, 'The key is valid: OpenAI offers 2 models.'),
        (model_list('one'), True, 'The key is valid: OpenAI offers 1 model.'),
        (Answer(body='{"label": "mine"}'), True, 'The key is valid.'),
        (Answer(body='fine', content_type='text/plain'), True, 'The key is valid.'),
        (Answer(body='{}', status=401), False, 'OpenAI refuses this key.'),
        (Answer(body='{}', status=403), False, 'OpenAI refuses this key.'),
        (Answer(body='{"reason": "API_KEY_INVALID"}', status=400), False, 'OpenAI refuses this key.'),
        (Answer(body='{}', status=429), False, 'no credit or too many requests'),
        (Answer(body='{}', status=500), False, 'status 500'),
        (
            Answer(body='', status=307, location='http://127.0.0.1:9/'),
            False,
            'redirects to http://127.0.0.1:9',
        ),
    ],
)
async def test_it_is_said_in_a_sentence(answer: Answer, works: bool, words: str) -> None:
    async with serving({'/v1/models': answer}) as server:
        with environment(OPENAI_BASE_URL=f'{server.url}/v1'):
            finding = await check_key(OPENAI, SecretStr(SECRET))
    assert (finding.works, words in finding.sentence) == (works, True)
    assert SECRET not in finding.sentence
    assert [asked.headers['authorization'] for asked in server.asked] == [f'Bearer {SECRET}']


async def test_each_provider_is_asked_in_its_own_way() -> None:
    models = Answer(body=json.dumps({'models': [{'name': 'gemini'}]}))
    async with serving({'/v1/models': model_list('claude'), '/v1beta/models': models}) as server:
        with environment(ANTHROPIC_BASE_URL=server.url, GOOGLE_GEMINI_BASE_URL=server.url):
            for provider in (ANTHROPIC, GOOGLE):
                assert 'offers 1 model.' in (await check_key(provider, SecretStr(SECRET))).sentence
    assert [asked.headers.get('x-api-key') for asked in server.asked] == [SECRET, None]
    assert [asked.headers.get('x-goog-api-key') for asked in server.asked] == [None, SECRET]
    assert SECRET not in ''.join(asked.path for asked in server.asked)


async def test_a_provider_that_cannot_be_reached(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = f'http://127.0.0.1:{reserved_port()}/v1'
    with environment(OPENAI_BASE_URL=nowhere), caplog.at_level(logging.DEBUG):
        finding = await check_key(OPENAI, SecretStr(SECRET))
    assert (finding.works, 'cannot be reached' in finding.sentence) == (False, True)
    assert SECRET not in caplog.text


@pytest.mark.parametrize('key', ['schlüssel', 'sk-\nX-Other: header', '\x00'])
async def test_what_can_be_no_key_goes_nowhere(key: str) -> None:
    async with serving({'/v1/models': model_list('one')}) as server:
        with environment(OPENAI_BASE_URL=f'{server.url}/v1'):
            finding = await check_key(OPENAI, SecretStr(key))
    assert 'refuses' in finding.sentence
    assert server.asked == []
