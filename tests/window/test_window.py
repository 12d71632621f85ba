"""The desktop window, on a screen of its own: seen, typed into, closed."""

import json
import signal
from pathlib import Path

import pytest

from tests.support.process import Parlour
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import two_halves
from tests.window.conftest import Desktop
from tests.window.x_screen import wait_until

COLOURS = 100
"""A page has more, with its smooth letters; an empty window has few."""


def messages(data: Path) -> list[str]:
    """What was said in the only conversation, in order."""
    [path] = (data / 'conversations').glob('*.json')
    entries = json.loads(path.read_text('utf-8'))['entries'].values()
    return [part['content'] for entry in entries for part in entry['message']['parts']]


def windows_of(app: Parlour) -> list[int]:
    """The processes that Parlour has started."""
    return [int(pid) for pid in Path(f'/proc/{app.pid}/task/{app.pid}/children').read_text().split()]


def is_alive(pid: int) -> bool:
    stat = Path(f'/proc/{pid}/stat')
    return stat.exists() and stat.read_text().rpartition(')')[2].split()[0] != 'Z'


def test_a_prompt_that_is_typed_into_the_window_is_answered(desktop: Desktop, provider: Provider) -> None:
    with desktop.parlour(base_url=provider.url) as app:
        page = desktop.page()
        page.enter('[data-testid=composer]')
        desktop.screen.type('What is this?\n')
        page.wait_for('document.querySelector("[data-state=done]")')
        wait_until(lambda: desktop.screen.title.startswith('What is this?'), 'it is not named as the chat')
        assert desktop.screen.colours() > COLOURS
        desktop.screen.close_window()
        assert app.wait().code == 0
        app.check()
    question, answer = messages(desktop.data)
    assert question == 'What is this?'
    assert answer.startswith('I got ')
    assert desktop.opened == []


def test_what_was_said_when_the_window_is_closed_is_kept(desktop: Desktop, provider: Provider) -> None:
    half, _ = two_halves()
    provider.reply(half)
    with desktop.parlour(base_url=provider.url) as app:
        page = desktop.page()
        page.enter('[data-testid=composer]')
        desktop.screen.type('count\n')
        page.wait_for('document.querySelector("[data-testid=answer]")?.textContent.includes("first half")')
        desktop.screen.close_window()
        assert app.wait().code == 0
    assert messages(desktop.data) == ['count', 'The first half ']


@pytest.mark.parametrize('number', [signal.SIGINT, only_long(signal.SIGTERM), signal.SIGKILL])
def test_no_window_is_left_behind(desktop: Desktop, number: signal.Signals) -> None:
    with desktop.parlour() as app:
        desktop.screen.wait_for_window()
        windows = windows_of(app)
        outcome = {signal.SIGINT: app.interrupt, signal.SIGTERM: app.terminate, signal.SIGKILL: app.kill}
        assert outcome[number]().code == (-number if number is signal.SIGKILL else 0)
        wait_until(lambda: not any(map(is_alive, windows)), 'the window is still there')
    assert windows
    assert desktop.screen.window() is None


def test_it_comes_back_where_and_as_large_as_it_was(desktop: Desktop) -> None:
    with desktop.parlour() as app:
        page = desktop.page()
        desktop.screen.put(140, 60, 900, 700)
        page.enter('[data-testid=composer]')
        desktop.screen.press('equal', control=True)
        page.wait_for('devicePixelRatio > 1.05')
        desktop.screen.close_window()
        assert app.wait().code == 0
    with desktop.parlour() as app:
        page = desktop.page()
        assert desktop.screen.place == (140, 60, 900, 700)
        page.wait_for('devicePixelRatio > 1.05')
        page.enter('[data-testid=composer]')
        desktop.screen.press('0', control=True)
        page.wait_for('devicePixelRatio === 1')
    assert (desktop.data / 'window.json').stat().st_mode & 0o77 == 0


def test_a_place_on_a_screen_that_is_gone_is_left_for_the_middle(desktop: Desktop) -> None:
    desktop.data.mkdir()
    place = {'x': 5000, 'y': 4000, 'width': 900, 'height': 700, 'zoom': 1}
    (desktop.data / 'window.json').write_text(json.dumps(place))
    with desktop.parlour():
        desktop.page()
        assert desktop.screen.place == (250, 150, 900, 700)


def test_a_second_start_brings_the_window_to_the_front(desktop: Desktop) -> None:
    with desktop.parlour() as first:
        desktop.page()
        with desktop.parlour() as second:
            assert second.wait().code == 0
        assert first.url in second.stdout.text
        assert len(windows_of(first)) == 1
    assert desktop.opened == []
