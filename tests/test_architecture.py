"""The rules that keep the parts apart."""

import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / 'chat'

LONGEST_FILE = 300
"""Lines; beyond it there is a second thing in the file."""


def test_what_has_no_page_loads_no_page() -> None:
    """In a process of its own; which imports are allowed at all is what `lint-imports` says."""
    parts = (
        'rendering.incremental',
        'conversation.conversation_registry',
        'store.data_folder',
        'agent.model_catalog',
    )
    code = '\n'.join(
        ['import sys', *(f"import chat.{part}; assert 'nicegui' not in sys.modules" for part in parts)]
    )
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0  # noqa: S603


def test_a_start_loads_nothing_of_mcp() -> None:
    """It costs a second, and is imported in a thread once the first page has gone out."""
    late = {
        'chat.agent.mcp.connection',
        'opentelemetry.sdk',
        'fastmcp',
        'mcp',
        'jsonschema',
        'pydantic_ai.mcp',
    }
    code = f'import sys, chat.app; assert not {late} & {{*sys.modules}}'
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0  # noqa: S603


def test_files_are_short() -> None:
    long = {
        path.name: lines
        for path in PACKAGE.rglob('*.py')
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}
