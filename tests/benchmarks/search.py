"""What a search costs: `python tests/benchmarks/search.py`; the goal is 1 s with `--conversations 10000`.

Makes conversations of 10 messages of about 1.3 KB in a temporary folder: 7 of 10 in English with dashes, 2 in
German, 1 in Chinese and Japanese. Prints for each query the seconds it took at first and again, the
processor time of the latter, the hits, the longest time for which the event loop did not run, and how much
more processor time it takes to parse everything. Before the first query the files are looked at, as when a
person opens the dialog and begins to type; that is a row of its own. All files are in the page cache.
"""

import argparse
import asyncio
import json
import platform
import random
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))  # it also runs from a copy that is not installed

from pydantic_ai import ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.conversation_store import ConversationEntry

from chat.conversation.storage import ConversationSummary
from chat.store.catalog import Catalog
from chat.store.conversations.conversation_file import IndexedSummary
from chat.store.conversations.format import dump_entry
from chat.store.search.query import Query
from chat.store.search.search import Search
from chat.store.tinydb_storage.tables import encoded

MESSAGES = 10
CHARACTERS = 1_000
START = datetime(2026, 1, 1, tzinfo=UTC)

ENGLISH = """the quick brown fox — they say — jumps over a lazy dog and never looks back while rain falls
on hills of code where functions return values that nobody reads, “even” `name` "quoted" C:\\temp \\n words

-\tand lists"""
GERMAN = """über die schöne Größe der Häuser in unserer Straße wird viel erzählt und wenig geprüft
weil niemand Zeit hat und alle anderen bereits gegangen sind"""
ASIAN = '東京は日本の首都であり、人口は約千四百万人。数据保存在本地, 搜索很快。コードを書く人がいる。'

QUERIES = {
    'no hit': 'zyzzyva',
    'no hit, accents': 'ärösü',
    'no hit, Chinese': '北極熊',
    '1 of 1000 conversations': 'quokka',
    'common': 'the',
    'common, folded': 'strasse',
    'common, Japanese': '東京',
    'two words, never together': 'fox straße',
    'a phrase': '"never looks back"',
    'one letter': 'q',
}


def text_of(number: int, chance: random.Random) -> str:
    """The text of a message in the language of the conversation with this number."""
    if number % 10 == 9:
        return ''.join(chance.choices(ASIAN, k=CHARACTERS // 3))
    words = chance.choices((GERMAN if number % 10 in (4, 7) else ENGLISH).split(' '), k=CHARACTERS // 6)
    return ' '.join([*words, 'quokka'] if number % 1000 == 500 else words)


def write_conversation(folder: Path, number: int, chance: random.Random) -> IndexedSummary:
    """Write a file as the store does; return what the catalog lists of it."""
    conversation_id, parent_id = str(uuid4()), None
    entries = dict[str, dict[str, object]]()
    for place in range(MESSAGES):
        text = text_of(number, chance)
        message = ModelResponse(parts=[TextPart(text)]) if place % 2 else ModelRequest([UserPromptPart(text)])
        entry = ConversationEntry(id=str(uuid4()), parent_id=parent_id, message=message)
        entries[entry.id] = dump_entry(entry)
        parent_id = entry.id
    path = folder / f'{conversation_id}.json'
    path.write_bytes(encoded({'_meta': {'1': {'format_version': 1}}, 'entries': entries}))
    summary = ConversationSummary(
        conversation_id=conversation_id, title=f'Conversation {number}', updated_at=START + timedelta(number)
    )
    return IndexedSummary(summary=summary, size=path.stat().st_size, mtime_ns=path.stat().st_mtime_ns)


class Stall:
    """The longest time for which the event loop did not run."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        last = perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = perf_counter()
            self.longest, last = max(self.longest, now - last - 0.001), now


@contextmanager
def watched() -> Generator[Stall]:
    """Watch the event loop meanwhile."""
    stall = Stall()
    task = asyncio.create_task(stall.watch())
    try:
        yield stall
    finally:
        task.cancel()


@dataclass(frozen=True, slots=True)
class Cost:
    """What one search took, in seconds."""

    wall: float
    processor: float
    stall: float
    hits: int


async def cost(search: Search, text: str) -> Cost:
    with watched() as stall:
        await asyncio.sleep(0.01)
        start, processor_start = perf_counter(), process_time()
        hits = await search.search(text)
        wall, processor = perf_counter() - start, process_time() - processor_start
        await asyncio.sleep(0.01)
    assert hits is not None
    return Cost(wall, processor, stall.longest, len(hits))


def cost_of_parsing(folder: Path, text: str) -> float:
    """Seconds of processor time to parse each file, and to look at each of its messages."""
    query, start = Query(text), process_time()
    for path in folder.iterdir():
        for entry in json.loads(path.read_bytes())['entries'].values():
            for part in entry['message']['parts']:
                query.match(part['content'])
    return process_time() - start


async def superseded(search: Search) -> float:
    """Seconds from a newer question to the end of the older one."""
    older = asyncio.create_task(search.search('zyzzyva'))
    await asyncio.sleep(0.05)
    start = perf_counter()
    newer = asyncio.create_task(search.search('the'))
    assert await older is None
    seconds = perf_counter() - start
    await newer
    return seconds


async def measure(folder: Path, catalog: Catalog, *, is_parsing_too: bool) -> None:
    """Print one row for each query."""
    search = Search(folder, catalog)
    with watched() as stall:
        await asyncio.sleep(0.5)
    print(f'longest stall of the loop without a search: {stall.longest * 1000:.0f} ms')
    names = f'{"first s":>8}{"again s":>8}{"CPU s":>8}{"hits":>6}{"stall ms":>10}{"parsing":>9}{"ratio":>7}'
    print(f'{"":<28}{names}')
    begun = perf_counter()
    with watched() as stall:
        await search.prepare()
    print(f'{"the dialog opens":<28}{perf_counter() - begun:8.2f}{"":24}{stall.longest * 1000:8.0f}')
    for name, text in QUERIES.items():
        first, again = await cost(search, text), await cost(search, text)
        row = f'{name:<28}{first.wall:8.2f}{again.wall:8.2f}{again.processor:8.2f}{again.hits:6}'
        row += f'{max(first.stall, again.stall) * 1000:10.0f}'
        if is_parsing_too:
            parsing = cost_of_parsing(folder, text)
            row += f'{parsing:9.2f}{parsing / again.processor:7.1f}'
        print(row)
    print(f'a newer question ends the older one after {await superseded(search) * 1000:.0f} ms')
    await search.close()


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--conversations', type=int, default=1_000)
    parser.add_argument('--no-parsing', action='store_true', help='do not measure parsing everything')
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        chance = random.Random(1)  # noqa: S311  # the same texts each time
        rows = [write_conversation(Path(name), number, chance) for number in range(given.conversations)]
        size = sum(row.size for row in rows) / 1e6
        print(f'Python {platform.python_version()}, {len(rows):,} conversations, {size:.0f} MB')
        asyncio.run(measure(Path(name), Catalog(rows), is_parsing_too=not given.no_parsing))
