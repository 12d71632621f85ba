"""What a start imports: only what serves the first page, and nothing is missing afterwards."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

IMPORTED_LATER = (
    'aiohttp.client',
    'requests.api',
    'ifaddr._shared',
    'markdown2',
    'email_validator',
    'pydantic.v1',
    'rich',
    'pypdf',
    'cryptography',
    'openai',
    'anthropic',
    'fastmcp',
    'jsonschema',
    'mcp',
    'opentelemetry.sdk',
    'pydantic_ai.mcp',
    'pydantic_ai.models.function',
    'chat.agent.demo',
    'chat.agent.mcp.connection',
    'chat.exchange.export',
    'chat.exchange.imports',
    'chat.rendering',
    'chat.team',
    'chat.ui.chat.assistant_message',
    'markdown_it',
    'chat.ui.exchange.export_dialog',
    'chat.ui.settings.page',
    'chat.ui.share_dialog.share_dialog',
)
"""Packages, or a module of each, that a start does without; they take half as much as all the rest."""

START = f"""
import gc, sys
from chat.startup_imports import UnusedPackage, quick_imports
with quick_imports():
    import chat.app
print([name for name in {IMPORTED_LATER} if not isinstance(sys.modules.get(name), UnusedPackage | None)])
import aiohttp, requests, httpx._main, email_validator, pydantic.v1, ifaddr
from nicegui.elements.markdown import prepare_content
print(gc.isenabled(), aiohttp.ClientSession.__name__, requests.get.__name__, hasattr(aiohttp, 'nothing'))
print(bool(ifaddr.get_adapters()), prepare_content('*Hello*', '').strip())
"""


def test_packages_are_imported_when_they_are_used() -> None:
    run = subprocess.run([sys.executable, '-c', START], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # our own
    assert run.stdout.splitlines() == ['[]', 'True ClientSession get False', 'True <p><em>Hello</em></p>']
