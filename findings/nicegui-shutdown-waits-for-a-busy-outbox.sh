#!/usr/bin/env bash
# NiceGUI 3.18 on Python 3.11: an app that ends in the moment in which a page has got something new takes two
# seconds to end, and logs "Could not cancel N tasks within timeout" with no task named.
#
# Each client has a loop that waits for new messages with asyncio.wait_for(event.wait(), timeout=1.0). Before Python
# 3.12, wait_for gives its result, and forgets the cancellation, if both come in the same step of the event loop. The
# loop then goes on, and the shutdown, which cancels it once, waits for its own limit of two seconds. A client that is
# deleted before the app ends has no such loop any more: then the shutdown is over at once.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nicegui==3.18.0 httpx==0.28.1 pytest==9.0.2 pytest-asyncio==1.3.0 2>/dev/null
cd "$folder"
cat >test_look.py <<'PYTHON'
import asyncio
import sys
import time

import nicegui
import pytest
from nicegui import Client, ui
from nicegui.testing.user_simulation import user_simulation


async def seconds_to_end(*, delete: bool) -> float:
    """Open a page, write to it, and end the app in the same step of the event loop."""
    async with user_simulation(root=lambda: ui.label('hello')) as user:
        await user.open('/')
        await asyncio.sleep(0.3)  # the loop of the page has nothing to do and waits
        for client in list(Client.instances.values()):
            with client:
                ui.label('news')
            if delete:
                client.delete()
        begun = time.monotonic()
    return time.monotonic() - begun


@pytest.mark.asyncio
async def test_look() -> None:
    as_usual = await seconds_to_end(delete=False)
    deleted = await seconds_to_end(delete=True)
    print(f'\nPython {sys.version.split()[0]}, NiceGUI {nicegui.__version__}')
    print(f'a page has just got something new: the app ends after {as_usual:.2f} s')
    print(f'its client is deleted before:      the app ends after {deleted:.2f} s')
    if sys.version_info < (3, 12):  # later ones have another wait_for
        assert as_usual > 1.9
        assert deleted < 1
PYTHON
"$folder/venv/bin/python" -m pytest -q -s -p nicegui.testing.user_plugin test_look.py
