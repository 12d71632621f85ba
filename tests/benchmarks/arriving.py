"""How long it takes until one can write, by the number of chats, and what moves while an answer grows."""

import statistics

from playwright.sync_api import Browser, Page

from tests.benchmarks.blocks import mixed
from tests.benchmarks.measuring import Watched, end_of, parlour, spoken
from tests.support.provider import Provider
from tests.support.stored_chats import StoredChat

TYPED = "addEventListener('input', () => (window.typed ??= performance.now()), true)"
"""In the browser: milliseconds from the start of the navigation until a key has arrived in a box."""
SHIFTED = """() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) if (!shift.hadRecentInput) shifted += shift.value;
    }).observe({ type: 'layout-shift' });
}"""
"""In the browser: sums up the layout shifts from now on, as `CLS` does."""
YEARS = 2 * 365


def run(browser: Browser, provider: Provider, *, is_short: bool) -> None:
    few, many = (5, 10) if is_short else (10, 1_000)
    print(f'{"until a key is taken":26}{"first visit ms":>16}{"next visits ms":>16}')
    costs = [arrive(browser, provider, chats, visits=2 if is_short else 9) for chats in (few, many)]
    print(f'{many // few} times the chats: {costs[1] / costs[0]:.1f} times as long')
    shift = moved(browser, provider, characters=400 if is_short else 8_000)
    print(f'layout shift while an answer grows and ends: {shift:.4f}')


def arrive(browser: Browser, provider: Provider, chats: int, *, visits: int) -> float:
    """The milliseconds of one of many visits with a warm cache, none of which is the first."""
    books = [StoredChat(number=n + 1, title=f'Chat {n + 1}', days=n * YEARS / chats) for n in range(chats)]
    with parlour(provider, books) as app:
        page = browser.new_page(viewport={'width': 1280, 'height': 800})
        page.add_init_script(TYPED)
        first, *others = (visit(page, app.url) for _ in range(visits))
        page.close()
    print(f'{f"{chats:,} chats":26}{first:>16.0f}{statistics.median(others):>16.0f}')
    return statistics.median(others)


def visit(page: Page, url: str) -> float:
    """Press a key again and again until the box takes it."""
    page.goto(url, wait_until='commit')
    while (typed := page.evaluate('window.typed ?? null')) is None:
        page.keyboard.press('a')
    page.get_by_test_id('composer').fill('')
    return typed


def moved(browser: Browser, provider: Provider, characters: int) -> float:
    reply = spoken(mixed(characters), pause=0.01)
    provider.reply(reply)
    with parlour(provider) as app:
        page = Watched(browser, app.url)
        page.page.evaluate(SHIFTED)
        page.send()
        page.wait_for(end_of(reply))
        page.page.wait_for_timeout(1000)  # for what comes late
        shifted = page.page.evaluate('shifted')
        page.page.close()
    return shifted
