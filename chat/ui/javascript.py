"""The browser's half of the pages: ES modules in `js/`, imported by names like `parlour/menu.js`."""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from nicegui import __version__ as nicegui_version
from nicegui.dependencies import compute_key, register_esm

JS = Path(__file__).parent / 'js'
"""All of it. Every page has what `index.js` imports, a component comes with the first element that is one."""

COMPONENTS = JS / 'components'
"""The browser's halves of our elements, each with the name of its element."""

IMPORT_NAME = 'parlour'
"""What stands before the name of a module in imports."""

_IMPORT_PATTERN = re.compile(rf'"{IMPORT_NAME}/(\w+\.js)"')


def install_modules() -> None:
    """Put the modules in the import map of every page."""
    register_esm(IMPORT_NAME, JS, max_time=_modules_time())


def module_folder(prefix: str = '') -> str:
    """Return the address of the modules, another with each change; browsers keep what is there for good."""
    return f'{prefix}/_nicegui/{nicegui_version}/esm/{compute_key(JS, max_time=_modules_time())}/'


@cache
def _modules_time() -> float:
    return content_time(JS)


def script_links(prefix: str = '') -> list[str]:
    """Return what loads the scripts of every page: the theme at once, all else when the page has been read.

    What `index.js` imports is named too: a browser that learned of it from the file would begin later.
    """
    folder = module_folder(prefix)
    imported = _IMPORT_PATTERN.findall((JS / 'index.js').read_text())
    return [
        f'<script src="{folder}theme.js"></script>',
        f'<script type="module" src="{folder}index.js"></script>',
        *(f'<link rel="modulepreload" href="{folder}{name}">' for name in imported),
    ]


def confirm_script(question: Mapping[str, str]) -> str:
    """Return a handler that tells the server only when a person confirms; see `dialogs.js`."""
    return (
        f'async () => {{ const {{ askToConfirm }} = await import("{IMPORT_NAME}/dialogs.js");'
        f' if (await askToConfirm({json.dumps(question)})) emit() }}'
    )


def content_time(folder: Path) -> float:
    """Return a number that changes with the contents of a folder, to be passed on as its time.

    NiceGUI makes the address of a folder of modules, which browsers keep for a year, from the path and the
    time of the folder. That is the same after a file in it has changed, and with tools that give all files
    one time. Can go when `esm=` makes the address from what is in the files.
    """
    return float(int(content_version(folder), 16))  # 48 bits, which a float can hold


def content_version(folder: Path) -> str:
    """Return a text that changes when any file in the folder does."""
    contents = b''.join(path.read_bytes() for path in sorted(folder.rglob('*')) if path.is_file())
    return hashlib.sha256(contents).hexdigest()[:12]
