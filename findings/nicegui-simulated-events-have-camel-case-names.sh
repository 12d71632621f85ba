#!/usr/bin/env bash
# NiceGUI 3.18: an event with a hyphen in its name cannot be triggered under that name in a simulated page.
#
# element.on('page-visibility', …) stores the listener as 'pageVisibility', the name that Vue knows; in the browser
# both spellings arrive. The simulated user's trigger() compares names as they were given, so that
# trigger('page-visibility') does nothing, without an error: a test that uses it is green and tests nothing.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nicegui==3.18.0 httpx==0.28.1 pytest==9.0.2 pytest-asyncio==1.3.0 2>/dev/null
cd "$folder"
cat >test_look.py <<'PYTHON'
import nicegui
import pytest
from nicegui import ui
from nicegui.testing.user_simulation import user_simulation

heard: list[str] = []


def page() -> None:
    ui.label('hello').on('page-visibility', lambda: heard.append('heard'))


@pytest.mark.asyncio
async def test_look() -> None:
    async with user_simulation(root=page) as user:
        await user.open('/')
        print(f'\nNiceGUI {nicegui.__version__}')
        for name in ('page-visibility', 'pageVisibility'):
            heard.clear()
            user.find('hello').trigger(name)
            print(f"trigger('{name}'): {heard}")
            assert heard == (['heard'] if name == 'pageVisibility' else [])
PYTHON
"$folder/venv/bin/python" -m pytest -q -s -p nicegui.testing.user_plugin test_look.py
