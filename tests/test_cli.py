"""What can be typed after `python main.py`, and what is said of what cannot."""

import re
from pathlib import Path

import pytest

from chat import __version__
from chat.cli import main, read_command_line
from chat.errors import InvalidOption
from chat.settings import Settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to start in, and no settings of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ('PORT', 'HOST', 'DATA', 'MODEL', 'BASE_URL', 'NO_BROWSER', 'LOG_LEVEL', 'API_KEY'):
        monkeypatch.delenv(f'PARLOUR_{name}', raising=False)
    return tmp_path


def test_nothing_given() -> None:
    settings = read_command_line([]).settings
    assert (settings.host, settings.port, settings.no_browser) == ('127.0.0.1', None, False)
    assert settings.data.name == 'parlour'


def test_flags_win_over_the_environment_and_that_over_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('PARLOUR_PORT', '1')
    monkeypatch.setenv('PARLOUR_MODEL', 'from-environment')
    monkeypatch.setenv('PARLOUR_LOG_LEVEL', '')
    monkeypatch.delenv('PARLOUR_LOG_LEVEL')
    (elsewhere / '.env').write_text('PARLOUR_MODEL=from-file\nPARLOUR_LOG_LEVEL=debug\n')
    settings = read_command_line(['--port', '2']).settings
    assert (settings.port, settings.model, settings.log_level) == (2, 'from-environment', 'debug')


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['--port', 'eighty'], '--port cannot be used'),
        (['--port', '70000'], '--port cannot be used'),
        (['--host', '0.0.0.0'], 'use --share'),  # noqa: S104
        (['--host', 'example.org'], 'use --share'),
        (['--base-url', 'nonsense'], '--base-url cannot be used'),
        (['--base-url', 'localhost:8000/v1'], 'It must begin with http:// or https://'),
        (['--log-level', 'loud'], '--log-level cannot be used'),
        (['--colour'], 'Unknown option --colour'),
        (['--colour', 'red'], 'Unknown option --colour'),
        (['--modell', 'demo'], r'Unknown option --modell \(did you mean --model\?\)'),
        (['--colour=red', 'chats', 'list'], 'Unknown option --colour'),
        (['-p', '80'], 'Unknown option -p'),
        (['chats', '--colour', 'list'], 'Unknown option --colour'),
        (['chats', 'list', '--port', '80'], 'Unknown option --port'),
        (['chats', 'show', '--colour', 'red', 'abc'], 'Unknown option --colour'),
        (['selftest', '--dat', '.'], r'Unknown option --dat \(did you mean --data\?\)'),
        (['--port', '-1'], '--port cannot be used'),
        (['--data'], 'expected one argument'),
        (['chats'], 'required: ACTION'),
        (['chats', 'burn'], "invalid choice: 'burn'"),
        (['chats', 'show'], 'required: ID'),
        (['chat'], "invalid choice: 'chat'"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InvalidOption, match=sentence):
        read_command_line(arguments)
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count('\n')) == ('', 1)


def test_a_key_is_not_shown() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('PARLOUR_API_KEY', 'sk-secret')
        assert 'sk-secret' not in repr(read_command_line([]).settings)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as outcome:
        main(['--version'])
    assert (outcome.value.code, capsys.readouterr().out) == (0, f'Parlour {__version__}\n')


def test_every_setting_is_an_option_with_its_explanation_unless_the_environment_alone_has_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A key on the command line could be read by other users of the computer."""
    with pytest.raises(SystemExit):
        main(['--help'])
    said = ' '.join(capsys.readouterr().out.split())
    for name, setting in Settings.model_fields.items():
        is_option = name not in ('api_key', 'telemetry_content', 'node', 'continue_left')
        assert (f' --{name.replace("_", "-")} ' in said) == is_option
        assert (f'{setting.description}' in said) == is_option


def test_the_readme_has_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(['--help'])
    options = set(re.findall(r'^  (--[\w-]+(?: [A-Z]+)?)', capsys.readouterr().out, re.MULTILINE))
    readme = (Path(__file__).parents[1] / 'README.md').read_text()
    assert options
    assert {option for option in options if f'`{option}`' not in readme} == set()
