"""How evenly the words of an answer appear at the rate of real models, beside the app as it was."""

import statistics
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from playwright.sync_api import Browser

from tests.benchmarks.before import app_before, print_rows
from tests.benchmarks.blocks import mixed, repeated
from tests.benchmarks.measuring import App, Watched, end_of, parlour, spoken
from tests.support.provider import Provider
from tests.support.request_rules import RequestRules

RATE = 60
"""Tokens a second."""

PROSE = """The quick brown fox {n} **jumps** over the `lazy` dog, and nobody is surprised that it goes on for
a while, as answers do: {n} times, or more. Then it rests, and *begins* again.

"""

WATCH = """() => {
    const answer = [...document.querySelectorAll('[data-testid=answer]')].at(-1);
    const line = parseFloat(getComputedStyle(answer.querySelector('.nicegui-markdown')).lineHeight);
    let height = 0;
    window.jumps = [];
    new ResizeObserver(([{ contentRect }]) => {
        if (height) jumps.push((contentRect.height - height) / line);
        height = contentRect.height;
    }).observe(answer);
}"""
"""In the browser: notes by how many lines the last answer becomes higher, each time that it does."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Of one answer."""

    gap: float
    """Milliseconds of the longest time without a change."""
    usual: float
    """Lines by which it becomes higher at once; 19 of 20 times it is less."""
    largest: float
    """The most of them."""


def run(browser: Browser, provider: Provider, *, is_short: bool) -> None:
    length, rounds = (400, 1) if is_short else (4_000, 3)
    provider.rules = RequestRules(one_system=False)  # the earlier version would be refused
    texts = {'prose': repeated(PROSE, length), 'prose, tables, code': mixed(length)}
    with app_before() as launch, parlour(provider) as now, parlour(provider, launch=launch) as before:
        for name, text in texts.items():
            flows: dict[str, list[Flow]] = {now.url: [], before.url: []}
            for turn in range(rounds):
                for app in (now, before)[:: 1 if turn % 2 else -1]:
                    flows[app.url].append(flow(browser, app, provider, text))
            ours, theirs = median(flows[now.url]), median(flows[before.url])
            names = ('longest gap, ms', 'lines at once, 95 %', 'lines at once, most')
            print_rows(f'{name}, {RATE} tokens a second', [*zip(names, theirs, ours, strict=True)])


def flow(browser: Browser, app: App, provider: Provider, text: str) -> Flow:
    reply = spoken(text, pause=1 / RATE)
    provider.reply(reply)
    watched = Watched(browser, app.url)
    watched.page.wait_for_timeout(1000)  # in which the page comes to rest
    watched.send()
    watched.page.wait_for_function('seen.first', polling=50)
    watched.page.evaluate(WATCH)
    watched.wait_for(end_of(reply))
    jumps = sorted(watched.page.evaluate('jumps')) or [0.0]
    gap = watched.seen['gap']
    watched.page.close()
    return Flow(gap=gap, usual=jumps[len(jumps) * 19 // 20], largest=jumps[-1])


def median(flows: Sequence[Flow]) -> list[float]:
    return [statistics.median(column) for column in zip(*map(astuple, flows), strict=True)]
