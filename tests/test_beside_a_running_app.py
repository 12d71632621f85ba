"""`python main.py chats …` on the folder of a Parlour that is answering."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from chat.cli import main
from tests.support.gates import Gate
from tests.support.launching import Launch
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply

PROMPTS = ('one', 'two', 'three')


def ask(url: str) -> list[str]:
    """Have all prompts answered, one after the other; return the lines of the answers."""
    with httpx2.Client(trust_env=False, timeout=60) as client:
        return [client.post(f'{url}/chat/', data={'prompt': prompt}).text for prompt in PROMPTS]


def test_looking_while_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], launch: Launch
) -> None:
    """Before the first word, and in the middle of each answer."""
    monkeypatch.chdir(tmp_path)
    data = tmp_path / 'data'
    pauses = [gate for _ in PROMPTS for gate in (Gate(), Gate())]

    def run(*arguments: str) -> tuple[int, str]:
        code = main(['chats', *arguments, '--data', str(data)])
        said = capsys.readouterr()
        return code, said.out + said.err

    def look() -> None:
        code, said = run('verify')
        assert (code, 'No problems found.' in said) == (0, True), said
        _, listed = run('list')
        for line in listed.splitlines():
            assert run('show', line.split(' ')[0])[0] == 0

    with (
        Provider() as provider,
        Parlour(data, base_url=provider.url, launch=launch) as app,
        ThreadPoolExecutor() as thread,
    ):
        app.wait_until_ready()
        halves = zip(pauses[::2], pauses[1::2], strict=True)
        provider.reply(*(Reply(pieces=['Half ', 'and whole.'], gates={0: a, 1: b}) for a, b in halves))
        asking = thread.submit(ask, app.url)
        for pause in pauses:
            pause.reached.wait_blocking()
            look()
            pause.release()
        assert len(asking.result()) == len(PROMPTS)
        code, said = run('repair')
        assert (code, f'Parlour is running at {app.url}' in said) == (1, True), said
        assert app.terminate() == 0
    _, listed = run('list')
    [conversation_id] = [line.split(' ')[0] for line in listed.splitlines()]
    _, shown = run('show', conversation_id)
    assert all(f'## You\n\n{prompt}\n' in shown for prompt in PROMPTS)
    code, said = run('repair')
    assert (code, 'Nothing to repair.' in said) == (0, True), said
