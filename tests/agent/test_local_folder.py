"""Files of a folder that a person has chosen: what is read and written, and that nothing leads out of it."""

import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from chat.agent.tools.folder_rules import choosable_folder
from chat.agent.tools.local_folder import LocalFolder
from chat.agent.tools.open_folder import MAX_FILE_BYTES, digest
from chat.errors import FolderRefused


@pytest.fixture
def chosen(tmp_path: Path) -> Path:
    """The folder, with a few files; beside it there is one that was not chosen."""
    chosen = tmp_path / 'chosen'
    (chosen / 'notes').mkdir(parents=True)
    (chosen / 'notes' / 'plan.txt').write_text('one\ntwo\n')
    (chosen / 'readme.md').write_text('Hello')
    (tmp_path / 'outside').mkdir()
    (tmp_path / 'outside' / 'diary.txt').write_text('private')
    return chosen


@pytest.fixture(params=[True, False], ids=['by descriptor', 'by path'])
def folder(chosen: Path, request: pytest.FixtureRequest) -> LocalFolder:
    """In both ways; the second is that of Windows."""
    return LocalFolder(chosen, by_descriptor=request.param)


def listed(folder: LocalFolder, path: str = '.') -> list[str]:
    return [entry.path for entry in folder.entries(path)]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(FolderRefused) as error:
        act()
    return str(error.value)


def all_refused(folder: LocalFolder, path: str) -> None:
    """Nothing can be done with this path, and nothing has happened."""
    refused(lambda: folder.entries(path))
    refused(lambda: folder.read(path))
    for before in ('', digest(b'private')):
        refused(partial(folder.write, path, b'changed', before=before))


def test_files_are_listed_and_read(folder: LocalFolder) -> None:
    assert listed(folder) == ['notes', 'readme.md']
    assert listed(folder, 'notes/') == listed(folder, './notes') == ['notes/plan.txt']
    assert folder.read('notes//plan.txt') == b'one\ntwo\n'
    assert [entry.path for entry in folder.walk('.', lambda _: False)] == [
        'notes',
        'notes/plan.txt',
        'readme.md',
    ]
    assert [entry.path for entry in folder.walk('.', lambda name: name == 'notes')] == ['notes', 'readme.md']


def test_what_cannot_be_read_has_a_sentence(folder: LocalFolder, chosen: Path) -> None:
    assert refused(lambda: folder.read('gone.txt')) == 'There is no “gone.txt”.'
    assert refused(lambda: folder.read('notes')) == '“notes” is a folder.'
    assert refused(lambda: folder.entries('readme.md')) == '“readme.md” is no folder.'
    assert 'the folder itself' in refused(lambda: folder.read('.'))
    assert 'no path' in refused(lambda: folder.read('a\0b')) or 'left out' in refused(
        lambda: folder.read('a\0b')
    )
    assert 'cannot be used' in refused(lambda: folder.read('x' * 300))
    with (chosen / 'film').open('wb') as film:
        film.truncate(MAX_FILE_BYTES + 1)
    assert '5,000,001 bytes' in refused(lambda: folder.read('film'))


@pytest.mark.parametrize(
    'path',
    ['../outside/diary.txt', 'notes/../../outside/diary.txt', '..', '/etc/hostname', '//etc', 'C:/x', '~/x'],
)
def test_no_path_leads_out(folder: LocalFolder, chosen: Path, path: str) -> None:
    all_refused(folder, path) if path != '~/x' else refused(lambda: folder.read(path))
    assert (chosen.parent / 'outside' / 'diary.txt').read_text() == 'private'


def test_no_link_is_followed(folder: LocalFolder, chosen: Path) -> None:
    """Neither to a file nor to a folder, nor one that leads back into the folder or nowhere."""
    outside = chosen.parent / 'outside'
    (chosen / 'door').symlink_to(outside)
    (chosen / 'diary.txt').symlink_to(outside / 'diary.txt')
    (chosen / 'inner').symlink_to(chosen / 'notes')
    (chosen / 'nowhere').symlink_to(outside / 'new.txt')
    assert listed(folder) == ['notes', 'readme.md']
    for path in ('door', 'door/diary.txt', 'diary.txt', 'inner/plan.txt', 'nowhere', 'notes/../door'):
        all_refused(folder, path)
    assert refused(lambda: folder.read('diary.txt')).startswith('“diary.txt” is a link.')
    assert [path.name for path in outside.iterdir()] == ['diary.txt']
    assert (outside / 'diary.txt').read_text() == 'private'


@pytest.mark.parametrize('name', ['notes', 'notes/plan.txt'])
def test_a_link_that_is_swapped_in_after_the_check_is_not_followed(
    folder: LocalFolder, chosen: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """At the worst moment: when everything was looked at, and just before it is opened."""
    outside, really_open = chosen.parent / 'outside', os.open
    (outside / 'plan.txt').write_text('private')
    target = chosen / name

    def swap_and_open(path: str | Path, *more: object, **options: object) -> int:
        if Path(path).name in ('plan.txt', target.name) and not target.is_symlink():
            target.rename(chosen / 'moved')
            target.symlink_to(outside / 'plan.txt' if name.endswith('.txt') else outside)
        return really_open(path, *more, **options)  # pyright: ignore[reportArgumentType]  # as they came

    monkeypatch.setattr(os, 'open', swap_and_open)
    try:
        content = folder.read('notes/plan.txt')
    except FolderRefused:
        content = b''
    assert content != b'private'


def test_only_files_are_opened(folder: LocalFolder, chosen: Path) -> None:
    """A pipe would hold up whoever opens it."""
    os.mkfifo(chosen / 'pipe')
    assert 'pipe' not in listed(folder)
    all_refused(folder, 'pipe')
    assert stat.S_ISFIFO((chosen / 'pipe').stat().st_mode)


def test_hidden_files_and_keys_are_left_out(folder: LocalFolder, chosen: Path) -> None:
    for name in (
        '.env',
        '.ssh/id_rsa',
        '.git/config',
        'ID_RSA',
        'server.Key',
        'cert.pem',
        'a\u202eb',
        'line\nbreak',
    ):
        (chosen / name).parent.mkdir(exist_ok=True)
        (chosen / name).write_text('private')
        all_refused(folder, name)
        assert (chosen / name).read_text() == 'private'
    assert listed(folder) == ['notes', 'readme.md']
    assert 'stay on this computer' in refused(lambda: folder.read('.env'))


def test_the_data_folder_of_parlour_is_left_out(folder: LocalFolder, chosen: Path) -> None:
    """Wherever it is, and by whatever path it is known."""
    data = chosen / 'notes' / 'parlour'
    data.mkdir()
    (data / 'keys.json').write_text('private')
    (chosen.parent / 'elsewhere').symlink_to(data)
    for private in (data, chosen.parent / 'elsewhere'):
        inside = LocalFolder(data, private, folder.by_descriptor)
        around = LocalFolder(chosen, private, folder.by_descriptor)
        assert listed(around, 'notes') == ['notes/plan.txt']
        all_refused(around, 'notes/parlour/keys.json')
        assert 'its own data' in refused(partial(inside.entries, '.'))
        assert 'its own data' in refused(partial(choosable_folder, str(data), private))
    assert (data / 'keys.json').read_text() == 'private'


def test_a_file_is_written_whole(folder: LocalFolder, chosen: Path) -> None:
    """It keeps its mode, and folders that are missing are made."""
    plan = chosen / 'notes' / 'plan.txt'
    plan.chmod(0o640)
    folder.write('notes/plan.txt', b'three', before=digest(b'one\ntwo\n'))
    assert (plan.read_bytes(), stat.S_IMODE(plan.stat().st_mode)) == (b'three', 0o640)
    assert folder.read_if_there('new/deep/file.txt') is None
    folder.write('new/deep/file.txt', b'new', before='')
    assert folder.read_if_there('new/deep/file.txt') == b'new'
    assert [path.name for path in (chosen / 'notes').iterdir()] == ['plan.txt']


def test_nothing_is_written_if_the_file_has_changed(folder: LocalFolder, chosen: Path) -> None:
    plan = chosen / 'notes' / 'plan.txt'
    seen = digest(plan.read_bytes())
    plan.write_text('by somebody else')
    assert 'has changed' in refused(lambda: folder.write('notes/plan.txt', b'mine', before=seen))
    assert 'has changed' in refused(lambda: folder.write('notes/plan.txt', b'mine', before=''))
    assert plan.read_text() == 'by somebody else'
    plan.unlink()
    assert 'not there any more' in refused(lambda: folder.write('notes/plan.txt', b'mine', before=seen))
    (chosen / 'readme.md').chmod(0o444)
    assert 'read-only' in refused(lambda: folder.write('readme.md', b'mine', before=digest(b'Hello')))
    assert sorted(path.name for path in chosen.rglob('*')) == ['notes', 'readme.md']


def test_another_name_of_a_file_outside_is_parted_from_it(folder: LocalFolder, chosen: Path) -> None:
    """A hard link is a file of the folder as any other; to write it leaves the other name as it was."""
    other = chosen.parent / 'outside' / 'diary.txt'
    (chosen / 'diary.txt').hardlink_to(other)
    folder.write('diary.txt', b'changed', before=digest(b'private'))
    assert (folder.read('diary.txt'), other.read_text()) == (b'changed', 'private')


def test_a_folder_that_has_gone_or_was_replaced_is_not_used(folder: LocalFolder, chosen: Path) -> None:
    chosen.rename(chosen.parent / 'moved')
    assert 'not there any more' in refused(lambda: folder.entries('.'))
    chosen.symlink_to(chosen.parent / 'outside')
    assert 'not there any more' in refused(lambda: folder.read('diary.txt'))


def test_which_folders_can_be_chosen(chosen: Path) -> None:
    assert choosable_folder(f' {chosen}/../chosen/ ', None) == chosen
    (chosen / 'link').symlink_to(chosen / 'notes')
    assert choosable_folder(str(chosen / 'link'), None) == chosen / 'notes'
    (chosen / '.config').mkdir()
    for path in ('', 'notes', '/', '/proc', '/dev/fd', str(chosen / 'readme.md')):
        refused(partial(choosable_folder, path, None))
    assert 'Hidden' in refused(lambda: choosable_folder(str(chosen / '.config'), None))
    assert refused(lambda: choosable_folder(str(chosen / 'gone'), None)).startswith('There is no')
    assert choosable_folder(str(chosen), chosen / 'notes') == chosen


def test_nothing_stays_open(folder: LocalFolder) -> None:
    def count_open() -> int:
        return len([*Path('/dev/fd').iterdir()])

    before = count_open()
    for _ in range(3):
        folder.read('notes/plan.txt')
        refused(lambda: folder.read('notes/gone/x'))
        assert len([*folder.walk('.', lambda _: False)]) == 3
    assert count_open() == before
