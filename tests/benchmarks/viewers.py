"""A thousand who look at one answer, as many as twenty links let in, on sockets of this process."""

import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from playwright.sync_api import Browser

from tests.benchmarks.crowds import (
    PAGES_PER_BROWSER,
    REST,
    Reader,
    begun_chat,
    in_a_loop,
    open_page,
    words,
)
from tests.benchmarks.measuring import App, parlour
from tests.benchmarks.sockets import Look, SocketPage, lateness_of
from tests.support.provider import Provider
from tests.support.request_rules import LENIENT

OPENED_AT_ONCE = 4

GLANCE = 0.05
"""Seconds from one look at how far the answer is to the next."""


@dataclass(frozen=True, slots=True)
class Watching:
    """How an answer was, for so many who looked at it."""

    cpu: float
    """Seconds of the server's processor, from the question until all had the whole answer."""
    cpu_of_growth: float
    """The same in the middle of the answer, while it only grew."""
    frames_of_growth: int
    """Messages that all have got in that time."""
    seconds: float
    """From the question until the one who had asked had the whole answer."""
    ages: list[float]
    """Of the newest word of each message, in seconds, sorted."""
    whole: int
    """Who had all words in the end."""
    lateness: float
    """Seconds of the longest time for which nobody was served."""


def run(_: Browser, __: Provider, *, is_short: bool) -> None:
    count, seconds = (4, 1) if is_short else (1_000, 20)
    with Provider(rules=LENIENT) as provider, parlour(provider) as app:
        in_a_loop(tell(app, provider, count, seconds))


async def tell(app: App, provider: Provider, count: int, seconds: float) -> None:
    page, looks = await begun_chat(app, provider)
    alone = await watch(app, provider, page, looks, [Reader(words(seconds))])
    readers = [Reader(words(seconds))]
    readers += [Reader(readers[0].reply) for _ in range(count - 1)]
    begun, cpu = time.perf_counter(), app.cpu
    pages = await open_pages(app, page, readers[1:])
    seconds_each, cpu_each = (time.perf_counter() - begun) / count, (app.cpu - cpu) / count
    print(f'{count:,} pages opened, each in {seconds_each:.3f} s, with {cpu_each:.3f} s of the server')
    together = await watch(app, provider, page, looks, readers)
    for one in pages:
        one.close()
    cost = (together.cpu - alone.cpu) / max(len(together.ages) - len(alone.ages), 1)
    cost_of_growth = (together.cpu_of_growth - alone.cpu_of_growth) / max(
        together.frames_of_growth - alone.frames_of_growth, 1
    )
    print(
        f'{count:,} viewers: {together.whole:,} whole; ended after {together.seconds:.1f} s '
        f'({alone.seconds:.1f} s for one); longest without being served {together.lateness:.2f} s'
    )
    print(
        f'newest word {together.ages[int(len(together.ages) * 0.95)]:.2f} s old (p95), '
        f'{together.ages[-1]:.2f} s (most); {len(together.ages) / count / seconds:.1f} frames a second, '
        f'{1000 * cost:.3f} ms of the server for each viewer and frame, begin and end included, '
        f'{1000 * cost_of_growth:.3f} ms while it only grew'
    )
    script = str(Path(__file__).with_name('plain_sockets.py'))
    said = await asyncio.to_thread(
        subprocess.run, [sys.executable, script, str(count), '40'], check=True, capture_output=True, text=True
    )
    print(f'python-engineio and uvicorn alone: {float(said.stdout):.3f} ms for each socket and frame')


async def open_pages(app: App, page: SocketPage, readers: list[Reader]) -> list[SocketPage]:
    """Open the chat for each, a browser for every fifty."""

    async def browser(some: list[Reader]) -> list[SocketPage]:
        pages, cookie = list[SocketPage](), ''
        for reader in some:
            async with free:
                opened = await open_page(app, reader.look, f'/c/{page.conversation}', cookie, settled=0)
            pages.append(opened)
            cookie = opened.page.cookie
        return pages

    free = asyncio.Semaphore(OPENED_AT_ONCE)
    parts = [readers[at : at + PAGES_PER_BROWSER] for at in range(0, len(readers), PAGES_PER_BROWSER)]
    pages = [*chain.from_iterable(await asyncio.gather(*map(browser, parts)))]
    await asyncio.sleep(REST)
    return pages


async def watch(
    app: App, provider: Provider, page: SocketPage, looks: list[Look], readers: list[Reader]
) -> Watching:
    """Have one of them ask, and all look."""
    first = readers[0]
    looks[:] = [first.look]
    provider.reply(first.reply)
    cpu, begun = app.cpu, time.perf_counter()
    growth = list[tuple[float, int]]()
    with lateness_of(app.url) as lateness:
        page.send('Go')
        for part in (0.25, 0.75):
            while first.last < part * len(first.reply.pieces):  # noqa: ASYNC110  # each message says so
                await asyncio.sleep(GLANCE)
            growth.append((app.cpu, sum(len(reader.ages) for reader in readers)))
        await first.is_over.wait()
        seconds = time.perf_counter() - begun
        await asyncio.gather(*(reader.is_over.wait() for reader in readers))
    (cpu_before, frames_before), (cpu_after, frames_after) = growth
    return Watching(
        cpu=app.cpu - cpu,
        cpu_of_growth=cpu_after - cpu_before,
        frames_of_growth=frames_after - frames_before,
        seconds=seconds,
        ages=sorted(age for reader in readers for age in reader.ages),
        whole=sum(reader.last == len(first.reply.pieces) - 1 for reader in readers),
        lateness=lateness.worst,
    )
