"""What it costs when many answers grow at once, and when many look at one."""

import time
from collections.abc import Callable

from playwright.sync_api import Browser

from tests.benchmarks.blocks import mixed
from tests.benchmarks.measuring import App, Watched, end_of, parlour, spoken
from tests.support.provider import Provider
from tests.support.replies import Reply

PAUSE = 0.01
"""Seconds from one token to the next: a hundred a second."""


def run(browser: Browser, provider: Provider, *, is_short: bool) -> None:
    text = mixed(400 if is_short else 4_000)
    with parlour(provider) as app:
        provider.reply(Reply(pieces=['Welcome.']))
        first = Watched(browser, app.url)
        first.send()
        first.wait_for('Welcome.')
        print(f'{"many at once":30}{"server s":>10}{"seconds":>10}')

        def streams(count: int) -> tuple[float, float]:
            """So many answers in as many conversations."""
            pages = [Watched(browser, app.url) for _ in range(count)]
            return cost(app, provider, text, pages, pages)

        def viewers(count: int) -> tuple[float, float]:
            """One answer that so many look at."""
            others = [Watched(browser, first.page.url) for _ in range(count - 1)]
            return cost(app, provider, text, [first], [first, *others])

        compare('answers at once', streams, 2 if is_short else 10)
        compare('viewers of one answer', viewers, 2 if is_short else 20)


def compare(what: str, spend: Callable[[int], tuple[float, float]], many: int) -> None:
    server, seconds = spend(1)
    print(f'{f"1 of {what}":30}{server:>10.2f}{seconds:>10.1f}')
    all_server, all_seconds = spend(many)
    print(f'{f"{many} {what}":30}{all_server:>10.2f}{all_seconds:>10.1f}')
    print(
        f'{many} times as many: {all_server / server:.1f} times the server, '
        f'{all_seconds / seconds:.2f} times as long'
    )


def cost(
    app: App, provider: Provider, text: str, asking: list[Watched], looking: list[Watched]
) -> tuple[float, float]:
    """Seconds of the server's processor, and seconds, until all who look have the whole answer."""
    reply = spoken(text, pause=PAUSE)
    provider.reply(*[reply] * len(asking))
    cpu, begun = app.cpu, time.perf_counter()
    for page in asking:
        page.send()
    for page in looking:
        page.wait_for(end_of(reply))
    spent = app.cpu - cpu, time.perf_counter() - begun
    for page in looking[1:]:
        page.page.close()
    return spent
