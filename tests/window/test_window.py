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


def said_in(data: Path) -> list[list[str]]:
    """What was said in each conversation, in order."""
    files = [json.loads(path.read_text('utf-8')) for path in (data / 'conversations').glob('*.json')]
    messages = [[entry['message'] for entry in file['entries'].values()] for file in files]
    return [[part['content'] for message in said for part in message['parts']] for said in messages]


def windows_of(app: Parlour) -> list[int]:
    """The processes that Parlour has started."""
    return [int(pid) for pid in Path(f'/proc/{app.pid}/task/{app.pid}/children').read_text().split()]


def is_alive(pid: int) -> bool:
    stat = Path(f'/proc/{pid}/stat')
    return stat.exists() and stat.read_text().rpartition(')')[2].split()[0] != 'Z'


def test_a_window_is_typed_into_comes_back_as_it_was_and_keeps_all_that_was_said(
    desktop: Desktop, provider: Provider
) -> None:
    """A second start brings it to the front; it is closed at rest, and then in the middle of an answer."""
    with desktop.parlour(base_url=provider.url) as app:
        page = desktop.page()
        page.enter('[data-testid=composer]')
        desktop.screen.type('What is this?\n')
        page.wait_for('document.querySelector("[data-state=done]")')
        wait_until(lambda: desktop.screen.title.startswith('What is this?'), 'it is not named as the chat')
        wait_until(lambda: desktop.screen.colours() > COLOURS, 'nothing is drawn in it')
        comes_to_the_front(desktop, app)
        desktop.screen.put(140, 60, 900, 700)
        desktop.screen.press('equal', control=True)
        page.wait_for('devicePixelRatio > 1.05')
        desktop.screen.close_window()
        assert app.wait() == 0
        app.check()
    [[question, answer]] = said_in(desktop.data)
    assert question == 'What is this?'
    assert answer.startswith('I got ')
    assert desktop.opened == []
    assert (desktop.data / 'window.json').stat().st_mode & 0o77 == 0
    half, _ = two_halves()
    provider.reply(half)
    with desktop.parlour(base_url=provider.url) as app:
        page = desktop.page()
        assert desktop.screen.place == (140, 60, 900, 700)
        page.wait_for('devicePixelRatio > 1.05')
        page.enter('[data-testid=composer]')
        desktop.screen.press('0', control=True)
        page.wait_for('devicePixelRatio === 1')
        desktop.screen.type('count\n')
        page.wait_for('document.querySelector("[data-testid=answer]")?.textContent.includes("first half")')
        desktop.screen.close_window()
        assert app.wait() == 0
    assert ['count', 'The first half '] in said_in(desktop.data)


def comes_to_the_front(desktop: Desktop, first: Parlour) -> None:
    """Start Parlour again: it brings the window to the front, and ends."""
    with desktop.parlour() as second:
        assert second.wait() == 0
    assert first.url in second.stdout.text
    assert len(windows_of(first)) == 1


@pytest.mark.parametrize('number', [only_long(signal.SIGTERM), signal.SIGKILL])
def test_no_window_is_left_behind(desktop: Desktop, number: signal.Signals) -> None:
    with desktop.parlour() as app:
        app.wait_until_ready()
        desktop.screen.wait_for_window()
        ends_with_its_window(desktop, app, number)


def test_a_place_on_a_screen_that_is_gone_is_left_for_the_middle(desktop: Desktop) -> None:
    """And no window is left there by Ctrl-C."""
    desktop.data.mkdir()
    place = {'x': 5000, 'y': 4000, 'width': 900, 'height': 700, 'zoom': 1}
    (desktop.data / 'window.json').write_text(json.dumps(place))
    with desktop.parlour() as app:
        app.wait_until_ready()
        desktop.page()
        assert desktop.screen.place == (250, 150, 900, 700)
        ends_with_its_window(desktop, app, signal.SIGINT)


def ends_with_its_window(desktop: Desktop, app: Parlour, number: signal.Signals) -> None:
    """End Parlour by a signal: its window ends too, and is seen no more."""
    windows = windows_of(app)
    assert windows
    outcome = {signal.SIGINT: app.interrupt, signal.SIGTERM: app.terminate, signal.SIGKILL: app.kill}
    assert outcome[number]() == (-number if number is signal.SIGKILL else 0)
    wait_until(lambda: not any(map(is_alive, windows)), 'the window is still there')
    wait_until(lambda: desktop.screen.window() is None, 'it is still seen')
