"""Where there can be no window, one line says what is missing, and the browser opens."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from chat.window.requirements import debian_package
from tests.support.process import MAIN_FILE, Parlour
from tests.window.conftest import Desktop
from tests.window.x_screen import wait_until

LIBRARY = 'libxcb-icccm.so.4'


def opens_the_browser(app: Parlour, desktop: Desktop) -> str:
    """The line that says why; then the app runs as without a window, and ends well."""
    app.wait_until_ready()
    wait_until(lambda: desktop.opened == [f'{app.url}/'], 'the browser was not opened')
    assert app.terminate() == 0
    [reason] = app.stdout.lines[1:]
    assert app.stderr.text == ''
    return reason


def test_without_a_screen(desktop: Desktop) -> None:
    with desktop.parlour(DISPLAY='') as app:
        assert 'neither DISPLAY nor WAYLAND_DISPLAY is set' in opens_the_browser(app, desktop)


def test_with_a_screen_that_does_not_answer(desktop: Desktop) -> None:
    with desktop.parlour(DISPLAY=':97') as app:
        assert 'nothing answers at DISPLAY=:97' in opens_the_browser(app, desktop)


def test_with_a_wayland_screen_that_does_not_answer(desktop: Desktop) -> None:
    with desktop.parlour(DISPLAY='', WAYLAND_DISPLAY='wayland-97') as app:
        assert 'nothing answers at WAYLAND_DISPLAY' in opens_the_browser(app, desktop)


@pytest.mark.parametrize(
    ('library', 'package'),
    [
        ('libnss3.so', 'libnss3'),
        ('libEGL.so.1', 'libegl1'),
        ('libdbus-1.so.3', 'libdbus-1-3'),
        ('libxkbcommon-x11.so.0', 'libxkbcommon-x11-0'),
    ],
)
def test_a_library_is_named_as_its_package(library: str, package: str) -> None:
    assert debian_package(library) == package


def test_without_pywebview(desktop: Desktop, tmp_path: Path) -> None:
    """In an environment that has all packages but this one."""
    packages = Path(sysconfig.get_path('purelib'))
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', tmp_path / 'venv'], check=True)  # noqa: S603
    [ours] = (tmp_path / 'venv').glob('lib/python*/site-packages')
    for path in packages.iterdir():
        if not path.name.lower().startswith(('webview', 'pywebview')):
            (ours / path.name).symlink_to(path)
    with desktop.parlour(command=[str(tmp_path / 'venv/bin/python'), str(MAIN_FILE)]) as app:
        assert 'pip install ".[native]"' in opens_the_browser(app, desktop)


@pytest.mark.skipif(os.name != 'posix' or os.geteuid() != 0, reason='only root can hide a library')
def test_without_a_library_of_the_system(desktop: Desktop) -> None:
    """In a mount namespace of its own, where the library is an empty file."""
    found = subprocess.run(['/sbin/ldconfig', '-p'], check=True, capture_output=True, text=True).stdout
    path = next(line.rpartition(' ')[2] for line in found.splitlines() if LIBRARY in line)
    with tempfile.NamedTemporaryFile('w', suffix='.sh') as script:
        script.write(
            f'mount --bind /dev/null {Path(path).resolve()} && exec {sys.executable} {MAIN_FILE} "$@"'
        )
        script.flush()
        with desktop.parlour(command=['unshare', '--mount', 'sh', script.name]) as app:
            assert 'apt install libxcb-icccm4' in opens_the_browser(app, desktop)
