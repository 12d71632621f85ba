"""The browser's half of the pages: how its modules become one, and that nothing of it is missing."""

import re
from pathlib import Path

import pytest

from chat.ui.javascript import COMPONENTS, JS, component_files, joined, joined_modules
from tests.fonts import ASSETS, ICONS

NAME = '([a-z_]+)'
ICON_NAME = re.compile(
    rf"""\bIcon(?:Button)?\(\s*'{NAME}'|super\(\).__init__\('{NAME}', (?:'[A-Z]|[A-Z]{{2}})"""
    rf"""|icon': '{NAME}|sidebar_link\('{NAME}|_button\('{NAME}|icon_(?:html|link)\('{NAME}"""
    rf"""|icon\("{NAME}|data-icon="{NAME}"""
    rf"""|symbols-outlined"[^>]*>{NAME}<|content: "{NAME}"|\["\w+", (?:"[A-Z][^"]*"|`[^`]*`), "{NAME}\""""
)
"""Finds the names of icons where our code has them."""

MENU = '/** Opens it.\n */\nexport function openMenu() {\n  return "at // open"; // now\n}\nconst item = 1;\n'
BUTTON = 'import { openMenu as open } from "parlour/menu.js";\nexport default {\n  click: open,\n};\n'


def test_modules_become_one() -> None:
    """Each keeps its names to itself, and comes after what it imports, without comments and indentation."""
    assert joined({'button.js': BUTTON, 'menu.js': MENU}) == (
        'export const modules = {};\n'
        'modules["menu.js"] = (() => {\n'
        'function openMenu() {\nreturn "at // open";\n}\nconst item = 1;\n'
        'return { openMenu };\n})();\n'
        'modules["button.js"] = (() => {\n'
        'const { openMenu: open } = modules["menu.js"];\n'
        'const _default = {\nclick: open,\n};\n'
        'return { default: _default };\n})();'
    )


@pytest.mark.parametrize(
    'source',
    ['import "parlour/menu.js";\n', 'import * as all from "parlour/other.js";\n', 'export { one };\n'],
)
def test_a_module_that_cannot_be_joined_is_named(source: str) -> None:
    with pytest.raises(ValueError, match=r'menu\.js'):
        joined({'menu.js': source, 'other.js': ''})


def test_a_page_has_all_components() -> None:
    exported = joined_modules().rpartition('export const components')[2]
    assert all(f'"nicegui-{name}": modules[' in exported for name in component_files())


def test_each_component_is_the_half_of_an_element() -> None:
    """A file that no element names would be of use to nobody."""
    code = '\n'.join(path.read_text() for path in JS.parent.rglob('*.py'))
    assert [path.name for path in COMPONENTS.iterdir() if f"COMPONENTS / '{path.name}'" not in code] == []


def test_the_font_has_all_icons() -> None:
    """For another one, name it in `tests/fonts.py`, and run that."""
    files = [*files_of(JS.parent, '.py', '.js'), *files_of(ASSETS / 'styles', '.css')]
    found = {
        name for path in files for match in ICON_NAME.findall(path.read_text()) for name in match if name
    }
    assert len(found) > 30
    assert found - ICONS == set()


def files_of(folder: Path, *endings: str) -> list[Path]:
    return [path for path in folder.rglob('*') if path.suffix in endings]
