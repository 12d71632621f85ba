"""Which key counts, and that it counts at once."""

import pytest
from pydantic import SecretStr
from pydantic_ai.models.openai import OpenAIResponsesModel

from chat.agent.api_keys import ApiKeys
from chat.agent.model_catalog import ModelCatalog
from chat.agent.providers import PROVIDERS
from chat.errors import KeyInvalid
from tests.support.memory_storage import MemoryApiKeys

OPENAI, ANTHROPIC, GOOGLE, *_ = PROVIDERS


def choices_with(keys: ApiKeys) -> ModelCatalog:
    return ModelCatalog(preferred=None, base_url=None, api_key=None, environment=keys.environment)


async def test_a_key_that_is_saved_can_be_used_at_once_and_no_more_once_it_is_removed() -> None:
    keys = ApiKeys({}, MemoryApiKeys())
    choices = choices_with(keys)
    assert await choices.default_model() == 'demo'
    await keys.save(ANTHROPIC, SecretStr('k'))
    assert choices.choices[0].provider == 'Anthropic'
    assert await choices.default_model() == 'anthropic:claude-sonnet-5-5'
    await keys.remove(ANTHROPIC)
    assert [choice.name for choice in choices.choices] == ['demo']
    assert 'settings' in (choices.unavailable_reason('anthropic:claude-sonnet-5-5') or '')


async def test_another_key_makes_another_connection() -> None:
    keys = ApiKeys({}, MemoryApiKeys())
    choices = choices_with(keys)
    for key in ('one', 'two'):
        await keys.save(OPENAI, SecretStr(key))
        model = await choices.connection('openai:gpt-6-luna')
        assert isinstance(model, OpenAIResponsesModel)
        assert model.client.api_key == key
    assert await choices.connection('openai:gpt-6-luna') is model
    await choices.close()


async def test_the_environment_wins() -> None:
    keys = ApiKeys({'OPENAI_API_KEY': 'given', 'GEMINI_API_KEY': 'given too'}, MemoryApiKeys())
    for provider in (OPENAI, GOOGLE):
        await keys.save(provider, SecretStr('saved'))
    assert (keys.configured_variables(OPENAI), keys.configured_variables(GOOGLE)) == (
        'OPENAI_API_KEY',
        'GEMINI_API_KEY',
    )
    assert OPENAI.key(keys.environment) == 'given'
    assert GOOGLE.key(keys.environment) == 'given too'
    await keys.remove(OPENAI)
    assert OPENAI.key(keys.environment) == 'given'


async def test_keys_of_other_times_are_taken_up_but_replace_none_of_now() -> None:
    key_store = MemoryApiKeys()
    before = ApiKeys({}, key_store)
    await before.save(OPENAI, SecretStr('old'))
    await before.save(ANTHROPIC, SecretStr('old'))
    keys = ApiKeys({}, key_store)
    await keys.save(OPENAI, SecretStr('new'))
    await keys.read()
    assert (OPENAI.key(keys.environment), ANTHROPIC.key(keys.environment)) == ('new', 'old')


@pytest.mark.parametrize('text', ['', 'two words', 'schlüssel', 'a\nb'])
async def test_what_can_be_no_key_is_not_saved(text: str) -> None:
    key_store = MemoryApiKeys()
    with pytest.raises(KeyInvalid):
        await ApiKeys({}, key_store).save(OPENAI, SecretStr(text))
    assert await key_store.read() == {}


async def test_no_key_is_in_what_can_be_logged() -> None:
    keys = ApiKeys({}, MemoryApiKeys())
    await keys.save(OPENAI, SecretStr('sk-secret'))
    assert 'sk-secret' not in repr(keys.saved(OPENAI))
