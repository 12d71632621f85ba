"""What it costs to watch one answer grow, by its length, against the page that one writes first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playwright.sync_api import Browser

from tests.benchmarks.blocks import mixed, one_fence
from tests.benchmarks.measuring import App, Watched, end_of, naive, parlour, spoken
from tests.support.provider import Provider
from tests.support.replies import Reply

PAUSE = 0.0025
"""Seconds from one token to the next: about 350 a second."""


WELCOME = 'Welcome.'
SETTLED = 1000
"""Milliseconds in which a page comes to rest after an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one answer cost."""

    name: str
    length: int
    payload: float
    """Bytes per character that came over the page's websocket, before compression."""
    server: float
    """Seconds of CPU in the server, what it spends on talking to the provider included."""
    browser: float
    """Seconds of the page's main thread."""
    memory: float
    """MB that the server holds more afterwards."""
    first: float
    """Milliseconds from the first token of the provider to the first text on the page."""
    lag: float
    """Milliseconds from its last token to the end of the answer on the page."""
    longest: float
    """Milliseconds of the longest task of the main thread; 0 if none took 50."""


def measure(browser: Browser, app: App, provider: Provider, text: str, *, what: str = '') -> Result:
    """Of the second answer in a conversation: the page is there, and what the first one loads is too."""
    reply = spoken(text, pause=PAUSE)
    provider.reply(Reply(pieces=[WELCOME]), reply)
    watched = Watched(browser, app.url)
    watched.send()
    watched.wait_for(WELCOME)
    watched.page.wait_for_timeout(SETTLED)
    before = app.cpu, watched.main_thread, watched.received, app.memory
    watched.send()
    watched.wait_for(end_of(reply))
    seen = watched.seen
    result = Result(
        name=what or app.name,
        length=len(text),
        payload=(watched.received - before[2]) / len(reply.text),
        server=app.cpu - before[0],
        browser=watched.main_thread - before[1],
        memory=app.memory - before[3],
        first=seen['first'] - reply.sent[0] * 1000,
        lag=seen['end'] - reply.sent[-1] * 1000,
        longest=seen['longest'],
    )
    watched.page.close()
    print(
        f'{result.name:26}{result.length:>9,}{result.payload:>12.1f}{result.server:>11.2f}'
        f'{result.browser:>15.2f}{result.memory:>8.1f}'
        f'{result.first:>10.0f}{result.lag:>8.0f}{result.longest:>9.0f}'
    )
    return result


def run(browser: Browser, provider: Provider, *, is_short: bool) -> None:
    lengths = (400,) if is_short else (4_000, 16_000, 64_000)
    print(
        f'{"one answer":26}{"length":>9}{"bytes/char":>12}{"server s":>11}'
        f'{"main thread s":>15}{"+ MB":>8}{"first ms":>10}{"lag ms":>8}{"task ms":>9}'
    )

    def each(app: App, text_of: Callable[[int], str], lengths: Sequence[int], what: str = '') -> list[Result]:
        return [measure(browser, app, provider, text_of(length), what=what) for length in lengths]

    with parlour(provider) as app:
        ours = each(app, mixed, lengths)
        each(app, one_fence, lengths[1:], 'one block of code')
    with naive(provider) as app:
        theirs = each(app, mixed, lengths[:2])  # at 64,000 its page reloads, and the answer is lost
    for one, other in zip(ours, theirs, strict=False):
        print(
            f'at {one.length:,}: {other.payload / one.payload:.0f} times less over the wire, '
            f'{other.server / one.server:.1f} times less server, '
            f'{other.browser / one.browser:.1f} times less browser'
        )
    first, last = ours[0], ours[-1]
    server, page = last.server / first.server, last.browser / first.browser
    print(
        f'{last.length / first.length:.0f} times the text: {server:.1f} times the server, '
        f'{page:.1f} times the browser'
    )
