"""What an answer costs at the rates that models have, side by side with an earlier version of Parlour.

The earlier version is made from this repository in a folder of its own. Both apps run all the time and are
asked in turns, so that what else the machine does meets both; what is told is the median. The server's
seconds are those above pydantic-ai alone, which is asked the same in each round.
"""

import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.benchmarks.before import COMMIT, app_before
from tests.benchmarks.blocks import mixed
from tests.benchmarks.measuring import App, Watched, end_of, parlour, spoken
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.request_rules import RequestRules

ROOT = Path(__file__).parents[2]
ANSWERS = ((1_000, 60), (4_000, 60), (16_000, 60), (4_000, 500), (64_000, 500))
"""Characters, and tokens a second."""

COLUMNS = ('bytes/char', 'server s above', 'main thread s', 'Enter to word ms', 'longest gap ms')


@dataclass(frozen=True, slots=True)
class Cost:
    """What one answer has cost, and how it was seen to grow."""

    payload: float
    """Bytes per character over the page's websocket, from the question on, before compression."""
    server: float
    """Seconds of the server's processor above those of pydantic-ai alone."""
    page: float
    """Seconds of the page's main thread."""
    first: float
    """Milliseconds from the key to the first word."""
    gap: float
    """Milliseconds of the longest time without a change, from the first word to the last."""


def run(browser: Browser, provider: Provider, *, is_short: bool) -> None:
    answers, rounds = (((400, 500),), 1) if is_short else (ANSWERS, 3)
    provider.rules = RequestRules(one_system=False)  # the earlier version would be refused
    print(f'{"tokens a second":28}' + ''.join(f'{name:>18}' for name in COLUMNS))
    with app_before() as launch, parlour(provider) as now, parlour(provider, launch=launch) as before:
        for app in (now, before):
            measure(browser, app, provider, 400, 500, plain=0)  # loads what is loaded once
        for length, rate in answers:
            costs: dict[str, list[Cost]] = {now.url: [], before.url: []}
            for turn in range(rounds):
                plain = plain_cost(provider, length, rate)
                for app in (now, before)[:: 1 if turn % 2 else -1]:
                    costs[app.url].append(measure(browser, app, provider, length, rate, plain))
            ours, theirs = median(costs[now.url]), median(costs[before.url])
            tell(f'{length:,} characters at {rate}', ours)
            tell(f'  {COMMIT}', theirs)
            tell('  ratio', [one / other if other else 0 for one, other in zip(ours, theirs, strict=True)])


def measure(browser: Browser, app: App, provider: Provider, length: int, rate: int, plain: float) -> Cost:
    """Of the first answer in a new chat; the page has been open for a while."""
    reply = spoken(mixed(length), pause=1 / rate)
    provider.reply(reply)
    watched = Watched(browser, app.url)
    watched.page.wait_for_timeout(1000)
    cpu, page, received = app.cpu, watched.main_thread, watched.received
    watched.send()
    watched.wait_for(end_of(reply))
    watched.page.wait_for_timeout(500)  # what ends an answer belongs to it
    seen = watched.seen
    cost = Cost(
        payload=(watched.received - received) / len(reply.text),
        server=app.cpu - cpu - plain,
        page=watched.main_thread - page,
        first=seen['first'] - seen['asked'],
        gap=seen['gap'],
    )
    watched.page.close()
    return cost


def plain_cost(provider: Provider, length: int, rate: int) -> float:
    """Seconds of the processor that pydantic-ai takes for such an answer."""
    provider.reply(Reply(pieces=['Welcome.']), spoken(mixed(length), pause=1 / rate))
    script = str(Path(__file__).with_name('plain_agent.py'))
    said = subprocess.run(  # noqa: S603  # our own
        [sys.executable, script, provider.url], check=True, capture_output=True, text=True
    )
    return float(said.stdout)


def median(costs: Sequence[Cost]) -> list[float]:
    return [statistics.median(column) for column in zip(*map(astuple, costs), strict=True)]


def tell(name: str, figures: Sequence[float]) -> None:
    print(f'{name:28}' + ''.join(f'{figure:>18.2f}' for figure in figures))
