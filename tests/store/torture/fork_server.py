"""A process that has imported everything, and makes one child after the other that works on a store.

Each line of its input says what a child is to do. A child begins its output with its id; at its end comes
`ENDED_PATH`. Only where there is `fork`.
"""

import asyncio
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from chat.store.conversations.format import warm_up
from chat.store.data_folder import open_store
from chat.store.filesystem.disk import Disk
from chat.store.selftest.workload import Workload, write_line
from tests.store.torture.controls import Early, InPlace, die_after

ENDED = 'ended'


async def work(order: dict[str, Any]) -> None:
    deaths = die_after(order['deaths'])
    kind = partial(Early, deaths) if order['control'] == 'early' else Workload
    disk = InPlace(deaths) if order['control'] == 'in place' else Disk()
    data_folder = await open_store(
        Path(order['folder']),
        rewrite_below=order['rewrite_below'],
        open_files=order['open_files'],
        disk=disk,
    )
    await kind(data_folder.conversations, seed=order['seed'], report=write_line).run_steps(sys.maxsize)


def serve() -> None:
    warm_up()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            write_line(str(os.getpid()))
            asyncio.run(work(json.loads(line)))
            os._exit(0)
        os.waitpid(child, 0)
        write_line(ENDED)


if __name__ == '__main__':
    serve()
