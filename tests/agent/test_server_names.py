"""What a server may be called, and where it may be."""

import pytest

from chat.agent.added_servers import checked_address, checked_name
from chat.errors import ServerRefused


@pytest.mark.parametrize('name', ['attic', 'GPU-box', 'a', '7', 'my-2nd-server', 'openais', ' attic '])
def test_letters_digits_and_hyphens_are_a_name(name: str) -> None:
    assert checked_name(name) == name.strip()


@pytest.mark.parametrize(
    'name', ['', ' ', 'two words', 'a:b', 'a_b', 'a/b', '-a', 'büro', 'a.b', 'x' * 33, 'a\n b']
)
def test_anything_else_is_none(name: str) -> None:
    with pytest.raises(ServerRefused, match=r'name'):
        checked_name(name)


@pytest.mark.parametrize('name', ['server', 'Demo', 'OLLAMA', 'lmstudio', 'test'])
def test_nor_is_what_means_something_else(name: str) -> None:
    with pytest.raises(ServerRefused, match='is reserved'):
        checked_name(name)


@pytest.mark.parametrize(
    'name',
    [
        *('openai', 'OpenAI', 'openai-chat', 'azure-responses', 'google', 'google-cloud', 'xai', 'mistral'),
        # Parlour does not list these, but their models can be typed.
        *('vllm', 'litellm', 'GitHub', 'openai-codex', 'bedrock-mantle', 'openai-decisions', 'gateway'),
    ],
)
def test_nor_is_the_name_of_a_provider(name: str) -> None:
    with pytest.raises(ServerRefused, match='name of a provider'):
        checked_name(name)


@pytest.mark.parametrize(
    ('written', 'meant'),
    [
        ('http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1'),
        (' https://models.example/v1/ ', 'https://models.example/v1'),
        ('192.168.0.5:11434', 'http://192.168.0.5:11434'),
        ('http://anna:secret@box/v1', 'http://anna:secret@box/v1'),
        ('http://[::1]:8000', 'http://[::1]:8000'),
    ],
)
def test_an_address_is_made_complete(written: str, meant: str) -> None:
    assert checked_address(written) == meant


@pytest.mark.parametrize(
    'written',
    [
        '',
        'http://',
        'ftp://box',
        'http://box:99999',
        'http://box:x',
        'not an address',
        'http://box/v1?key=x',
        '://',
    ],
)
def test_what_leads_nowhere_is_refused(written: str) -> None:
    with pytest.raises(ServerRefused, match='address'):
        checked_address(written)
