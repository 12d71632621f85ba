"""Keys as they are given: cleaned, or refused with a sentence."""

import pytest

from chat.cli import read_command_line
from chat.errors import InvalidOption, KeyInvalid
from chat.key_cleaning import clean_environment, clean_key

KEY = 'sk-not-a-real-one'


@pytest.mark.parametrize(
    'text',
    [
        f'{KEY}\n',
        f' {KEY}\r\n',
        f'"{KEY}"',
        f"'{KEY}'\n",
        f'\ufeff{KEY}',
        f'Bearer {KEY}',
        f'\u201c{KEY}\u201d',
    ],
)
def test_what_stands_around_a_key_is_no_part_of_it(text: str) -> None:
    assert clean_key(text) == KEY


@pytest.mark.parametrize(
    'text', ['', ' \n', 'two words', 'sk-\u00fc', 'sk-\x00', f'{KEY}\n{KEY}', '\u2022\u2022\u2022']
)
def test_what_no_request_can_carry_is_refused(text: str) -> None:
    with pytest.raises(KeyInvalid, match="That doesn't look like an API key"):
        clean_key(text)


def test_an_environment_is_put_right() -> None:
    """What is empty is taken out, as templates of `.env` leave it; other variables stay as they are."""
    environment = {
        'OPENAI_API_KEY': f'{KEY}\n',
        'OPENAI_BASE_URL': '',
        'ALL_PROXY': ' ',
        'EDITOR': '',
        'PS1': '$ ',
    }
    clean_environment(environment)
    assert environment == {'OPENAI_API_KEY': KEY, 'EDITOR': '', 'PS1': '$ '}


def test_a_key_of_the_server_that_cannot_be_sent_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv('PARLOUR_API_KEY', 'sk-two words')
    with pytest.raises(
        InvalidOption, match="PARLOUR_API_KEY cannot be used: That doesn't look like an API key"
    ) as refused:
        read_command_line([])
    assert 'two words' not in str(refused.value)
