"""Servers that were added in the page: asked as that of --base-url is, several at once."""

import json

import pytest
from pydantic import SecretStr
from pydantic_ai import Agent
from pydantic_ai.models.ollama import OllamaModel

from chat.agent.added_servers import AddedServer, AddedServers, ServerDescription
from chat.agent.api_keys import ApiKeys
from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_choice import ModelChoice, label_of
from chat.errors import KeyInvalid, ModelMissing, ServerRefused
from chat.store.settings_files import server_key
from tests.agent.small_server import Answer, SmallServer, model_list, serving, spoken
from tests.support.memory_storage import MemoryApiKeys
from tests.support.memory_values import MemoryValues
from tests.support.ports import reserved_port

SECRET = 'sk-7e4f0d7a91c2'


class ModelSetup:
    """Servers, keys and the models that they offer."""

    def __init__(self, preferred: str | None = None, base_url: str | None = None, **environment: str) -> None:
        self.key_store = MemoryApiKeys()
        self.keys = ApiKeys(environment, self.key_store)
        self.store = MemoryValues[AddedServer](server_key)
        self.added = AddedServers([], store=self.store, keys=self.keys)
        self.catalog = ModelCatalog(
            preferred=preferred,
            base_url=base_url,
            api_key=None,
            environment=self.keys.environment,
            added=lambda: self.added.servers,
        )

    async def add(self, name: str, address: str, key: str = '') -> None:
        await self.added.save(draft(name, address, key))

    async def ask(self, name: str) -> str:
        return (await Agent(await self.catalog.connection(name)).run('Hello')).output


def draft(
    name: str, address: str, key: str = '', *, is_new: bool = True, drops_key: bool = False
) -> ServerDescription:
    secret = SecretStr(key) if key else None
    return ServerDescription(name=name, address=address, key=secret, is_new=is_new, drops_key=drops_key)


def answering(model: str, text: str) -> dict[str, Answer]:
    whole = {
        'id': 'c',
        'object': 'chat.completion',
        'created': 1,
        'model': model,
        'choices': [{'index': 0, 'finish_reason': 'stop', 'message': {'role': 'assistant', 'content': text}}],
    }
    return {'/v1/models': model_list(model), '/v1/chat/completions': Answer(body=json.dumps(whole))}


def keys_sent(server: SmallServer) -> set[str | None]:
    return {asked.headers.get('authorization') for asked in server.asked}


async def test_two_servers_answer_beside_each_other_each_with_its_key() -> None:
    setup = ModelSetup(OPENAI_API_KEY='of somebody else')
    async with serving(answering('llama3', 'one')) as one, serving(answering('llama3', 'two')) as two:
        await setup.add('attic', one.url, SECRET)
        await setup.add('GPU-box', f'{two.url}/v1/')
        await setup.catalog.refresh()
        first, second, *_ = setup.catalog.choices
        assert first == ModelChoice(name='attic:llama3', label='llama3', provider='attic')
        assert second == ModelChoice(name='GPU-box:llama3', label='llama3', provider='GPU-box')
        assert await setup.ask('attic:llama3') == 'one'
        assert await setup.ask('gpu-BOX:llama3') == 'two'
    await setup.catalog.close()
    assert keys_sent(one) == {f'Bearer {SECRET}'}
    assert keys_sent(two) == {None}


async def test_the_server_of_the_start_keeps_its_name() -> None:
    async with serving(answering('llama3', 'given')) as given, serving(answering('llama3', 'added')) as other:
        setup = ModelSetup(preferred='attic:llama3', base_url=f'{given.url}/v1')
        assert await setup.catalog.default_model() == 'server:attic:llama3'  # there is no attic, yet
        await setup.add('attic', other.url)
        await setup.catalog.refresh()
        assert [choice.name for choice in setup.catalog.choices][1:3] == ['server:llama3', 'attic:llama3']
        assert await setup.ask('server:llama3') == 'given'
    await setup.catalog.close()


async def test_what_a_server_tells_of_its_models_is_known_of_an_added_one_too() -> None:
    """What they see, how much they hold, and that they are sent one system message."""
    told = {'architecture': {'input_modalities': ['text']}, 'meta': {'n_ctx': 512}}
    list_of_one = Answer(body=json.dumps({'data': [{'id': 'llama3', **told}]}))
    async with serving({'/v1/models': list_of_one}) as server:
        setup = ModelSetup()
        await setup.add('attic', f'{server.url}/v1')
        added = await setup.catalog.profile('attic:llama3')
        given = await ModelCatalog(
            preferred=None, base_url=f'{server.url}/v1', api_key=None, environment={}
        ).profile('server:llama3')
    await setup.catalog.close()
    assert added == given
    assert (added.get('supports_image_input'), added.get('context_window')) == (False, 512)


async def test_an_ollama_elsewhere_is_asked_as_one() -> None:
    plain = {'data': [{'id': 'llava', 'object': 'model', 'owned_by': 'library'}]}
    async with serving({'/v1/models': Answer(body=json.dumps(plain))}) as server:
        setup = ModelSetup()
        await setup.add('attic', server.url)
        assert isinstance(await setup.catalog.connection('attic:llava'), OllamaModel)
        assert 'Is Ollama running on' in setup.catalog.connection_hint('attic:llava')
    await setup.catalog.close()


async def test_one_that_is_down_is_shown_with_the_reason_and_the_others_are_there() -> None:
    refusal = Answer(body=json.dumps({'error': {'message': f'Not with {SECRET}.'}}), status=401)
    async with serving({'/v1/models': model_list('llama3')}) as one, serving({'/v1/models': refusal}) as two:
        setup = ModelSetup()
        await setup.add('attic', one.url)
        await setup.add('locked', two.url, SECRET)
        await setup.add('gone', f'http://127.0.0.1:{reserved_port()}')
        await setup.catalog.refresh()
    assert setup.catalog.troubles == {
        'locked': 'It asks for an API key, or refuses the one it got. Check its key in the settings. '
        'It says: Not with •••.',
        'gone': 'It cannot be reached. Start it, or check the address.',
    }
    assert 'gone cannot be reached' in (setup.catalog.unavailable_reason('gone:llama3') or '')
    assert setup.catalog.key_link('locked:llama3') == 'server:locked'
    assert await setup.catalog.default_model() == 'attic:llama3'


async def test_an_added_server_is_where_one_begins_if_nothing_was_picked() -> None:
    setup = ModelSetup()
    address = f'http://127.0.0.1:{reserved_port()}/v1'
    await setup.add('attic', address)
    with pytest.raises(ModelMissing, match=r'cannot be reached.*choose another model'):
        await setup.catalog.default_model()
    async with serving({'/v1/models': model_list('llama3')}) as server:
        await setup.added.save(draft('attic', server.url, is_new=False))
        assert await setup.catalog.default_model() == 'attic:llama3'


async def test_after_it_was_removed_its_models_are_asked_about() -> None:
    async with serving(answering('llama3', 'one')) as server:
        setup = ModelSetup()
        await setup.add('attic', server.url, SECRET)
        assert await setup.ask('attic:llama3') == 'one'
        await setup.added.remove('Attic')
    assert [choice.name for choice in setup.catalog.choices] == ['demo']
    obstacle = setup.catalog.unavailable_reason('attic:llama3') or ''
    assert 'no server here is called “attic”' in obstacle
    assert 'settings' in obstacle
    with pytest.raises(ModelMissing, match='no server here is called “attic”'):
        await setup.catalog.connection('attic:llama3')
    assert SECRET not in setup.keys.environment.values()
    assert label_of('attic:llama3') == 'attic:llama3'
    await setup.catalog.close()


async def test_another_key_and_another_address_hold_at_once() -> None:
    async with serving(answering('llama3', 'one')) as one, serving(answering('llama3', 'two')) as two:
        setup = ModelSetup()
        await setup.add('attic', one.url, SECRET)
        assert await setup.ask('attic:llama3') == 'one'
        await setup.added.save(draft('attic', two.url, is_new=False))  # and keeps its key
        assert await setup.ask('attic:llama3') == 'two'
        assert keys_sent(two) == {f'Bearer {SECRET}'}
        two.asked.clear()
        await setup.added.save(draft('attic', two.url, is_new=False, drops_key=True))
        assert await setup.ask('attic:llama3') == 'two'
        assert keys_sent(two) == {None}
    await setup.catalog.close()


async def test_a_password_in_the_address_is_kept_as_a_key_is() -> None:
    async with serving(answering('llama3', 'one')) as server:
        setup = ModelSetup()
        await setup.add('attic', f'http://anna:s%40cret-word@127.0.0.1:{server.port}/v1')
        assert await setup.ask('attic:llama3') == 'one'
        assert keys_sent(server) == {'Basic YW5uYTpzQGNyZXQtd29yZA=='}
    assert (
        'cret'
        not in f'{await setup.store.read()} {setup.added.address("attic")} {setup.catalog.servers[0].url}'
    )
    assert setup.catalog.redact('s@cret-word YW5uYTpzQGNyZXQtd29yZA==') == '••• •••'
    with pytest.raises(ServerRefused, match='Use only one of them'):
        setup.added.unsaved_server(draft('', 'http://anna:secret@box', 'key'))
    await setup.catalog.close()


async def test_a_name_is_there_once() -> None:
    setup = ModelSetup()
    await setup.add('Attic', 'http://one')
    with pytest.raises(ServerRefused, match='a server called “Attic” already'):
        await setup.add('attic', 'http://two')
    assert setup.added.address('attic') == 'http://one'


async def test_what_cannot_be_a_server_is_not_kept() -> None:
    setup = ModelSetup()
    with pytest.raises(KeyInvalid):
        await setup.add('attic', 'http://one', 'two words')
    for name, address in (('openai', 'http://one'), ('attic', 'nowhere at all')):
        with pytest.raises(ServerRefused):
            await setup.add(name, address, SECRET)
    assert (await setup.store.read(), await setup.key_store.read(), setup.added.servers) == ([], {}, [])


async def test_a_test_keeps_nothing_and_sends_no_key_of_another() -> None:
    async with serving({'/v1/models': model_list('one', 'two')}) as server:
        setup = ModelSetup()
        await setup.add('attic', 'http://one', SECRET)
        for is_new in (True, False):
            tried = setup.added.unsaved_server(draft('attic', f'{server.url}/v1', is_new=is_new))
            assert (await tried.queried()).model_names == ('one', 'two')
        assert [asked.headers.get('authorization') for asked in server.asked] == [None, f'Bearer {SECRET}']
    assert setup.added.address('attic') == 'http://one'


async def test_a_local_server_that_was_added_is_listed_once() -> None:
    async with serving({'/v1/models': model_list('phi4')}) as ollama:
        setup = ModelSetup(OLLAMA_BASE_URL=ollama.url)
        await setup.add('attic', ollama.url)
        await setup.catalog.refresh()
        assert [choice.name for choice in setup.catalog.choices] == ['attic:phi4', 'demo']


async def test_words_that_stream_come_from_it_too() -> None:
    async with serving({'/v1/models': model_list('m'), '/v1/chat/completions': spoken('Hi ', 'you')}) as one:
        setup = ModelSetup()
        await setup.add('attic', one.url)
        async with Agent(await setup.catalog.connection('attic:m')).run_stream('Hello') as stream:
            assert await stream.get_output() == 'Hi you'
    await setup.catalog.close()


@pytest.mark.parametrize(
    ('name', 'label'),
    [
        ('attic:qwen3:8b', 'attic:qwen3:8b'),
        ('attic:/models/Qwen3-8B.gguf', 'attic:Qwen3-8B.gguf'),
        ('attic:org/llama3', 'attic:org/llama3'),
        ('nonsense', 'nonsense'),
    ],
)
def test_its_models_are_called_by_its_name(name: str, label: str) -> None:
    assert label_of(name) == label
