"""Two hundred people who are answered at once by three nodes, each with a second page at another node.

Beside that, for sixty: what one node with TinyDB does with as many answers and pages. They are all of one
person there, who has a list of sixty chats on each page; a team's people have one each. The pages are sockets
of `sockets.py`; they and the models are in this process, whose processor time is told too: where the cores
are all at work, everything takes longer than it would. PostgreSQL runs with its usual settings, fsync on.
"""

import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from playwright.sync_api import Browser

from tests.benchmarks.crowds import Reader, in_a_loop
from tests.benchmarks.measuring import App
from tests.benchmarks.sockets import SocketPage
from tests.security.raw import ask
from tests.security.sockets import read_page
from tests.support.postgres import PostgresServer, migrated, new_server
from tests.support.process import Parlour
from tests.support.provider import Exchange, Provider
from tests.support.replies import Reply
from tests.support.request_rules import LENIENT

RATE = 5
"""Words a second of each answer: what people read, and most models say."""

PUBLIC_HOST = 'chat.example.org'

SETTINGS = {
    'fsync': 'on',
    'synchronous_commit': 'on',
    'full_page_writes': 'on',
    'shared_buffers': '128MB',
    'max_connections': '100',
    'autovacuum': 'on',
    'wal_level': 'replica',
}
"""Of PostgreSQL, as they are when nobody has set any."""

REST = 3.0
"""Seconds in which all come to rest before it begins."""

OPENING_AT_ONCE = 8


def run(_: Browser, __: Provider, *, is_short: bool) -> None:
    many, some, seconds = (3, 2, 2) if is_short else (200, 60, 20)
    for people in (many, some):
        with three_nodes() as (apps, provider, database):
            name = f'{people} answers, three nodes and PostgreSQL'
            in_a_loop(measure(name, apps, provider, people, seconds, database))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        provider = stack.enter_context(Provider(rules=LENIENT))
        node = stack.enter_context(Parlour(folder / 'data', base_url=provider.url))
        node.wait_until_ready()
        app = App(name='the one', url=node.url, pid=node.pid)
        in_a_loop(measure(f'{some} answers, one node and TinyDB', [app], provider, some, seconds, None))


@contextmanager
def three_nodes() -> Generator[tuple[Sequence[App], Provider, PostgresServer]]:
    """Nodes whose people are said by whoever asks, as by a proxy."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        provider = stack.enter_context(Provider(rules=LENIENT))
        server = new_server(folder / 'postgres', SETTINGS)
        stack.callback(server.stop, 'immediate')
        url = migrated(server.create_database('parlour'))
        proxy = ('--public-url', f'http://{PUBLIC_HOST}', '--trusted-proxies', '127.0.0.1')
        proxy = (*proxy, '--user-header', 'X-Forwarded-User', '--database', url)
        nodes = [stack.enter_context(Parlour(folder / name, *proxy, base_url=provider.url)) for name in 'abc']
        for node in nodes:
            node.wait_until_ready()
        yield (
            [
                App(name=f'node {name}', url=node.url, pid=node.pid)
                for name, node in zip('abc', nodes, strict=True)
            ],
            provider,
            server,
        )


@dataclass(eq=False)
class Person:
    """Somebody with a page that asks and another one that looks, at the next node."""

    question: str
    path: str
    asking: SocketPage
    looking: SocketPage
    readers: tuple[Reader, Reader]


async def measure(
    name: str,
    apps: Sequence[App],
    provider: Provider,
    count: int,
    seconds: float,
    server: PostgresServer | None,
) -> None:
    people = await everybody(apps, provider, count, seconds, is_team=server is not None)
    print(f'{name}: all pages are open', flush=True)
    await asyncio.sleep(REST)
    before, begun = figures(apps, server), time.perf_counter()
    for person in people:
        person.asking.send(person.question)
    await asyncio.gather(*(reader.is_over.wait() for person in people for reader in person.readers))
    spent = time.perf_counter() - begun
    used = {key: value - before[key] for key, value in figures(apps, server).items()}
    print(f'  {seconds:.0f} s of words, ended after {spent:.1f} s; load {os.getloadavg()[0]:.1f}')
    for place, where in enumerate(('where it is given', 'followed elsewhere' if server else 'a second page')):
        readers = [person.readers[place] for person in people]
        ages = sorted(age for reader in readers for age in reader.ages)
        shown = await asyncio.gather(*(is_whole(person, place) for person in people))
        endings = Counter(reader.ending for reader in readers)
        p50, p95 = (ages[int(len(ages) * part)] for part in (0.5, 0.95))
        print(
            f'  {where}: {sum(shown)} of {count} whole, {dict(endings)}, '
            f'newest word {p50:.2f} s old (p50), {p95:.2f} s (p95)'
        )
    for key, value in used.items():
        print(f'  {key}: {value / spent:.2f}')
    print(f'  memory of each: {", ".join(f"{app.memory:.0f} MB" for app in apps)}')
    for app in apps if server else ():
        tell_database(app)


async def everybody(
    apps: Sequence[App], provider: Provider, count: int, seconds: float, *, is_team: bool
) -> list[Person]:
    """Open two pages of each person; their chats have begun, so that both pages show them."""
    replies = {question(number): words(seconds) for number in range(count)}
    welcome = Reply(pieces=['Welcome.'])
    provider.otherwise = lambda exchange: replies.get(asked_last(exchange), welcome)
    slots = asyncio.Semaphore(OPENING_AT_ONCE)

    async def arrive(number: int) -> Person:
        said = {'Host': PUBLIC_HOST, 'X-Forwarded-User': f'person-{number}'} if is_team else {}
        here, there = apps[number % len(apps)], apps[(number + 1) % len(apps)]
        reply = replies[question(number)]
        async with slots:
            begun = Reader(welcome)
            first = await opened(here, begun, '/', said)
            first.send('Hello')
            await begun.is_over.wait()
            first.close()
            readers = Reader(reply), Reader(reply)
            path = f'/c/{first.conversation}'
            asking = await opened(here, readers[0], path, said)
            looking = await opened(there, readers[1], path, said)
        return Person(question(number), path, asking, looking, readers)

    return await asyncio.gather(*(arrive(number) for number in range(count)))


async def opened(app: App, reader: Reader, path: str, said: Mapping[str, str]) -> SocketPage:
    page = SocketPage(await asyncio.to_thread(read_page, app.url, path, '', tuple(said.items())), reader.look)
    await page.connect()
    return page


async def is_whole(person: Person, place: int) -> bool:
    """Whether a node shows all that was said, when it is asked anew."""
    page = (person.asking, person.looking)[place].page
    anew = await asyncio.to_thread(read_page, page.url, person.path, '', page.said)
    return person.readers[place].reply.text.split()[-1] in json.dumps(anew.elements)


def question(number: int) -> str:
    return f'Question {number}'


def asked_last(exchange: Exchange) -> str:
    return str(exchange.body['messages'][-1]['content'])


def words(seconds: float) -> Reply:
    return Reply(pieces=[f'w{word}x ' for word in range(int(RATE * seconds))], pause=1 / RATE)


def figures(apps: Sequence[App], server: PostgresServer | None) -> dict[str, float]:
    """What was used so far, by what it is called once it is divided by the seconds."""
    used = {f'cores of {app.name}': app.cpu for app in apps}
    used['cores of models and pages, in this process'] = time.process_time()
    if server:
        used['cores of PostgreSQL'] = cpu_of_family(server.pid)
        with psycopg.connect(server.url('parlour'), autocommit=True) as connection:
            connection.execute('select pg_stat_force_next_flush()')
            row = connection.execute(
                "select (select xact_commit from pg_stat_database where datname = 'parlour'), "
                "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') / 1e6"
            ).fetchone()
        assert row
        used['commits a second'], used['MB of WAL a second'] = map(float, row)
    return used


def tell_database(app: App) -> None:
    """Print what a node says of its waiting for the database, since it was started."""
    lines = ask(app.url, path='/metrics').body.splitlines()
    said = dict(line.rsplit(' ', 1) for line in lines if line.startswith('parlour_database'))
    figure = {name.removeprefix('parlour_database_'): float(value) for name, value in said.items()}
    waited, worked = (
        1000 * figure[f'{name}_sum'] / figure[f'{name}_count'] for name in ('wait_seconds', 'seconds')
    )
    late = figure['wait_seconds_count'] - figure['wait_seconds_bucket{le="1.0"}']
    print(
        f'  {app.name}: a connection was waited for {waited:.1f} ms on average, {late:.0f} times above 1 s; '
        f'a transaction took {worked:.1f} ms; {figure["lost_total"]:.0f} were lost'
    )


def cpu_of_family(pid: int) -> float:
    """Seconds of processor time of a process, of its children and of those that have ended."""
    ticks = 0
    for folder in Path('/proc').glob('[0-9]*'):
        with suppress(OSError):
            fields = (folder / 'stat').read_text().rpartition(')')[2].split()
            if int(folder.name) == pid:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == pid:
                ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf('SC_CLK_TCK')
