#!/usr/bin/env bash
# NiceGUI 3.18: a folder of browser modules that an element brings along (`esm=`) has the same address before and after
# a module in it was edited in place, and is served with a year of caching: a browser that came before keeps the old one.
#
# The address is made from the folder's path and its newest time as the folder itself has it; writing into a file
# changes neither, and archives that give all files one time (reproducible builds) have the same effect for an update.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nicegui==3.18.0 httpx 2>/dev/null
mkdir "$folder/modules"
cat >"$folder/look.py" <<'PYTHON'
import asyncio

import httpx
import nicegui
from fastapi import FastAPI
from nicegui import ui
from nicegui.dependencies import esm_modules
from nicegui.element import Element


class Clock(Element, component=None, esm={'clock': 'modules'}):
    pass


[(key, module)] = [(key, module) for key, module in esm_modules.items() if module.name == 'clock']
address = f'/_nicegui/{nicegui.__version__}/esm/{key}/hands.js'
app = FastAPI()
ui.run_with(app)


async def get() -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url='http://here') as client:
        return await client.get(address)


answer = asyncio.run(get())
print(key, answer.headers.get('cache-control'), answer.text.strip(), sep='  ')
PYTHON
look() { (cd "$folder" && "$folder/venv/bin/python" look.py); }
echo 'export const hands = 2;' >"$folder/modules/hands.js"
before="$(look)"
echo 'export const hands = 3;' >"$folder/modules/hands.js"
after="$(look)"
"$folder/venv/bin/python" -m pip show nicegui 2>/dev/null | grep ^Version
echo "before: $before"
echo "after:  $after"
[[ $before == *max-age=31536000*'hands = 2;' && $after == "${before/2;/3;}" ]]
