"""The wheel as somebody installs it: it is complete, and needs nothing of the checkout that it comes from."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import httpx2
import pytest

from chat import __version__
from tests.support.launching import Process, kept_environment, start_process
from tests.support.process import Parlour
from tests.support.timeouts import WAIT_TIMEOUT

CHECKOUT = Path(__file__).parents[1]

FONT = re.compile(r'url\("(.+?\.woff2)"\)')

MISSING = [name for name in ('hatchling', 'pip') if find_spec(name) is None]

pytestmark = pytest.mark.skipif(
    bool(MISSING) and 'CI' not in os.environ,
    reason=f'The wheel is not built: {" and ".join(MISSING)} missing; pip install ".[test]" brings it.',
)


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('wheel')
    command = (sys.executable, '-m', 'hatchling', 'build', '--target', 'wheel', '--directory', str(folder))
    run(*command, folder=CHECKOUT)
    [path] = folder.iterdir()
    return path


@pytest.fixture(scope='module')
def environment(wheel: Path) -> Path:
    """An environment with the wheel in it, and behind it all that these tests run with."""
    environment = wheel.parent / 'environment'
    venv.create(environment, symlinks=True)
    pip = (sys.executable, '-m', 'pip', '--python', str(environment / 'bin' / 'python'))
    run(*pip, 'install', '--no-index', '--no-deps', '--quiet', str(wheel), folder=wheel.parent)
    [packages] = environment.glob('lib/python*/site-packages')
    behind = {sysconfig.get_path('purelib'), sysconfig.get_path('platlib')}
    (packages / 'behind.pth').write_text('\n'.join(behind))
    return environment


def test_it_holds_all_that_a_page_is_made_of(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    code = {f'chat/{path}' for path in files_in(CHECKOUT / 'chat')}
    assets = {f'chat/assets/{path}' for path in files_in(CHECKOUT / 'assets')}
    about = {'chat/py.typed'} | {
        f'parlour-{__version__}.dist-info/{name}' for name in ('METADATA', 'licenses/LICENSE')
    }
    assert (code | assets | about) - packed == set()


def test_it_answers_from_another_folder(environment: Path, tmp_path: Path) -> None:
    """What answers is the wheel, though the tests' own environment, behind it, may hold a Parlour too."""
    code = 'import chat; print(chat.__file__)'
    file = Path(run(str(environment / 'bin' / 'python'), '-c', code, folder=tmp_path))
    assert file.is_relative_to(environment)

    def launch(command: Sequence[str], folder: Path) -> Process:
        return start_process([str(environment / 'bin' / 'parlour'), *command[2:]], folder)

    with Parlour(tmp_path / 'data', launch=launch) as app:
        app.wait_until_ready()
        with httpx2.Client(base_url=app.url, trust_env=False, timeout=WAIT_TIMEOUT) as client:
            page = client.get('/').raise_for_status().text
            parts = re.findall(r'(?:src|href)="(/(?:assets|_nicegui/[^"]+/parlour)/[^"]+)"', page)
            answers = [client.get(part).raise_for_status() for part in parts]
            fonts = [answer.url.join(name) for answer in answers for name in FONT.findall(answer.text)]
            sizes = [len(client.get(font).raise_for_status().content) for font in fonts]
        assert app.terminate() == 0
    assert app.stderr.text == ''
    assert any(part.endswith('/all.css') for part in parts)
    assert len(sizes) > 5
    assert min(sizes) > 1000


def files_in(folder: Path) -> set[str]:
    files = (path for path in folder.rglob('*') if path.is_file() and path.parent.name != '__pycache__')
    return {path.relative_to(folder).as_posix() for path in files}


def run(*command: str, folder: Path) -> str:
    """Return what a command prints; it must go well."""
    done = subprocess.run(  # noqa: S603  # our own programs
        command, cwd=folder, env=kept_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()
