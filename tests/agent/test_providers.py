"""Which providers can be used, from made-up environments."""

from importlib.util import find_spec

import pytest
from pydantic_ai.models import known_model_names

from chat.agent.providers import PROVIDERS, configured_providers, provider_of


def labels(environment: dict[str, str]) -> list[str]:
    return [provider.label for provider in configured_providers(environment)]


def test_nothing_is_configured_without_keys() -> None:
    assert labels({}) == []
    assert labels({'OPENAI_API_KEY': '', 'PATH': '/bin'}) == []


def test_a_key_configures_its_provider() -> None:
    assert labels({'ANTHROPIC_API_KEY': 'k', 'OPENAI_API_KEY': 'k'}) == ['OpenAI', 'Anthropic']


@pytest.mark.parametrize('variable', ['GOOGLE_API_KEY', 'GEMINI_API_KEY'])
def test_either_of_two_variables_will_do(variable: str) -> None:
    assert labels({variable: 'k'}) == ['Google']


def test_variables_that_belong_together_are_all_needed() -> None:
    azure = {'AZURE_OPENAI_ENDPOINT': 'e', 'AZURE_OPENAI_API_KEY': 'k'}
    assert labels(azure) == []
    assert labels({**azure, 'OPENAI_API_VERSION': 'v'}) == ['Azure OpenAI']


@pytest.mark.skipif(find_spec('groq') is not None, reason='groq is installed here')
def test_a_provider_without_its_package_is_left_out() -> None:
    assert labels({'GROQ_API_KEY': 'k'}) == []


@pytest.mark.parametrize(
    ('name', 'label'),
    [
        ('openai:gpt-6.1-sol', 'OpenAI'),
        ('openai-chat:gpt-6.1-sol', 'OpenAI'),
        ('openrouter:meta/llama:free', 'OpenRouter'),
    ],
)
def test_a_name_leads_to_its_provider(name: str, label: str) -> None:
    provider = provider_of(name)
    assert provider is not None
    assert provider.label == label


@pytest.mark.parametrize('name', ['openai', 'llama3:8b', 'demo', ''])
def test_other_names_lead_to_none(name: str) -> None:
    assert provider_of(name) is None


def test_the_favourite_comes_first_and_is_known() -> None:
    """A favourite that the library no longer lists would be offered in vain."""
    for provider in PROVIDERS:
        if provider.default_model:
            assert provider.model_names()[0] == f'{provider.prefix}:{provider.default_model}'
            assert provider.model_names()[0] in known_model_names()


def test_newer_models_come_before_older_ones() -> None:
    anthropic = next(provider for provider in PROVIDERS if provider.prefix == 'anthropic')
    names = anthropic.model_names()
    assert names.index('anthropic:claude-opus-5-5') < names.index('anthropic:claude-opus-4-8')
    assert names.index('anthropic:claude-haiku-5-5') < names.index('anthropic:claude-haiku-4-5')


def test_the_model_for_small_tasks_is_known() -> None:
    for provider in PROVIDERS:
        if provider.small_model:
            assert f'{provider.prefix}:{provider.small_model}' in known_model_names()


@pytest.mark.parametrize(
    ('prefix', 'variable'),
    [('openai', 'OPENAI_API_KEY'), ('huggingface', 'HF_TOKEN'), ('azure', None), ('google-cloud', None)],
)
def test_one_key_is_enough_for_most(prefix: str, variable: str | None) -> None:
    provider = next(provider for provider in PROVIDERS if provider.prefix == prefix)
    assert provider.key_variable == variable


def test_the_name_of_a_project_is_no_key() -> None:
    cloud = next(provider for provider in PROVIDERS if provider.prefix == 'google-cloud')
    assert cloud.has_access({'GOOGLE_CLOUD_PROJECT': 'mine'})
    assert cloud.key({'GOOGLE_CLOUD_PROJECT': 'mine'}) is None
