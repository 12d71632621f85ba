"""What a start, a first visit, a later one and a first question cost, beside the app as it was."""

import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any
from urllib.error import URLError

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.benchmarks.before import app_before, print_rows
from tests.benchmarks.measuring import App, naive, parlour
from tests.support.launching import Launch, start_process
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.request_rules import LENIENT

ANSWER = """An *answer* with `code` and $e^{i\\pi} = -1$:

```python
print("Hello")
```

$$\\int_0^1 x^2 dx$$
"""
WORD_TIMEOUT = 60_000
"""Milliseconds after which nothing comes any more."""
PACKAGES = {
    'nicegui and pydantic-ai': 'nicegui.ui, pydantic_ai',
    'these and openai': 'nicegui.ui, pydantic_ai, pydantic_ai.models.openai',
}
MEASURE = """import time, {}
print(time.process_time(), open('/proc/self/statm').read().split()[1])"""
MORE_PAGES = 20
LATER_QUESTIONS = 5
ROUNDS = 3
REST = 1.5
"""Seconds in which an app or a page comes to rest."""


@dataclass(slots=True)
class Costs:
    """Of one app; `metadata` has the words for the table."""

    ready: float = 0
    page: float = 0
    start_cpu: float = 0
    first_kilobytes: float = 0
    first_requests: float = 0
    first_visit: float = 0
    first_connected: float = 0
    later_visit: float = 0
    later_connected: float = 0
    first_question: float = 0
    later_questions: float = 0
    answer_kilobytes: float = 0
    memory_ready: float = 0
    memory_asked: float = 0
    memory_page: float = 0


NAMES: Mapping[str, str] = {
    'ready': 'start until the app is ready, s',
    'page': 'start until the first page is answered, s',
    'start_cpu': '… of the processor, s',
    'first_kilobytes': 'first visit, KB over the wire',
    'first_requests': '… requests',
    'first_visit': '… until one can type, s',
    'first_connected': '… until it is connected, s',
    'later_visit': 'later visit until one can type, s',
    'later_connected': '… until it is connected, s',
    'first_question': 'first question after a start: to the first word, ms',
    'later_questions': 'later questions: to the first word, ms',
    'answer_kilobytes': 'first answer with code and a formula, more KB',
    'memory_ready': 'memory when ready, without a page, MB',
    'memory_asked': 'memory after the first question, MB',
    'memory_page': 'memory of each further open page, MB',
}

WATCH = """count => {
    const now = () => performance.timeOrigin + performance.now();
    window.word = null;
    addEventListener('keydown', () => (window.entered = now()), { once: true, capture: true });
    const look = () => {
        const answers = document.querySelectorAll('[data-testid=answer]');
        if (answers.length > count && answers[count].textContent.trim()) window.word = now();
        else requestAnimationFrame(look);
    };
    look();
}"""
"""In the browser: notes when Enter was pressed, and when the answer after so many has its first word."""


class Network:
    """Counts what a page loads from the server, and not from the cache."""

    def __init__(self, page: Page) -> None:
        self.kilobytes = 0.0
        self.requests = 0
        session = page.context.new_cdp_session(page)
        session.send('Network.enable')  # pyright: ignore[reportUnknownMemberType]
        session.on('Network.loadingFinished', self._finished)
        session.on('Network.responseReceived', self._received)
        session.on('Network.requestServedFromCache', self._cached)

    def _finished(self, event: dict[str, Any]) -> None:
        self.kilobytes += event['encodedDataLength'] / 1024

    def _received(self, event: dict[str, Any]) -> None:
        self.requests += not event['response'].get('fromDiskCache')

    def _cached(self, _: dict[str, Any]) -> None:
        self.requests -= 1


def run(browser: Browser, _: Provider, *, is_short: bool) -> None:
    """Measure both again and again, in turns: the machine may do other things as well."""
    with app_before() as launch_before, Provider(rules=LENIENT) as provider:
        rounds = range(1 if is_short else ROUNDS)
        measured = [
            (
                costs(browser, provider, launch_before, is_short=is_short),
                costs(browser, provider, start_process, is_short=is_short),
                naive_visits(browser, provider, is_short=is_short),
            )
            for _ in rounds
        ]
    before, now, alone = (
        [statistics.median(each) for each in zip(*map(astuple, all_), strict=True)]
        for all_ in zip(*measured, strict=True)
    )
    names = [NAMES[field.name] for field in fields(Costs)]
    print_rows('starting, visiting and asking', [*zip(names, before, now, strict=True)])
    visits = [row for row in zip(names, before, alone, strict=True) if row[-1]]
    print_rows('the page that one writes first with NiceGUI', visits)
    for name, modules in PACKAGES.items():
        cpu, memory = (
            statistics.median(each) for each in zip(*(imported(modules) for _ in rounds), strict=True)
        )
        print(f'{f"imports of {name}":52}{cpu:10.2f} s{memory:9.1f} MB')


def imported(modules: str) -> tuple[float, float]:
    """Import modules in a new process; return its seconds of the processor, and the MB that it holds."""
    run = subprocess.run(  # noqa: S603  # our own
        [sys.executable, '-c', MEASURE.format(modules)], capture_output=True, text=True, check=True
    )
    cpu, pages = map(float, run.stdout.split())
    return cpu, pages * os.sysconf('SC_PAGE_SIZE') / 1e6


def costs(browser: Browser, provider: Provider, launch: Launch, *, is_short: bool) -> Costs:
    """Start the app twice: once to look at it without a page, and once to use it."""
    found = Costs()
    with parlour(provider, launch=launch) as app:
        time.sleep(REST)
        found.memory_ready = app.memory
    begun = time.perf_counter()
    with parlour(provider, launch=launch) as app:
        found.ready = time.perf_counter() - begun
        with urllib.request.urlopen(app.url) as answer:  # noqa: S310  # on loopback
            answer.read()
        found.page, found.start_cpu = time.perf_counter() - begun, app.cpu
        context = browser.new_context(viewport={'width': 1280, 'height': 800})
        visit(context, app, found)
        ask(context, app, provider, found)
        found.memory_page = memory_of_a_page(context, app, 2 if is_short else MORE_PAGES)
        context.close()
    return found


def naive_visits(browser: Browser, provider: Provider, *, is_short: bool) -> Costs:
    """Visit `naive_app.py`: what NiceGUI takes for a box is the least that any page of it does."""
    found = Costs()
    with naive(provider) as app:
        while not answers(app):
            time.sleep(0.1)
        context = browser.new_context(viewport={'width': 1280, 'height': 800})
        visit(context, app, found)
        found.memory_page = memory_of_a_page(context, app, 2 if is_short else MORE_PAGES)
        context.close()
    return found


def memory_of_a_page(context: BrowserContext, app: App, count: int) -> float:
    """Open one and so many more; return the MB that the app holds for each of these."""
    expect_composer(context.new_page(), app)
    time.sleep(2 * REST)  # in which an app may still load what it was asked for before
    memory = app.memory
    for _ in range(count):
        expect_composer(context.new_page(), app)
    time.sleep(REST)
    return (app.memory - memory) / count


def answers(app: App) -> bool:
    try:
        with urllib.request.urlopen(app.url):  # noqa: S310  # on loopback
            return True
    except URLError:
        return False


def visit(context: BrowserContext, app: App, found: Costs) -> None:
    page = context.new_page()
    network = Network(page)
    found.first_visit, found.first_connected = expect_composer(page, app)
    page.wait_for_timeout(1000 * REST)  # in which Playwright also hears of what is loaded
    found.first_kilobytes, found.first_requests = network.kilobytes, network.requests
    page.close()
    page = context.new_page()
    found.later_visit, found.later_connected = expect_composer(page, app)
    page.close()


def ask(context: BrowserContext, app: App, provider: Provider, found: Costs) -> None:
    """Ask for short answers, then for one with code and a formula."""
    provider.reply(*[Reply(pieces=['Hello.'])] * (1 + LATER_QUESTIONS), Reply(pieces=[ANSWER]))
    page = context.new_page()
    expect_composer(page, app)
    page.wait_for_timeout(1000 * REST)
    network = Network(page)
    found.first_question = milliseconds_to_word(page, 0)
    page.wait_for_timeout(1000 * REST)
    found.memory_asked = app.memory
    later = list[float]()
    for number in range(LATER_QUESTIONS):
        later.append(milliseconds_to_word(page, 1 + number))
        page.wait_for_timeout(1000 * REST)
    found.later_questions = statistics.median(later)
    milliseconds_to_word(page, 1 + LATER_QUESTIONS)
    page.wait_for_timeout(1000 * REST)
    found.answer_kilobytes = network.kilobytes
    page.close()


def milliseconds_to_word(page: Page, answers: int) -> float:
    page.get_by_test_id('composer').fill('Go')
    page.evaluate(WATCH, answers)
    page.get_by_test_id('composer').press('Enter')
    page.wait_for_function('window.word', timeout=WORD_TIMEOUT)
    return page.evaluate('window.word - window.entered')


def expect_composer(page: Page, app: App) -> tuple[float, float]:
    """Open the page, and return the seconds until one can type, and until it is connected."""
    begun = time.perf_counter()
    page.goto(app.url)
    expect(page.get_by_test_id('composer')).to_be_editable(timeout=WORD_TIMEOUT)
    can_type = time.perf_counter() - begun
    page.wait_for_function('window.socket?.connected', timeout=WORD_TIMEOUT)
    return can_type, time.perf_counter() - begun
