"""Which models one can pick, which one is taken without picking, and what stands in the way."""

import asyncio
import json
from base64 import b64encode
from importlib.util import find_spec

import pytest
from pydantic_ai.models.openai import OpenAIResponsesModel

from chat.agent.demo import demo_model
from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_choice import ModelChoice, label_of
from chat.conversation.content.chat_settings import Preferences
from chat.errors import ModelLoading, ModelMissing
from tests.agent.small_server import Answer, model_list, serving
from tests.support.ports import reserved_port


def choices_with(
    preferred: str | None = None, base_url: str | None = None, api_key: str | None = None, **environment: str
) -> ModelCatalog:
    return ModelCatalog(preferred=preferred, base_url=base_url, api_key=api_key, environment=environment)


async def sentence_of(choices: ModelCatalog, name: str) -> str:
    with pytest.raises(ModelMissing) as missing:
        await choices.connection(name)
    return str(missing.value)


async def test_without_anything_there_is_the_demo() -> None:
    choices = choices_with()
    assert choices.choices == [
        ModelChoice(name='demo', label='Demo (not a real model)', provider='No key needed')
    ]
    assert await choices.default_model() == 'demo'
    assert (await choices.connection('demo')).model_name == 'demo'


async def test_a_key_brings_the_models_of_its_provider() -> None:
    choices = choices_with(ANTHROPIC_API_KEY='k')
    first, *_, last = choices.choices
    assert first == ModelChoice(
        name='anthropic:claude-sonnet-5-5', label='claude-sonnet-5-5', provider='Anthropic'
    )
    assert last.name == 'demo'
    assert await choices.default_model() == first.name


async def test_a_provider_without_known_models_is_not_the_default() -> None:
    assert await choices_with(OPENROUTER_API_KEY='k').default_model() == 'demo'


async def test_the_preferred_model_is_the_default_and_can_be_picked() -> None:
    choices = choices_with('openai:my-own', OPENAI_API_KEY='k')
    assert await choices.default_model() == 'openai:my-own'
    assert choices.choices[0] == ModelChoice(name='openai:my-own', label='my-own', provider='OpenAI')


async def test_what_is_served_comes_first_and_the_demo_last() -> None:
    async with (
        serving({'/v1/models': model_list('llama3:8b', 'text-embedding-3', 'qwen3')}) as given,
        serving({'/v1/models': model_list('phi4')}) as ollama,
    ):
        choices = choices_with(
            base_url=f'{given.url}/v1', OLLAMA_BASE_URL=f'{ollama.url}/v1/', OPENAI_API_KEY='k'
        )
        await choices.refresh()
    names = [choice.name for choice in choices.choices]
    assert names[:2] == ['server:llama3:8b', 'server:qwen3']
    assert names.index('ollama:phi4') < names.index('openai:gpt-6.1-sol')
    assert names[-1] == 'demo'
    headings = [choice.provider for choice in choices.choices]
    assert headings[0] == f'Server at {given.url}'
    assert 'Ollama on this computer' in headings
    assert await choices.default_model() == 'server:llama3:8b'


async def test_a_local_server_that_was_given_is_listed_once() -> None:
    async with serving({'/v1/models': model_list('phi4')}) as ollama:
        choices = choices_with(base_url=f'http://localhost:{ollama.port}/v1', OLLAMA_BASE_URL=ollama.url)
        await choices.refresh()
    assert [choice.name for choice in choices.choices if choice.label == 'phi4'] == ['server:phi4']


@pytest.mark.parametrize('path', ['/models', '/v1/models'])
async def test_an_address_without_a_path_finds_the_list(path: str) -> None:
    """Both 'http://host:8000' and 'http://host:8000/v1' may be written."""
    async with serving({path: model_list('llama3')}) as server:
        assert await choices_with(base_url=f'127.0.0.1:{server.port}/').default_model() == 'server:llama3'


async def test_the_default_waits_for_the_list_once() -> None:
    async with serving({'/v1/models': model_list('llama3')}) as server:
        choices = choices_with(base_url=f'{server.url}/v1')
        assert await choices.default_model() == await choices.default_model() == 'server:llama3'
        assert len(server.asked) == 1


async def test_only_the_given_key_is_sent_for_the_list() -> None:
    async with serving({'/v1/models': model_list('llama3')}) as server:
        await choices_with(base_url=f'{server.url}/v1', OPENAI_API_KEY='secret').refresh()
        await choices_with(base_url=f'{server.url}/v1', api_key='given', OPENAI_API_KEY='secret').refresh()
        assert [asked.headers.get('authorization') for asked in server.asked] == [None, 'Bearer given']


@pytest.mark.parametrize(
    ('preferred', 'default'),
    [
        ('llama3:8b', 'server:llama3:8b'),
        ('org/llama3', 'server:org/llama3'),
        ('mistral:7b', 'server:mistral:7b'),
        ('openai:gpt-6.1-sol', 'openai:gpt-6.1-sol'),
        ('ollama:qwen3:8b', 'ollama:qwen3:8b'),
        ('server:llama3:8b', 'server:llama3:8b'),
        ('demo', 'demo'),
    ],
)
async def test_a_preferred_name_without_a_provider_is_one_of_the_server(preferred: str, default: str) -> None:
    async with serving({'/v1/models': model_list('llama3:8b', 'mistral:7b')}) as server:
        assert await choices_with(preferred, f'{server.url}/v1').default_model() == default


@pytest.mark.parametrize(
    ('answer', 'words'),
    [
        (Answer(body='{}', status=404), '404'),
        (Answer(body='{}', status=401), 'key'),
        (Answer(body='{}', status=500), '500'),
        (Answer(body='{"error": {"message": "No connected db."}}', status=400), 'It says: No connected db'),
        (Answer(body='{"error": "Unexpected endpoint"}'), 'It says: Unexpected endpoint'),
        (Answer(body='[{"error": {"message": "Malformed key"}}]', status=400), 'PARLOUR_API_KEY'),
        (model_list(), 'no models'),
        (Answer(body='<html>', content_type='text/html'), 'address'),
        (Answer(body='{"data": [{"object": "model"}, null]}'), 'no models'),
    ],
)
async def test_a_server_without_models_is_explained(answer: Answer, words: str) -> None:
    async with serving({'/v1/models': answer}) as server:
        choices = choices_with(base_url=f'{server.url}/v1')
        await choices.refresh()
        with pytest.raises(ModelMissing, match=words) as missing:
            await choices.default_model()
    assert server.url in str(missing.value)
    assert '--model' in str(missing.value)
    assert [choice.name for choice in choices.choices] == ['demo']


async def test_a_server_that_is_not_there_is_explained() -> None:
    port = reserved_port()
    with pytest.raises(ModelMissing, match='cannot be reached'):
        await choices_with(base_url=f'http://127.0.0.1:{port}/v1').default_model()
    assert await choices_with('llama3', f'http://127.0.0.1:{port}/v1').default_model() == 'server:llama3'


@pytest.mark.parametrize('address', ['http://[::1', 'ftp://x', 'not an address', 'http://127.0.0.1:99999'])
async def test_an_address_that_cannot_be_read_is_explained(address: str) -> None:
    with pytest.raises(ModelMissing, match='address'):
        await choices_with(base_url=address).default_model()


async def test_a_server_that_starts_later_is_found() -> None:
    async with serving({}) as server:
        choices = choices_with(base_url=f'{server.url}/v1')
        with pytest.raises(ModelMissing):
            await choices.default_model()
        server.answers['/v1/models'] = model_list('llama3')
        assert await choices.default_model() == 'server:llama3'


async def test_no_password_of_an_address_is_shown() -> None:
    async with serving({'/v1/models': model_list('llama3')}) as server:
        choices = choices_with(base_url=f'http://me:secret@127.0.0.1:{server.port}/v1')
        await choices.refresh()
    assert choices.choices[0].provider == f'Server at http://127.0.0.1:{server.port}'


@pytest.mark.parametrize(
    ('name', 'label'),
    [
        ('openai:gpt-99', 'gpt-99'),
        ('server:llama3:8b', 'llama3:8b'),
        ('ollama:qwen3:8b', 'qwen3:8b'),
        ('llama3:8b', 'llama3:8b'),
        ('demo', 'Demo (not a real model)'),
        ('', ''),
    ],
)
def test_every_name_has_a_label(name: str, label: str) -> None:
    assert label_of(name) == label


async def test_the_list_says_of_a_server_that_was_named_why_it_has_no_models() -> None:
    """One that was only looked for on this computer is not missed."""
    address = f'http://127.0.0.1:{reserved_port()}'
    choices = choices_with(base_url=f'{address}/v1')
    assert choices.troubles == {}  # nobody has asked yet
    asking = asyncio.create_task(choices.refresh())
    await asyncio.sleep(0)
    assert choices.troubles == {}  # nor is there an answer
    await asking
    assert choices.troubles == {
        f'Server at {address}': 'It cannot be reached. Start it, or check the address.'
    }


async def test_a_connection_is_made_once_and_uses_the_key_it_was_given() -> None:
    choices = choices_with(OPENAI_API_KEY='made-up')
    model = await choices.connection('openai:gpt-6.1-sol')
    assert isinstance(model, OpenAIResponsesModel)
    assert model.client.api_key == 'made-up'
    assert await choices.connection('openai:gpt-6.1-sol') is model
    await choices.close()


@pytest.mark.parametrize('name', ['nonsense', 'nonsense:x', '', 'openai:', 'server:', 'test'])
async def test_an_unknown_name_is_explained(name: str) -> None:
    sentence = await sentence_of(choices_with(), name)
    assert f'no model “{name}”' in sentence
    assert '--base-url' in sentence


@pytest.mark.parametrize(
    ('name', 'variable'),
    [
        ('openai:gpt-6.1-sol', 'OPENAI_API_KEY'),
        ('anthropic:claude-sonnet-5-5', 'ANTHROPIC_API_KEY'),
        ('google:gemini-3.8-flash', 'GOOGLE_API_KEY or GEMINI_API_KEY'),
        ('vllm:some-model', 'VLLM_BASE_URL'),
        ('bedrock:some-model', 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'),
    ],
)
async def test_a_missing_key_is_named(name: str, variable: str) -> None:
    assert variable in await sentence_of(choices_with(), name)


@pytest.mark.skipif(find_spec('groq') is not None, reason='groq is installed here')
async def test_a_missing_package_is_named() -> None:
    sentence = await sentence_of(choices_with(GROQ_API_KEY='k'), 'groq:openai/gpt-oss-20b')
    assert 'pip install "pydantic-ai-slim[groq]"' in sentence


async def test_a_model_of_a_server_that_is_not_given_is_explained() -> None:
    assert '--base-url' in await sentence_of(choices_with(), 'server:llama3')


NO_CHAT = (
    *(
        'bge-m3:latest',
        'all-minilm:latest',
        'thenlper/gte-large',
        'intfloat/e5-mistral-7b-instruct',
        'nomic-embed-text',
    ),
    *(
        'BAAI/bge-reranker-v2-m3',
        'jina-reranker-v2',
        'whisper-large-v3',
        'gpt-4o-mini-tts',
        'tts-1',
        'kokoro',
    ),
    *(
        'paraphrase-multilingual',
        'stable-diffusion-3.5',
        'black-forest-labs/FLUX.1-dev',
        'dall-e-3',
        'gpt-image-1',
    ),
    *(
        'sentence-transformers/all-MiniLM-L6-v2',
        'omni-moderation-latest',
        'Qwen/Qwen3-Embedding-8B',
        'sdxl-turbo',
    ),
)
CHAT = (
    *(
        'llama3.2:3b',
        'qwen3:8b',
        'openai/gpt-oss-20b',
        'mistral-small',
        'minicpm-v',
        'phi-4',
        'gemma-3-27b-it',
    ),
    *(
        'deepseek-r1',
        'command-r7b',
        'gpt-4o-audio-preview',
        'glm-5.3-flash',
        '/models/SmolLM2.gguf',
        'granite3.3',
    ),
)


async def test_models_that_cannot_chat_are_not_offered() -> None:
    async with serving({'/v1/models': model_list(*NO_CHAT, *CHAT)}) as server:
        choices = choices_with(base_url=f'{server.url}/v1')
        assert await choices.default_model() == 'server:llama3.2:3b'
        assert [choice.name for choice in choices.choices] == [*(f'server:{name}' for name in CHAT), 'demo']
        assert (
            choices.unavailable_reason('server:bge-m3:latest') is None
        )  # it is there; who names it is asked to know


@pytest.mark.parametrize(
    'entry',
    [
        {'type': 'embeddings'},
        {'type': 'image'},
        {'architecture': {'output_modalities': ['image']}},
        {'capabilities': ['embedding']},
        {'capabilities': {'completion_chat': False}},
        {'task': 'feature-extraction'},
    ],
)
async def test_what_a_list_says_of_a_model_counts(entry: dict[str, object]) -> None:
    models = [{'id': 'first', **entry}, {'id': 'my-embedder', 'type': 'llm'}]
    async with serving({'/v1/models': Answer(body=json.dumps({'data': models}))}) as server:
        assert await choices_with(base_url=f'{server.url}/v1').default_model() == 'server:my-embedder'


async def test_a_number_is_a_name_too() -> None:
    async with serving(
        {'/v1/models': Answer(body='{"data": [{"id": 7}, {"id": true}, {"id": ""}]}')}
    ) as server:
        assert await choices_with(base_url=f'{server.url}/v1').default_model() == 'server:7'


FORMS: list[object] = [
    {'models': [{'id': 'llama3'}]},
    {'models': [{'name': 'llama3', 'model': 'llama3', 'capabilities': ['completion']}]},
    {'models': [{'name': 'llama3'}], 'data': []},
    {'models': ['llama3'], 'data': None},
    {'data': ['llama3', None, True, {}, []]},
    {'data': [{'id': 'llama3', 'name': 'Llama 3 of Meta'}], 'models': [{'name': 'other'}]},
    ['llama3'],
]


@pytest.mark.parametrize('body', FORMS)
async def test_a_list_has_many_forms(body: object) -> None:
    async with serving({'/v1/models': Answer(body=json.dumps(body))}) as server:
        choices = choices_with(base_url=f'{server.url}/v1')
        assert await choices.default_model() == 'server:llama3'
        assert [choice.name for choice in choices.choices] == ['server:llama3', 'demo']


async def test_the_own_list_of_lm_studio_is_read() -> None:
    """As its documentation has it; no real one was at hand. What is loaded is what one begins with."""
    own = [
        {'id': 'one', 'type': 'embeddings', 'state': 'loaded'},
        {'id': 'two', 'type': 'llm', 'state': 'not-loaded'},
        {'id': 'three', 'type': 'vlm', 'state': 'loaded'},
    ]
    plain = [{'id': entry['id'], 'object': 'model', 'owned_by': 'organization_owner'} for entry in own]
    lists = {
        '/v1/models': Answer(body=json.dumps({'data': plain})),
        '/api/v0/models': Answer(body=json.dumps({'data': own})),
    }
    async with serving(lists) as server:
        choices = choices_with(base_url=f'{server.url}/v1')
        assert await choices.default_model() == 'server:three'
    assert [choice.label for choice in choices.choices] == ['two', 'three', 'Demo (not a real model)']


async def test_the_own_lists_of_ollama_are_read() -> None:
    """As its documentation has it; no real one was at hand."""
    tags = [
        {'name': 'secret:latest', 'details': {'family': 'nomic-bert'}},
        {'name': 'two:latest', 'details': {'family': 'llama'}},
        {'name': 'three:latest', 'details': {'family': 'qwen3'}},
    ]
    plain = [{'id': entry['name'], 'object': 'model', 'owned_by': 'library'} for entry in tags]
    lists = {
        '/v1/models': Answer(body=json.dumps({'data': plain})),
        '/api/tags': Answer(body=json.dumps({'models': tags})),
        '/api/ps': Answer(body=json.dumps({'models': [{'name': 'three:latest'}]})),
    }
    async with serving(lists) as server:
        choices = choices_with(OLLAMA_BASE_URL=f'{server.url}/v1')
        await choices.refresh()
    assert [choice.name for choice in choices.choices] == ['ollama:two:latest', 'ollama:three:latest', 'demo']
    assert choices.servers[0].default_model == 'three:latest'


async def test_a_server_that_loads_its_model_is_no_wrong_address() -> None:
    loading = Answer(body='{"error": {"message": "Loading model"}}', status=503)
    async with serving({'/v1/models': loading}) as server:
        choices = choices_with(base_url=f'{server.url}/v1')
        with pytest.raises(ModelLoading, match=r'still loading its model.* It says: Loading model'):
            await choices.default_model()
        server.answers['/v1/models'] = model_list('llama3')
        assert await choices.default_model() == 'server:llama3'


async def test_the_password_of_an_address_is_sent_and_shown_nowhere() -> None:
    async with serving({'/v1/models': model_list('llama3')}) as server:
        choices = choices_with(base_url=f'http://anna:s%40cret@127.0.0.1:{server.port}/v1')
        assert await choices.default_model() == 'server:llama3'
        assert server.asked[0].headers['authorization'] == f'Basic {b64encode(b"anna:s@cret").decode()}'
        assert 'cret' not in f'{choices.choices} {choices.connection_hint("server:llama3")}'


@pytest.mark.parametrize(
    ('name', 'label'),
    [
        ('server:/models/Qwen3-8B.gguf', 'Qwen3-8B.gguf'),
        ('server:C:\\models\\Qwen3-8B.gguf', 'Qwen3-8B.gguf'),
        ('server:models/a/b.gguf', 'b.gguf'),
        ('lmstudio:~/models/Qwen3-8B/', 'Qwen3-8B'),
        ('server:org/llama3', 'org/llama3'),
        ('ollama:qwen3:8b', 'qwen3:8b'),
    ],
)
def test_a_path_is_shown_by_the_name_of_its_file(name: str, label: str) -> None:
    assert label_of(name) == label


async def test_an_agent_brings_its_own_model() -> None:
    """It answers its chats unless another one is named at the start or preferred; each chat may pick any."""
    own = demo_model()
    preferences = Preferences()
    models = ModelCatalog(
        preferred=None,
        base_url=None,
        api_key=None,
        environment={},
        model_preferences=lambda: preferences,
        agent_models={'agent:mine:guide': own},
    )
    assert models.agent_model('mine:guide') == models.choices[0].name == 'agent:mine:guide'
    assert await models.connection('agent:mine:guide') is own
    assert models.unavailable_reason('agent:mine:guide') is None
    assert models.agent_model('mine:other') is None
    preferences = Preferences(model='demo')
    assert models.agent_model('mine:guide') is None
    without = ModelCatalog(preferred=None, base_url=None, api_key=None, environment={})
    assert 'not running here' in str(without.unavailable_reason('agent:mine:guide'))
    assert 'agent:mine:guide' not in [choice.name for choice in without.choices]


async def test_an_agent_may_name_its_model_without_connecting_it() -> None:
    """It is connected as any other model is, so what is missing for it is said as of any other."""
    models = ModelCatalog(
        preferred=None,
        base_url=None,
        api_key=None,
        environment={},
        agent_models={'agent:mine:guide': 'openai:gpt-5.2'},
    )
    with pytest.raises(ModelMissing, match='OPENAI_API_KEY'):
        await models.connection('agent:mine:guide')
