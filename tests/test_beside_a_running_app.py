"""`python main.py chats …` on the folder of a Parlour that is answering."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from chat.command_line import main
from tests.support.process import Parlour

PROMPTS = ('one', 'two', 'three')


def ask(url: str) -> list[str]:
    """Have all prompts answered, one after the other; return the lines of the answers."""
    with httpx2.Client(trust_env=False, timeout=60) as client:
        return [client.post(f'{url}/chat/', data={'prompt': prompt}).text for prompt in PROMPTS]


def test_looking_while_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / 'data'

    def run(*arguments: str) -> tuple[int, str]:
        code = main(['chats', *arguments, '--data', str(data)])
        said = capsys.readouterr()
        return code, said.out + said.err

    with Parlour(data) as app, ThreadPoolExecutor() as thread:
        app.wait_until_ready()
        asking = thread.submit(ask, app.url)
        looks = 0
        while not asking.done():
            code, said = run('verify')
            assert (code, 'Everything is whole.' in said) == (0, True), said
            _, listed = run('list')
            for line in listed.splitlines():
                assert run('show', line.split(' ')[0])[0] == 0
            looks += 1
        assert looks > 1
        assert len(asking.result()) == len(PROMPTS)
        code, said = run('repair')
        assert (code, f'Parlour is running at {app.url}' in said) == (1, True), said
        assert app.terminate().code == 0
    _, listed = run('list')
    [conversation_id] = [line.split(' ')[0] for line in listed.splitlines()]
    _, shown = run('show', conversation_id)
    assert all(f'## You\n\n{prompt}\n' in shown for prompt in PROMPTS)
    code, said = run('repair')
    assert (code, 'There was nothing to repair.' in said) == (0, True), said
