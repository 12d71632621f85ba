"""What 300 MB of chats cost on their way in and out: `python tests/benchmarks/exchange.py [--mb 300]`.

Makes a `conversations.json` as ChatGPT exports it, of 50 KB a chat, in a temporary folder; imports it,
exports all of it as a zip, and imports that into another folder. Prints for each step the seconds, the
processor time, how much memory the process has taken at most beyond what it had before, and the longest time
for which the event loop did not run, with the processor time that its own thread took in one go: the rest is
what it waits for its turn, on a busy machine (see the line "nothing") and beside the thread that reads.
Goals: 150 MB, 50 ms. Reads /proc, so it runs on Linux only.
"""

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # it also runs from a copy that is not installed

from chat.exchange.export import Export
from chat.exchange.imports import Imports
from chat.exchange.report import result_lines
from chat.store.data_folder import DataFolder, open_store

TICK = 0.002
"""Seconds for which the loop is left alone between two looks at the clock."""

MESSAGES = 40
WORDS = 'the quick brown fox — they say — jumps over a lazy dog “and” never looks back; 東京は日本の首都 '


def memory(field: str) -> float:
    """MB of this process: `VmRSS` now, `VmHWM` at most since `reset_peak`."""
    lines = Path('/proc/self/status').read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f'{field}:')) / 1000


def reset_peak() -> None:
    Path('/proc/self/clear_refs').write_text('5')


@asynccontextmanager
async def measured(name: str) -> AsyncGenerator[None]:
    """Print what the block costs."""
    longest, own = 0.0, 0.0

    async def look() -> None:
        nonlocal longest, own
        while True:
            before, cpu_before = time.perf_counter(), time.thread_time()
            await asyncio.sleep(TICK)
            longest = max(longest, time.perf_counter() - before - TICK)
            own = max(own, time.thread_time() - cpu_before)

    reset_peak()
    at_rest, began, cpu = memory('VmRSS'), time.perf_counter(), time.process_time()
    looking = asyncio.create_task(look())
    yield
    looking.cancel()
    seconds, taken = time.perf_counter() - began, time.process_time() - cpu
    print(
        f'{name:<28}{seconds:7.1f} s  {taken:6.1f} s CPU  {memory("VmHWM") - at_rest:6.0f} MB more  '
        f'loop held up {longest * 1000:5.0f} ms at most, {own * 1000:3.0f} ms by itself',
        flush=True,
    )


def chats(count: int) -> Iterator[dict[str, Any]]:
    """Conversations as ChatGPT exports them, about 50 KB each."""
    for number in range(count):
        mapping: dict[str, Any] = {'root': {'id': 'root', 'message': None, 'parent': None, 'children': ['0']}}
        for place in range(MESSAGES):
            mapping[str(place)] = {
                'id': str(place),
                'parent': str(place - 1) if place else 'root',
                'children': [str(place + 1)] if place < MESSAGES - 1 else [],
                'message': {
                    'id': str(place),
                    'author': {'role': 'assistant' if place % 2 else 'user', 'name': None, 'metadata': {}},
                    'create_time': 1_700_000_000 + number * 1000 + place,
                    'content': {'content_type': 'text', 'parts': [f'{place} {WORDS * 10}']},
                    'status': 'finished_successfully',
                    'recipient': 'all',
                    'metadata': {'model_slug': 'gpt-5'} if place % 2 else {},
                },
            }
        yield {
            'title': f'Chat {number}',
            'create_time': 1_700_000_000 + number * 1000,
            'update_time': 1_700_000_000 + number * 1000 + MESSAGES,
            'mapping': mapping,
            'current_node': str(MESSAGES - 1),
            'conversation_id': f'chat-{number}',
        }


def write_conversations(path: Path, megabytes: int) -> None:
    one = len(json.dumps(next(chats(1)), ensure_ascii=False).encode())
    with path.open('w') as file:
        separator = '['
        for chat in chats(megabytes * 1_000_000 // one):
            file.write(separator + json.dumps(chat, ensure_ascii=False))
            separator = ','
        file.write(']')


async def take(folder: DataFolder, path: Path, name: str) -> None:
    imports = Imports(folder, is_open=lambda _: False)
    job = imports.make([path])
    async with measured(f'{name}: first look'):
        await job.read()
    async with measured(f'{name}: import'):
        await job.run()
    print('   ', job.failure or ' '.join(result_lines(job.result)))


async def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_conversations(folder / 'conversations.json', megabytes)
        print(f'{(folder / "conversations.json").stat().st_size / 1e6:.0f} MB')
        gc.freeze()  # as the app does when it is ready
        async with measured('nothing'):
            await asyncio.sleep(5)
        storage = await open_store(folder / 'a')
        await take(storage, folder / 'conversations.json', 'ChatGPT')
        ids = [summary.conversation_id for summary in storage.catalog.summaries]
        async with measured('export as zip'):
            file = await Export(reader=storage.whole, chats=ids, format='zip').open()
            with (folder / 'all.zip').open('wb') as target:
                async for piece in file.content:
                    await asyncio.to_thread(target.write, piece)
        await storage.close()
        print(f'    {(folder / "all.zip").stat().st_size / 1e6:.0f} MB')
        storage = await open_store(folder / 'b')
        await take(storage, folder / 'all.zip', 'zip')
        await storage.close()


if __name__ == '__main__':
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--mb', type=int, default=300)
    asyncio.run(main(parser.parse_args().mb))
