"""Providers: the companies that serve models, and what each needs to be used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from pydantic_ai.models import known_model_names

from chat.errors import KeyInvalid
from chat.key_cleaning import clean_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A company that serves models over the network."""

    prefix: str
    """What stands before the colon in the names of its models."""
    label: str
    variables: tuple[tuple[str, ...], ...]
    """Environment variables that give access: one of these groups must be set, all of that group."""
    other_prefixes: tuple[str, ...] = ()
    """Prefixes that lead to the same provider in another way."""
    default_model: str | None = None
    """The model to begin with; `None` to take the newest."""
    small_model: str | None = None
    """The model for small tasks such as titles; `None` to take the one that answers."""
    package: str | None = None
    """The Python package its connection needs, `None` when Parlour always brings it along."""
    extra: str | None = None
    """The optional group of pydantic-ai that installs that package."""

    @property
    def is_installed(self) -> bool:
        return self.package is None or find_spec(self.package) is not None

    @property
    def required_variables(self) -> str:
        """The variables to set, as a person reads them: 'A or B', 'A and B'."""
        return ' or '.join(' and '.join(group) for group in self.variables)

    @property
    def key_variable(self) -> str | None:
        """The variable for the key, if a key is all that is needed; else `None`."""
        name, *more = self.variables[0]
        return None if more or not name.endswith(('_KEY', '_TOKEN')) else name

    def has_access(self, environment: Mapping[str, str]) -> bool:
        return any(all(environment.get(name) for name in group) for group in self.variables)

    def key(self, environment: Mapping[str, str]) -> str | None:
        """Return the API key; `None` if access takes something else than one key."""
        names = (group[0] for group in self.variables if len(group) == 1)
        keys = (environment.get(name) for name in names if 'KEY' in name or 'TOKEN' in name)
        return next(filter(None, keys), None)

    def model_names(self) -> list[str]:
        """Return the well-known models for chatting: the default first, then the newest."""
        prefix = f'{self.prefix}:'
        names = [name for name in known_model_names() if name.startswith(prefix) and '-image' not in name]
        return sorted(
            names, key=lambda name: (name != f'{prefix}{self.default_model}', _version_sort_key(name), name)
        )


PROVIDERS = (
    Provider(
        prefix='openai',
        label='OpenAI',
        variables=(('OPENAI_API_KEY',),),
        other_prefixes=('openai-chat', 'openai-responses'),
        default_model='gpt-6.1-sol',
        small_model='gpt-6-luna',
    ),
    Provider(
        prefix='anthropic',
        label='Anthropic',
        variables=(('ANTHROPIC_API_KEY',),),
        default_model='claude-sonnet-5-5',
        small_model='claude-haiku-5-5',
    ),
    Provider(
        prefix='google',
        label='Google',
        variables=(('GOOGLE_API_KEY',), ('GEMINI_API_KEY',)),
        default_model='gemini-3.8-flash',
        small_model='gemini-3.5-flash-lite',
    ),
    Provider(
        prefix='mistral',
        label='Mistral',
        variables=(('MISTRAL_API_KEY',),),
        default_model='mistral-large-latest',
        small_model='mistral-small-latest',
        package='mistralai',
        extra='mistral',
    ),
    Provider(
        prefix='groq',
        label='Groq',
        variables=(('GROQ_API_KEY',),),
        small_model='openai/gpt-oss-20b',
        package='groq',
        extra='groq',
    ),
    Provider(
        prefix='xai',
        label='xAI',
        variables=(('XAI_API_KEY',),),
        default_model='grok-4.7',
        small_model='grok-4-1-fast-non-reasoning',
        package='xai_sdk',
        extra='xai',
    ),
    Provider(
        prefix='deepseek',
        label='DeepSeek',
        variables=(('DEEPSEEK_API_KEY',),),
        default_model='deepseek-flash',
    ),
    Provider(prefix='moonshotai', label='Moonshot AI', variables=(('MOONSHOTAI_API_KEY',),)),
    Provider(
        prefix='zai',
        label='Z.AI',
        variables=(('ZAI_API_KEY',),),
        default_model='glm-5.3',
        small_model='glm-5.3-flash',
    ),
    Provider(prefix='meta', label='Meta', variables=(('META_API_KEY',),), default_model='muse-spark-1.3'),
    Provider(
        prefix='cohere',
        label='Cohere',
        variables=(('CO_API_KEY',),),
        default_model='command-a-plus-05-2026',
        small_model='command-r7b-12-2024',
        package='cohere',
        extra='cohere',
    ),
    Provider(prefix='cerebras', label='Cerebras', variables=(('CEREBRAS_API_KEY',),)),
    Provider(prefix='openrouter', label='OpenRouter', variables=(('OPENROUTER_API_KEY',),)),
    Provider(prefix='together', label='Together AI', variables=(('TOGETHER_API_KEY',),)),
    Provider(prefix='fireworks', label='Fireworks AI', variables=(('FIREWORKS_API_KEY',),)),
    Provider(prefix='alibaba', label='Alibaba', variables=(('ALIBABA_API_KEY',), ('DASHSCOPE_API_KEY',))),
    Provider(
        prefix='huggingface',
        label='Hugging Face',
        variables=(('HF_TOKEN',),),
        package='huggingface_hub',
        extra='huggingface',
    ),
    Provider(
        prefix='azure',
        label='Azure OpenAI',
        variables=(('AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_API_KEY', 'OPENAI_API_VERSION'),),
        other_prefixes=('azure-responses',),
    ),
    Provider(
        prefix='google-cloud',
        label='Google Cloud',
        variables=(('GOOGLE_CLOUD_PROJECT',), ('GOOGLE_APPLICATION_CREDENTIALS',)),
        default_model='gemini-3.8-flash',
    ),
    Provider(
        prefix='bedrock',
        label='Amazon Bedrock',
        variables=(('AWS_BEARER_TOKEN_BEDROCK',), ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY')),
        default_model='global.anthropic.claude-opus-5-5',
        package='boto3',
        extra='bedrock',
    ),
)
"""All providers that Parlour knows by name, the likeliest first."""


def configured_providers(environment: Mapping[str, str]) -> list[Provider]:
    """Return the providers that can be used: with access, and installed."""
    return [provider for provider in PROVIDERS if provider.has_access(environment) and provider.is_installed]


def provider_of(name: str) -> Provider | None:
    """Return the provider that serves the model of this name; `None` if Parlour does not know it."""
    prefix, colon, _ = name.partition(':')
    known = (provider for provider in PROVIDERS if prefix in (provider.prefix, *provider.other_prefixes))
    return next(known, None) if colon else None


def missing_requirement(
    provider: Provider, environment: Mapping[str, str], *, can_add_keys: bool = True
) -> str | None:
    """Return what is missing to use a provider, and what to do about it; `None` if nothing is."""
    if not provider.has_access(environment) and not can_add_keys:
        return f'{provider.label} needs a key, which whoever runs this Parlour sets. Choose another model.'
    if not provider.has_access(environment):
        way = 'add it in the settings, or set' if provider.key_variable else 'set'
        return (
            f'{provider.label} needs a key: {way} {provider.required_variables} in the environment '
            f'and start Parlour '
            'again, or choose another model.'
        )
    try:
        clean_key(provider.key(environment) or 'none')
    except KeyInvalid as error:
        return f'The key of {provider.label} in {provider.required_variables} cannot be used. {error}'
    if not provider.is_installed:
        return (
            f'{provider.label} needs a Python package that is not installed. '
            f'Install it with: pip install "pydantic-ai-slim[{provider.extra}]"'
        )
    return None


def key_link(name: str) -> str:
    """Return where the key for a model can be entered in the page, as 'key:PREFIX'; '' if it cannot be."""
    provider = provider_of(name)
    return f'key:{provider.prefix}' if provider and provider.key_variable else ''


def lacks_key(name: str, environment: Mapping[str, str]) -> bool:
    """Return whether a model needs a key that can be entered in the page, and there is none."""
    provider = provider_of(name)
    return bool(provider and provider.key_variable and not provider.has_access(environment))


def _version_sort_key(name: str) -> list[int]:
    """Return a key that sorts newer versions first; years and sizes such as 70b are no versions."""
    numbers = [int(number) for number in re.findall(r'\d+(?![\db])', name)]
    return [*(-number for number in numbers if number < 1000), 0]
