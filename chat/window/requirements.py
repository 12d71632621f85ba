"""What the desktop window needs on this computer: Python packages, system libraries and a screen.

A screen that does not answer is reported by Qt itself, to `chat/server/launcher.py`.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

MISSING_LIBRARY_PATTERN = re.compile(
    r'^\s*(lib\S+) => not found|shared libraries: (?:\S*/)?(lib[^:]+):', re.MULTILINE
)
"""What `ldd` writes of a library that is not there, or cannot be loaded."""


def missing_requirement(environment: Mapping[str, str]) -> str | None:
    """Return why there can be no window and what to install; `None` if nothing seems to be missing."""
    needed = ('webview', 'PySide6', 'qtpy') if sys.platform == 'linux' else ('webview',)
    if not all(find_spec(name) for name in needed):
        return 'The desktop window needs more packages. Install them with: pip install ".[native]"'
    if sys.platform != 'linux':
        return None
    if not (environment.get('WAYLAND_DISPLAY') or environment.get('DISPLAY')):
        return 'There is no screen for a desktop window: neither DISPLAY nor WAYLAND_DISPLAY is set.'
    missing = missing_libraries('wayland' if environment.get('WAYLAND_DISPLAY') else 'xcb')
    if not missing:
        return None
    if shutil.which('apt-get'):
        packages = ' '.join(debian_package(library) for library in missing)
        return f'The desktop window needs system libraries. Install them with: apt install {packages}'
    return f'The desktop window needs these libraries of your system: {", ".join(missing)}.'


def missing_libraries(platform: str) -> list[str]:
    """Return the libraries that Qt and its browser lack, such as `libnss3.so`, by the system's own loader."""
    spec, ldd = find_spec('PySide6'), shutil.which('ldd')
    if not (ldd and spec and spec.submodule_search_locations):
        return []
    folder = Path(spec.submodule_search_locations[0])
    files = [*folder.glob('QtWebEngineWidgets*.so'), *folder.glob(f'Qt/plugins/platforms/libq{platform}.so')]
    listed = subprocess.run([ldd, *files], capture_output=True, text=True, check=False)  # noqa: S603
    found = MISSING_LIBRARY_PATTERN.findall(listed.stdout + listed.stderr)
    return sorted({absent or broken for absent, broken in found})


def debian_package(library: str) -> str:
    """Return the package of a library, as Debian names it: `libnss3`, `libegl1`, `libxkbcommon-x11-0`.

    https://www.debian.org/doc/debian-policy/ch-sharedlibs.html#run-time-shared-libraries
    """
    name, _, version = library.lower().partition('.so')
    number = version.removeprefix('.')
    return f'{name}-{number}' if name[-1].isdigit() and number else f'{name}{number}'
