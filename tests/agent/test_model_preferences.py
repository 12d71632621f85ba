"""The model of a new conversation, and what is said of one that cannot answer."""

import pytest

from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_choice import NoModelPreferences
from tests.agent.small_server import model_list, serving
from tests.agent.test_catalog import choices_with
from tests.support.ports import reserved_port


def wishing(
    model: str | None = None, *recent: str, preferred: str | None = None, **environment: str
) -> ModelCatalog:
    model_preferences = NoModelPreferences(model=model, recent_models=recent)
    return ModelCatalog(
        preferred=preferred,
        base_url=None,
        api_key=None,
        environment=environment,
        model_preferences=lambda: model_preferences,
    )


async def test_the_model_that_is_set_is_the_default_and_can_be_picked() -> None:
    choices = wishing('openai:my-own', 'anthropic:claude-haiku-5-5', ANTHROPIC_API_KEY='k')
    assert await choices.default_model() == 'openai:my-own'
    assert choices.choices[0].name == 'openai:my-own'


async def test_else_it_is_the_one_that_was_picked_last_and_can_answer() -> None:
    recent = ('demo', 'openai:gpt-6-luna', 'anthropic:claude-haiku-5-5')
    assert await wishing(None, *recent, ANTHROPIC_API_KEY='k').default_model() == 'anthropic:claude-haiku-5-5'
    assert await wishing(None, *recent).default_model() == 'demo'


async def test_what_was_named_at_the_start_wins() -> None:
    choices = wishing('openai:gpt-6-luna', preferred='demo')
    assert (await choices.default_model(), choices.preferred) == ('demo', 'demo')


@pytest.mark.parametrize(
    ('name', 'cheap'),
    [
        ('openai:gpt-6.1-sol', 'openai:gpt-6-luna'),
        ('openai-chat:gpt-6.1-sol', 'openai:gpt-6-luna'),
        ('ollama:qwen3:8b', 'ollama:qwen3:8b'),
        ('server:llama3', 'server:llama3'),
        ('moonshotai:kimi-k3', 'moonshotai:kimi-k3'),
        ('demo', None),
    ],
)
def test_titles_cost_little_and_stay_with_the_provider(name: str, cheap: str | None) -> None:
    assert choices_with().small_model(name) == cheap


async def test_what_a_model_lacks_is_known_before_it_is_asked() -> None:
    choices = choices_with(OPENAI_API_KEY='k')
    assert choices.unavailable_reason('demo') is None
    assert choices.unavailable_reason('openai:gpt-of-the-future') is None
    assert 'Anthropic needs a key: add it in the settings' in (
        choices.unavailable_reason('anthropic:x') or ''
    )
    assert 'set AZURE_OPENAI_ENDPOINT' in (choices.unavailable_reason('azure:x') or '')
    assert '--base-url' in (choices.unavailable_reason('server:llama3') or '')
    assert 'no model “nonsense”' in (choices.unavailable_reason('nonsense') or '')


async def test_a_model_that_its_server_does_not_have_any_more() -> None:
    async with serving({'/v1/models': model_list('llama3')}) as server:
        choices = choices_with(base_url=f'{server.url}/v1')
        assert choices.unavailable_reason('server:phi4') is None  # nobody has asked yet
        await choices.refresh()
        assert choices.unavailable_reason('server:llama3') is None
        assert 'has no model “phi4” any more' in (choices.unavailable_reason('server:phi4') or '')


async def test_a_server_that_is_down() -> None:
    choices = choices_with(base_url=f'http://127.0.0.1:{reserved_port()}/v1')
    await choices.refresh()
    assert 'cannot be reached' in (choices.unavailable_reason('server:llama3') or '')
