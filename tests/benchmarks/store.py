"""What it costs to store a turn, to start and to open a conversation: `python tests/benchmarks/store.py`.

A message has about 1.3 KB of JSON, a turn two messages. Bytes are those given to the system, CPU is that of
the whole process, and a turn is synced to the disk. Opening in Parlour is a restart of the whole store, and
the others open a connection that is there. `--full` takes the sizes of the goals, and minutes.
"""

import argparse
import asyncio
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[2]))  # it also runs from a copy that is not installed

from pydantic_ai import Conversation, ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart

from chat.store.conversations.format import file_name, warm_up
from chat.store.data_folder import DataFolder, open_store
from tests.benchmarks.store_rivals import PlainTinyDB, RowPerRun, Sqlite

TURNS = 20
WINDOW = 50
"""Messages of an open that does not need all of them."""

TEXT = 'The quick brown fox jumps over the lazy dog, and "nobody" is surprised that it is grün. ' * 10


class Ours:
    """The store of Parlour; `fold` is what it does at times for many turns together."""

    name = 'Parlour'

    def __init__(self, folder: Path, messages: list[ModelMessage]) -> None:
        self._folder = folder / 'ours'
        self._loop = asyncio.new_event_loop()
        self._conversation = Conversation(messages=messages)
        self._opened = self._open()
        self._loop.run_until_complete(self._opened.conversations.save(self._conversation))

    def turn(self, messages: list[ModelMessage]) -> None:
        self._conversation.messages.extend(messages)
        self._loop.run_until_complete(self._opened.conversations.save(self._conversation))

    def fold(self) -> None:
        self._loop.run_until_complete(self._opened.conversations.recover_journals())

    def open(self, limit: int | None) -> int:
        """As after a start: nothing is in memory."""
        self.close()
        self._opened = self._open()
        loading = self._opened.conversations.load(self._conversation.conversation_id, limit=limit)
        loaded = self._loop.run_until_complete(loading)
        return len(loaded.messages) if loaded else 0

    def close(self) -> None:
        self._loop.run_until_complete(self._opened.close())

    def _open(self) -> DataFolder:
        return self._loop.run_until_complete(open_store(self._folder))


def turn(number: int) -> list[ModelMessage]:
    return [
        ModelRequest(parts=[UserPromptPart(f'{number} {TEXT}')]),
        ModelResponse(parts=[TextPart(f'{number} {TEXT}')], model_name='a-model', provider_name='a-provider'),
    ]


def messages(count: int) -> list[ModelMessage]:
    return [message for number in range(count // 2) for message in turn(number)]


def written() -> int:
    """Bytes that this process has given to the system; 0 where the system does not say."""
    counters = Path('/proc/self/io')
    return int(counters.read_text().split()[3]) if counters.exists() else 0


def cost(work: Callable[[], object], times: int = 1) -> tuple[float, float, float]:
    """Kilobytes written, milliseconds of CPU and milliseconds in all, per time."""
    bytes_before, cpu, start = written(), process_time(), perf_counter()
    for _ in range(times):
        work()
    spent = (process_time() - cpu) * 1000, (perf_counter() - start) * 1000
    return (written() - bytes_before) / 1024 / times, spent[0] / times, spent[1] / times


def measure_turns(sizes: Iterable[int]) -> None:
    print(
        f'\n{"a turn":<30}{"messages":>10}{"KB":>12}{"CPU ms":>10}{"wall ms":>10}'
        f'{"KB ratio":>10}{"CPU ratio":>10}'
    )
    for size in sizes:
        ours = (1.0, 1.0)
        for kind in (Ours, PlainTinyDB, Sqlite, RowPerRun):
            with tempfile.TemporaryDirectory() as folder:
                store = kind(Path(folder), messages(size))
                store.turn(turn(0))
                kilobytes, cpu, wall = cost(lambda store=store: store.turn(turn(1)), TURNS)
                ours = (kilobytes, cpu) if kind is Ours else ours
                ratios = f'{kilobytes / (ours[0] or 1):10.1f}{cpu / ours[1]:10.1f}'
                print(f'{kind.name:<30}{size:>10,}{kilobytes:12.1f}{cpu:10.2f}{wall:10.2f}{ratios}')
                if isinstance(store, Ours):
                    show('  taking the journal in', size, cost(store.fold))
                store.close()


def measure_company(counts: Iterable[int]) -> None:
    """What the number of other conversations does to a turn."""
    print(f'\n{"a turn beside other chats":<30}{"chats":>10}{"KB":>12}{"CPU ms":>10}{"wall ms":>10}')
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder) / 'ours', count)
            store = Ours(Path(folder), messages(10))
            show('  Parlour', count, cost(lambda store=store: store.turn(turn(1)), TURNS))
            store.close()


def measure_opening(sizes: Iterable[int]) -> None:
    print(f'\n{"opening a conversation":<30}{"messages":>10}{"CPU, all":>12}{f"CPU, {WINDOW}":>10}')
    for size in sizes:
        for kind in (Ours, PlainTinyDB, Sqlite, RowPerRun):
            with tempfile.TemporaryDirectory() as folder:
                store = kind(Path(folder), messages(size))
                whole, window = (
                    cost(lambda store=store: store.open(None)),
                    cost(lambda store=store: store.open(WINDOW)),
                )
                print(f'{kind.name:<30}{size:>10,}{whole[1]:12.2f}{window[1]:10.2f}')
                store.close()


def measure_starting(counts: Iterable[int]) -> None:
    print(f'\n{"starting":<30}{"chats":>10}{"KB":>12}{"CPU ms":>10}{"wall ms":>10}')
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder), count)
            show('  without the index', count, cost(lambda: start(Path(folder))))
            show('  with the index', count, cost(lambda: start(Path(folder))))


def show(name: str, size: int, spent: tuple[float, float, float]) -> None:
    print(f'{name:<30}{size:>10,}{spent[0]:12.1f}{spent[1]:10.2f}{spent[2]:10.2f}')


def fill(folder: Path, count: int) -> None:
    """Make conversations of ten messages: one that is stored, and its copies under other ids."""
    conversation = Conversation(messages=messages(10))

    async def save() -> None:
        data_folder = await open_store(folder)
        await data_folder.conversations.save(conversation)
        await data_folder.close()

    asyncio.run(save())
    first = folder / 'conversations' / file_name(conversation.conversation_id)
    text = first.read_text(encoding='utf-8')
    for number in range(1, count):
        new_id = f'{number:08x}-0000-4000-8000-000000000000'
        path = first.with_name(file_name(new_id))
        path.write_text(text.replace(conversation.conversation_id, new_id), encoding='utf-8')
    (folder / 'index.json').unlink()


def start(folder: Path) -> None:
    async def open_and_close() -> None:
        await (await open_store(folder)).close()

    asyncio.run(open_and_close())


def main() -> None:
    parser = argparse.ArgumentParser(description='Measure the store.')
    parser.add_argument('--messages', type=int, nargs='*', default=[10, 1000])
    parser.add_argument('--conversations', type=int, nargs='*', default=[100])
    parser.add_argument(
        '--full', action='store_true', help='10, 1k, 10k messages; 100, 1k, 10k conversations'
    )
    arguments = parser.parse_args()
    print(
        f'{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, '
        f'tinydb {version("tinydb")}, pydantic-ai {version("pydantic-ai-slim")}, '
        f'sqlite {sqlite3.sqlite_version}'
    )
    warm_up()
    measure_turns([10, 1000, 10_000] if arguments.full else arguments.messages)
    measure_company([100, 1000, 10_000] if arguments.full else arguments.conversations)
    measure_opening([10, 1000, 10_000] if arguments.full else arguments.messages)
    measure_starting([100, 1000, 10_000] if arguments.full else arguments.conversations)


if __name__ == '__main__':
    main()
