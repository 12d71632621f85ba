"""Many at once, without browsers: who look at one answer, who are answered; and an answer that comes at once.

The pages are sockets of `sockets.py`, in this process. For answers at once, plain pydantic-ai is asked for
as many in a process of its own.
"""

import asyncio
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Browser

from tests.benchmarks.before import COMMIT, app_before, print_rows
from tests.benchmarks.blocks import mixed
from tests.benchmarks.measuring import App, parlour
from tests.benchmarks.sockets import SocketPage, lateness_of
from tests.security.sockets import read_page
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.request_rules import LENIENT

RATE = 60
"""Tokens a second."""

WORD = re.compile(rb'(?:a(\d+))?w(\d+)x')
"""A numbered word, behind the number of its answer if there are several."""
OVER = re.compile(rb'data-state\\*":\\*"(done|failed|stopped)')
Measure = Callable[[App, Provider], Coroutine[None, None, float]]
Result = TypeVar('Result')

PAGES_PER_BROWSER = 50
"""As many as one may have open."""

SETTLED = 0.5
"""Seconds from the connection of a page until it is used."""

MAX_TIME = 900.0
"""Seconds after which something has failed."""

REST = 2.0
"""Seconds in which an app comes to rest."""


@dataclass(eq=False)
class Reader:
    """What one page has seen of an answer whose words are numbered."""

    reply: Reply
    others: Sequence[Reply] = ()
    """Those of all who ask at once: who gets which is found out as it comes."""
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    last: int = -1
    ending: str = ''
    ages: list[float] = field(default_factory=list[float])
    """Seconds from the moment in which the newest word of each message was said until it was read."""

    def look(self, message: bytes) -> None:
        if found := WORD.findall(message):
            answer, word = found[-1]
            self.reply = self.others[int(answer)] if answer else self.reply
            self.last = max(self.last, int(word))
            if self.last < len(self.reply.sent):
                self.ages.append(time.time() - self.reply.sent[self.last])
        if over := OVER.search(message):
            self.ending = over[1].decode()
            self.is_over.set()


async def in_time(work: Coroutine[None, None, Result]) -> Result:
    async with asyncio.timeout(MAX_TIME):
        return await work


def in_a_loop(work: Coroutine[None, None, Result]) -> Result:
    """Run something in a thread: Playwright has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, in_time(work)).result()


def words(seconds: float, answer: str = '') -> Reply:
    return Reply(pieces=[f'{answer}w{number}x ' for number in range(int(RATE * seconds))], pause=1 / RATE)


def run(_: Browser, __: Provider, *, is_short: bool) -> None:
    with ExitStack() as stack:
        provider = stack.enter_context(Provider(rules=LENIENT))
        launch = stack.enter_context(app_before())
        now = stack.enter_context(parlour(provider))
        before = stack.enter_context(parlour(provider, launch=launch))
        tell_long_chat({'Parlour': now, COMMIT: before}, provider, count=6 if is_short else 300)
        rows = [
            (name, in_a_loop(measure(before, provider)), in_a_loop(measure(now, provider)))
            for name, measure in rows_to_measure(is_short=is_short)
        ]
    print_rows('many at once', rows)
    for count in (2,) if is_short else (25, 100):
        tell_answers_at_once(count, seconds=1 if is_short else 10)


def rows_to_measure(*, is_short: bool) -> Sequence[tuple[str, Measure]]:
    viewers, seconds, length = (2, 1, 20_000) if is_short else (60, 10, 990_000)
    return [
        (
            f'{viewers} viewers: ms of CPU for each and frame',
            lambda app, p: viewing(app, p, viewers, seconds),
        ),
        (f'{length:,} characters at once: ms until served', lambda app, p: at_once(app, p, length)),
    ]


async def open_page(
    app: App, look: Callable[[bytes], object], path: str = '/', cookie: str = '', settled: float = SETTLED
) -> SocketPage:
    page = SocketPage(await asyncio.to_thread(read_page, app.url, path, cookie), look)
    await page.connect()
    await asyncio.sleep(settled)
    return page


async def begun_chat(app: App, provider: Provider) -> tuple[SocketPage, list[Callable[[bytes], object]]]:
    """A chat with one answer; what is in the list is given each message from then on."""
    reader = Reader(Reply(pieces=['Welcome.']))
    provider.reply(reader.reply)
    first = await open_page(app, reader.look)
    first.send('Hello')
    await reader.is_over.wait()
    await asyncio.sleep(REST)
    first.close()
    looks = list[Callable[[bytes], object]]()
    # the earlier version builds the page of a new chat anew, so another one is asked from here on
    path, cookie = f'/c/{first.conversation}', first.page.cookie
    page = await open_page(app, lambda message: [look(message) for look in looks], path, cookie)
    return page, looks


async def viewing(app: App, provider: Provider, count: int, seconds: float) -> float:
    """Milliseconds of the processor for each viewer and message, beyond those of one viewer."""
    costs = list[tuple[float, int]]()
    for viewers in (1, count):
        page, looks = await begun_chat(app, provider)
        reply = words(seconds)
        readers = [Reader(reply) for _ in range(viewers)]
        looks.append(readers[0].look)
        pages = [page]
        for reader in readers[1:]:
            path = f'/c/{page.conversation}'
            pages.append(await open_page(app, reader.look, path, page.page.cookie))
        await asyncio.sleep(REST)
        provider.reply(reply)
        cpu = app.cpu
        page.send('Go')
        await asyncio.gather(*(reader.is_over.wait() for reader in readers))
        costs.append((app.cpu - cpu, sum(len(reader.ages) for reader in readers)))
        for one in pages:
            one.close()
    (alone, few), (together, many) = costs
    return 1000 * (together - alone) / max(many - few, 1)


async def at_once(app: App, provider: Provider, length: int) -> float:
    """The longest time for which nobody was served, in milliseconds, while an answer came in one piece."""
    page, looks = await begun_chat(app, provider)
    reader = Reader(Reply(pieces=['Here:\n\n', mixed(length)]))
    looks.append(reader.look)
    provider.reply(reader.reply)
    with lateness_of(app.url) as lateness:
        page.send('Go')
        await reader.is_over.wait()
        await asyncio.sleep(REST)
    page.close()
    return 1000 * lateness.worst


def tell_long_chat(apps: Mapping[str, App], provider: Provider, count: int) -> None:
    """Print what the last of so many answers in a chat costs; most of that is pydantic-ai's."""
    costs = {name: in_a_loop(long_chat(app, provider, count)) for name, app in apps.items()}
    provider.always_reply(Reply(pieces=['Answer ', 'is this.']))
    first, last = plain_agent(provider.url, 'in-a-row', str(count)).split()
    costs['plain pydantic-ai'] = float(first), float(last)
    for name, (begin, end) in costs.items():
        print(
            f'answer {count} in a chat, {name}: {1000 * end:.1f} ms of CPU, '
            f'{end / begin:.2f} times the first ten, {1000 * (end - begin):.1f} ms more'
        )


async def long_chat(app: App, provider: Provider, count: int) -> tuple[float, float]:
    """Seconds of the processor for each of the first ten answers in a chat, and of the last ten."""
    page, looks = await begun_chat(app, provider)
    costs = list[float]()
    for number in range(count):
        reader = Reader(Reply(pieces=[f'Answer {number} ', 'is this.']))
        looks[:] = [reader.look]
        provider.reply(reader.reply)
        cpu = app.cpu
        page.send(f'Question {number}')
        await reader.is_over.wait()
        await asyncio.sleep(0.3)
        costs.append(app.cpu - cpu)
    page.close()
    return statistics.mean(costs[:10]), statistics.mean(costs[-10:])


def plain_agent(*arguments: str) -> str:
    """Run pydantic-ai alone, in a process of its own, and return what it says."""
    script = str(Path(__file__).with_name('plain_agent.py'))
    return subprocess.run(  # noqa: S603  # our own
        [sys.executable, script, *arguments], check=True, capture_output=True, text=True
    ).stdout


def tell_answers_at_once(count: int, seconds: float) -> None:
    """Print how so many answers end that are asked for at the same moment, and what somebody else feels."""
    with Provider(rules=LENIENT) as provider:
        provider.always_reply(words(seconds))
        plain = float(plain_agent(provider.url, str(count)))
        with parlour(provider) as app:
            in_a_loop(answers_at_once(app, provider, count, seconds, plain))


async def answers_at_once(app: App, provider: Provider, count: int, seconds: float, plain: float) -> None:
    await begun_chat(app, provider)
    replies = [words(seconds, f'a{number}') for number in range(count)]
    readers = [Reader(reply, replies) for reply in replies]
    pages, cookie = list[SocketPage](), ''
    for number, reader in enumerate(readers):
        cookie = '' if number % PAGES_PER_BROWSER == 0 else cookie
        pages.append(await open_page(app, reader.look, '/', cookie))
        cookie = pages[-1].page.cookie
    await asyncio.sleep(REST)
    provider.reply(*replies)
    with lateness_of(app.url) as lateness:
        begun = time.perf_counter()
        for asking in pages:
            asking.send('Go')
        await asyncio.sleep(seconds / 2)
        opening = time.perf_counter()
        (await open_page(app, lambda _: None, settled=0)).close()
        opened = time.perf_counter() - opening
        stopping = time.perf_counter()
        pages[0].fire('stop')
        await readers[0].is_over.wait()
        stopped = time.perf_counter() - stopping
        await asyncio.gather(*(reader.is_over.wait() for reader in readers))
        spent = time.perf_counter() - begun
    ages = sorted(age for reader in readers for age in reader.ages)
    whole = sum(reader.last == len(reader.reply.pieces) - 1 for reader in readers)
    print(
        f'{count} answers at once, one of which is stopped: {whole} are whole, newest word '
        f'{ages[int(len(ages) * 0.95)]:.2f} s old (p95), ended after {spent:.1f} s '
        f'({spent / plain:.2f} times plain pydantic-ai), a page opened in {opened:.2f} s, '
        f'the answer stopped in {stopped:.2f} s, '
        f'longest without being served {lateness.worst:.2f} s'
    )
