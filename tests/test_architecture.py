"""The rules that keep the parts apart, and the lists of parts that are whole."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from chat import errors

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / 'chat'

LONGEST_FILE = 300
"""Lines; beyond it there is a second thing in the file."""

LONGEST_FUNCTION = 40
"""Lines without its docstring; beyond it there is a second step in it."""


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


def test_files_are_short() -> None:
    long = {
        path.name: lines
        for path in PACKAGE.rglob('*.py')
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_functions_are_short() -> None:
    long = {
        f'{path.name}: {function.name}': lines
        for path in PACKAGE.rglob('*.py')
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := lines_of_code(function)) > LONGEST_FUNCTION
    }
    assert long == {}


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """All lines of a function but those of its docstring."""
    said = function.body[0] if ast.get_docstring(function) else None
    return _length(function) - (_length(said) if said else 0)


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def test_the_tree_at_the_top_of_the_errors_has_all_of_them() -> None:
    """Each once, and below the one that it is a kind of."""
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    ]
    path, branches = ['ChatError'], list[tuple[str, str]]()
    for indent, name in re.findall(r'^([│ ]*)[├└]── (\w+)', errors.__doc__ or '', re.MULTILINE):
        path[1 + len(indent) // 4 :] = [name]
        branches.append((name, path[-2]))
    assert sorted(branches) == sorted(
        (kind.__name__, kind.__bases__[0].__name__) for kind in kinds if kind is not errors.ChatError
    )


def test_the_table_of_test_support_names_every_file() -> None:
    table = (TESTS / 'README.md').read_text('utf-8').partition('## Test support\n')[2]
    files = {path.name for path in (TESTS / 'support').iterdir() if path.is_file()} - {'__init__.py'}
    assert {name for name in files if f'`{name}' not in table} == set()
