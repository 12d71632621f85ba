"""Where browsers find the modules of our pages, and for how long they may keep what they have found."""

import os
from pathlib import Path
from types import new_class

import pytest
from nicegui import ui
from nicegui.dependencies import esm_modules

from chat.ui.javascript import COMPONENTS, JS, content_time, script_links


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / 'index.js').write_text('export const one = 1;')
    return tmp_path


def change(folder: Path) -> None:
    """Change a file as an editor does, which leaves the time of its folder."""
    time = folder.stat().st_mtime
    (folder / 'index.js').write_text('export const one = 2;')
    os.utime(folder, (time, time))


def test_the_address_of_modules_changes_with_what_is_in_them(folder: Path) -> None:
    before = content_time(folder)
    assert content_time(folder) == before
    change(folder)
    assert content_time(folder) != before


def test_nicegui_still_keeps_the_address_of_modules_that_have_changed(folder: Path) -> None:
    """When this fails, `content_time` can go: declare the folder with `esm=`."""
    declaration = {'esm': {'test-of-modules': str(folder)}}
    new_class('Before', (ui.element,), declaration)
    change(folder)
    new_class('After', (ui.element,), declaration)
    keys = [key for key, module in esm_modules.items() if module.name == 'test-of-modules']
    for key in keys:
        del esm_modules[key]
    assert len(keys) == 1


def test_the_links_of_a_page_lead_to_files_that_are_there() -> None:
    """Below the path of another app too; the theme comes first, and at once."""
    links = script_links('/ai')
    assert links[0].startswith('<script src="/ai/_nicegui/')
    assert links[0].endswith('/theme.js"></script>')
    names = [link.partition('.js')[0].rpartition('/')[2] for link in links]
    assert names[:2] == ['theme', 'index']
    assert len(names) > 5
    assert all((JS / f'{name}.js').is_file() for name in names)


def test_each_component_is_the_half_of_an_element() -> None:
    """A file that no element names would be loaded by nobody."""
    code = '\n'.join(path.read_text() for path in JS.parent.rglob('*.py'))
    assert [path.name for path in COMPONENTS.iterdir() if f"COMPONENTS / '{path.name}'" not in code] == []
