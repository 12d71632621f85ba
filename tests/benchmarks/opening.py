"""What it costs to open a conversation, by its length."""

import time

from playwright.sync_api import Browser

from tests.benchmarks.blocks import mixed
from tests.benchmarks.measuring import Watched, parlour
from tests.support.provider import Provider
from tests.support.stored_chats import StoredChat

ANSWER = 800
"""Characters."""


def book(number: int, messages: int) -> StoredChat:
    turns = ((f'Question {n}', f'{mixed(ANSWER)}\n\nAnswer {n}.') for n in range(messages // 2))
    return StoredChat(number=number, title=f'{messages} messages', turns=tuple(turns))


def run(browser: Browser, provider: Provider, *, is_short: bool) -> None:
    lengths = (20, 40) if is_short else (20, 200, 1_000, 2_000)
    books = [book(number, messages) for number, messages in enumerate((10, *lengths), 1)]
    costs: list[tuple[float, float, float]] = []
    print(f'{"opening":26}{"server s":>11}{"main thread s":>15}{"seconds":>10}')
    with parlour(provider, books) as app:
        for one in books:  # the first fills the caches of the browser
            cpu, begun = app.cpu, time.perf_counter()
            page = Watched(browser, f'{app.url}/c/{one.id}')
            page.wait_for(f'Answer {len(one.turns) - 1}.')
            costs.append((app.cpu - cpu, page.main_thread, time.perf_counter() - begun))
            server, main_thread, seconds = costs[-1]
            print(f'{one.title:26}{server:>11.2f}{main_thread:>15.2f}{seconds:>10.1f}')
            page.page.close()
    short, long = costs[1], costs[-1]
    print(
        f'{lengths[-1] // lengths[0]} times the messages: {long[0] / short[0]:.1f} times the server, '
        f'{long[1] / short[1]:.1f} times the browser, {long[2] / short[2]:.1f} times as long'
    )
