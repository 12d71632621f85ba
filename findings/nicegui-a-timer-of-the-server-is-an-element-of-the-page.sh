#!/usr/bin/env bash
# NiceGUI 3.18.0: `ui.timer` runs at the server alone, and yet each one is an element of the page: it stands in the
# HTML, has a component in JavaScript that draws nothing, and one that runs once only is then removed from the page by
# a message. Twenty timers that are to begin some work "as soon as the page is there" are twenty elements more, so a
# page that is full of parts which load themselves pays for each. A task of one's own that awaits
# `ui.context.client.connected()` does the same and costs the page nothing.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nicegui==3.18.0 2>/dev/null
cd "$folder"
cat >look.py <<'PYTHON'
import asyncio
import re
import sys
from importlib.metadata import version

import httpx
from fastapi import FastAPI
from nicegui import background_tasks, ui

COUNT = 20
begun = []


async def work() -> None:
    begun.append(1)


@ui.page('/timers')
def with_timers() -> None:
    for _ in range(COUNT):
        ui.timer(0, work, once=True)


@ui.page('/tasks')
def with_tasks() -> None:
    client = ui.context.client

    async def when_connected() -> None:
        await client.connected()
        await work()

    for _ in range(COUNT):
        background_tasks.create(when_connected())


def elements(html: str) -> int:
    """How many elements the page is told of."""
    return len(re.findall(r'"\d+":\{"tag":', html.replace(' ', '').replace('\\', '')))


app = FastAPI()
ui.run_with(app, storage_secret='none')


async def main() -> None:
    transport = httpx.ASGITransport(app)
    found = {}
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=transport, base_url='http://page.example') as browser:
            for way in ('tasks', 'timers'):
                html = (await browser.get(f'/{way}')).text
                found[way] = elements(html), len(html), 'timer.js' in html
    print(f'Python {sys.version.split()[0]}, NiceGUI {version("nicegui")}')
    for way, (count, length, has_script) in found.items():
        print(f'{COUNT} {way}: {count} elements, {length} characters of HTML, the component timer.js: {has_script}')
    (tasks, short, without), (timers, long, with_script) = found['tasks'], found['timers']
    assert (timers - tasks, without, with_script) == (COUNT, False, True), 'this has changed'
    assert long > short


asyncio.run(main())
PYTHON
"$folder/venv/bin/python" look.py
