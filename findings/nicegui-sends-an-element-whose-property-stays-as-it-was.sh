#!/usr/bin/env bash
# NiceGUI 3.18: to set a property to the value that it has already sends the whole element to the browser again.
#
# `element.props[name] = value` marks the element as changed whatever stood there before, and with it go all of its
# properties, classes, listeners and the ids of its children. A view that is brought up to date often, by assigning what it
# should show, costs the page a redraw each time; `set_text` and the other bindable values do compare.
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


@pytest.mark.asyncio
async def test_look() -> None:
    labels: list[ui.label] = []
    async with user_simulation(root=lambda: labels.append(ui.label('hello').props('title=once'))) as user:
        await user.open('/')
        label = labels[-1]
        sent: list[int] = []
        label.client.outbox.enqueue_update = lambda element: sent.append(element.id)
        print(f'\nNiceGUI {nicegui.__version__}')
        label.set_text('hello')
        print(f'the same text again: {len(sent)} updates')
        assert sent == []
        label.props['title'] = 'once'
        print(f'the same property again: {len(sent)} updates')
        assert sent == [label.id]
PYTHON
"$folder/venv/bin/python" -m pytest -q -s -p nicegui.testing.user_plugin test_look.py
