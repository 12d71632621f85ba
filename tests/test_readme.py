"""What the README says is so: its options are there, and its programs run as they stand there."""

import re
import sys
from pathlib import Path

import httpx2
import pytest

from chat.cli import main
from tests.support.launching import Launch
from tests.support.process import READY_PREFIX, Output, Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.timeouts import WAIT_TIMEOUT

README = Path(__file__).parents[1] / 'README.md'


def test_its_options_are_those_of_the_help_each_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(['--help'])
    options = re.findall(r'^  (--[a-z-]+(?: [A-Z]+)?)', capsys.readouterr().out, re.MULTILINE)
    section = README.read_text('utf-8').partition('## Options\n')[2].partition('\n## ')[0]
    cells = re.findall(r'^\| (`--.+?) \|', section, re.MULTILINE)
    assert sorted(re.findall(r'`(--.+?)`', ' '.join(cells))) == sorted([*options, '--help'])


@pytest.fixture
def programs(tmp_path: Path) -> list[str]:
    """The two programs; the first is in the folder in which Parlour is started."""
    section = README.read_text('utf-8').partition('## Your agent\n')[2].partition('\n## ')[0]
    programs = re.findall(r'```python\n(.*?)```', section, re.DOTALL)
    (tmp_path / 'weather.py').write_text(programs[0])
    return programs


def ask(url: str, provider: Provider) -> None:
    provider.reply(Reply(calls=[ToolCall(name='weather')]), Reply(pieces=['Rain.']))
    answer = httpx2.post(
        f'{url}/chat/', data={'prompt': 'And the weather?'}, trust_env=False, timeout=WAIT_TIMEOUT
    )
    assert 'Rain.' in answer.text
    assert provider.requests[-1]['messages'][-1]['content'] == 'It rains in Lisbon.'


def test_an_agent_is_run_by_the_command(tmp_path: Path, launch: Launch, programs: list[str]) -> None:
    assert programs
    options = ('--agent', 'weather:agent', '--deps', 'weather:deps')
    with (
        Provider() as provider,
        Parlour(tmp_path / 'data', *options, base_url=provider.url, launch=launch) as app,
    ):
        app.wait_until_ready()
        assert 'Knows the weather at home.' in httpx2.get(app.url, trust_env=False, timeout=WAIT_TIMEOUT).text
        ask(app.url, provider)
        assert app.terminate() == 0, app.log


def test_an_agent_is_run_by_three_lines(tmp_path: Path, launch: Launch, programs: list[str]) -> None:
    with Provider() as provider:
        settings = f'data={str(tmp_path / "data")!r}, base_url={provider.url!r}, port=0, no_browser=True'
        (tmp_path / 'run.py').write_text(programs[1].replace('deps=deps)', f'deps=deps, {settings})'))
        process = launch([sys.executable, '-c', 'import sys; sys.path.insert(0, ""); import run'], tmp_path)
        assert process.stdout
        assert process.stderr
        output, errors = Output(process.stdout), Output(process.stderr)
        try:
            line = output.wait_for(READY_PREFIX, WAIT_TIMEOUT)
            assert line, errors.text
            ask(line.removeprefix(READY_PREFIX).rstrip('/'), provider)
        finally:
            process.send_signal(2)
            assert process.wait(WAIT_TIMEOUT) == 0
            output.join()
            errors.join()
