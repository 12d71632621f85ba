"""The rules that keep the parts apart."""

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / 'chat'

LONGEST_FILE = 200
"""Lines; beyond it there is a second thing in the file."""


def test_imports_point_downwards() -> None:
    """In a process of its own, since the linter silences every logger that it finds."""
    code = 'from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))'
    command = [sys.executable, '-c', code]
    linter = subprocess.run(command, cwd=PACKAGE.parent, check=False, capture_output=True)  # noqa: S603
    assert linter.returncode == 0, linter.stdout.decode()


@pytest.mark.parametrize('part', ['conversation.opened', 'store.folder', 'agent.models', 'rendering.blocks'])
def test_what_has_no_page_loads_no_page(part: str) -> None:
    code = f"import sys, chat.{part}; raise SystemExit('nicegui' in sys.modules)"
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0  # noqa: S603


def test_files_are_short() -> None:
    long = {
        path.name: lines
        for path in PACKAGE.rglob('*.py')
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}
