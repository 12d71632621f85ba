"""Files that are no good, or mean no good: each is one sentence, and nothing else comes of it."""

import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from chat.errors import ImportRefused
from chat.exchange import json_items, sources
from chat.exchange.imported import DamagedChat
from chat.exchange.json_items import read_items, read_lines
from chat.exchange.reading import OTHER_ENCODING, SourceProblem, read_chats
from chat.exchange.sources import Member, Source, open_source
from tests.support.files import png


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[Path], Source]]:
    with ExitStack() as stack:
        yield lambda path: open_source(path, stack)


def archive(path: Path, *members: tuple[str | ZipInfo, str]) -> Path:
    with ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as target:
        for name, content in members:
            target.writestr(name, content)
    return path


def member(tmp_path: Path, content: bytes) -> Member:
    (tmp_path / 'chats.json').write_bytes(content)
    with ExitStack() as stack:
        [found] = open_source(tmp_path / 'chats.json', stack).members.values()
    return found


@pytest.mark.filterwarnings('ignore:Duplicate name')
def test_names_in_an_archive_lead_nowhere(opened: Callable[[Path], Source], tmp_path: Path) -> None:
    """Out of it, to another file, or to two: what cannot be read as it is said is named."""
    link = ZipInfo('link')
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    bad = [('../../x', 'a'), ('/etc/x', 'b'), ('C:\\x', 'c'), (link, '/etc/passwd')]
    found = opened(archive(tmp_path / 'a.zip', *bad, ('a\\b.txt', 'd'), ('twice', 'e'), ('twice', 'f')))
    assert list(found.members) == ['a/b.txt', 'twice']
    assert found.members['twice'].head() == b'f'
    assert found.problems == [
        '“../../x” in the archive leads out of it, and was left out.',
        '“/etc/x” in the archive leads out of it, and was left out.',
        '“C:/x” in the archive leads out of it, and was left out.',
        '“link” in the archive is a link, and was left out.',
        'The archive has two files “twice”; the last one was read.',
    ]
    assert [path.name for path in tmp_path.iterdir()] == ['a.zip']


def test_names_in_other_encodings(opened: Callable[[Path], Source], tmp_path: Path) -> None:
    """UTF-8 that a program has not marked as such, as many do."""
    path = archive(tmp_path / 'a.zip', ('Müller.json', '{}'))
    flags = 0x800.to_bytes(2, 'little')
    path.write_bytes(path.read_bytes().replace(b'\x14\x00' + flags, b'\x14\x00\0\0'))
    assert list(opened(path).members) == ['Müller.json']


def test_bombs_are_not_read(
    opened: Callable[[Path], Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many files, too many bytes, and an attachment that shrinks as none does."""
    path = archive(tmp_path / 'a.zip', ('a', '0' * 3_000_000), ('b', 'b'))
    found = opened(path).members
    with pytest.raises(ImportRefused, match='grows more than 200 times'):
        found['a'].open_attachment()
    monkeypatch.setattr(sources, 'MAX_FILE_BYTES', 1_000_000)
    with pytest.raises(ImportRefused, match='larger than 1 MB'):
        found['a'].open_attachment()
    monkeypatch.setattr(sources, 'MAX_UNPACKED_BYTES', 2_000_000)
    with pytest.raises(ImportRefused, match='when it is unpacked'):
        opened(path)
    monkeypatch.setattr(sources, 'MAX_MEMBERS', 1)
    with pytest.raises(ImportRefused, match='has 2 files; up to 1 are read'):
        opened(path)
    monkeypatch.setattr(json_items, 'MAX_ITEM_BYTES', 1000)
    with pytest.raises(ImportRefused, match='which is not read'):
        list(read_items(member(tmp_path, b'["' + b'x' * 2000 + b'"]')))


def test_damaged_archives(tmp_path: Path) -> None:
    """Cut off, encrypted, and with a member whose bytes are others."""
    whole = archive(tmp_path / 'a.zip', ('conversations/a.json', '{"format": "parlour"}' * 50)).read_bytes()
    (tmp_path / 'cut.zip').write_bytes(whole[:-30])
    (tmp_path / 'bytes.zip').write_bytes(whole.replace(whole[60:70], b'0123456789', 1))
    encrypted = bytearray(whole)
    encrypted[6] |= 1
    encrypted[whole.index(b'PK\1\2') + 8] |= 1
    (tmp_path / 'secret.zip').write_bytes(encrypted)
    said = [each for name in ('cut', 'bytes', 'secret') for each in sentences(tmp_path / f'{name}.zip')]
    assert 'cut.zip is damaged: it begins as a zip archive' in said[0]
    assert 'bytes.zip has no chats that Parlour can read.' in said[1]
    assert 'secret.zip is encrypted. Unpack it with its password' in said[2]


def sentences(*paths: Path) -> list[str]:
    found = list(read_chats(paths))
    return [each.sentence for each in found if isinstance(each, (DamagedChat, SourceProblem))]


def test_what_holds_no_chats(tmp_path: Path) -> None:
    (tmp_path / 'cat.png').write_bytes(png())
    (tmp_path / 'empty').mkdir()
    os.mkfifo(tmp_path / 'pipe')
    for encoding in ('utf-16', 'latin-1'):
        (tmp_path / f'{encoding}.json').write_bytes('[{"title": "Größe"}]'.encode(encoding))
    names = ('cat.png', 'empty', 'gone', 'pipe', 'utf-16.json', 'latin-1.json')
    paths = [tmp_path / name for name in names]
    found = list(read_chats(paths))
    assert [each.sentence for each in found if isinstance(each, SourceProblem) and each.is_refused] == [
        'cat.png has no chats that Parlour can read. Choose what was downloaded there, as it is.',
        'empty has no chats that Parlour can read. Choose what was downloaded there, as it is.',
        f'There is no file {tmp_path / "gone"}.',
        f'{tmp_path / "pipe"} is neither a file nor a folder.',
        f'utf-16.json {OTHER_ENCODING}',
        f'latin-1.json {OTHER_ENCODING}',
    ]


def test_links_in_a_folder_are_left_out(opened: Callable[[Path], Source], tmp_path: Path) -> None:
    folder = tmp_path / 'chats'
    folder.mkdir()
    (folder / 'link').symlink_to('/etc/passwd')
    found = opened(folder)
    assert (dict(found.members), found.problems) == (
        {},
        ['“link” in the folder is a link, and was left out.'],
    )


@pytest.mark.parametrize(
    ('content', 'items', 'sentence'),
    [
        (b'\xef\xbb\xbf[1, 2]', [1, 2], ''),
        (b'[1, {"a": 2}, {"a"', [1, {'a': 2}], 'ends early'),
        (b'[1, Infinity, 2]', [1, float('inf'), 2], ''),
        (b'[1,, 2]', [1], 'is damaged: from some place on'),
        (b'', [], 'is empty'),
        (b'[1, {"a":' + b'{"a":' * 300_000, [1], 'is damaged: from some place on'),
        (b'[1, "%s"]' % (b'[' * 6_000), [1, '[' * 6_000], ''),
    ],
    ids=['mark', 'cut', 'infinity', 'commas', 'empty', 'deep', 'brackets in a text'],
)
@pytest.mark.timeout(120)
def test_lists_are_read_as_far_as_they_go(
    content: bytes, items: list[object], sentence: str, tmp_path: Path
) -> None:
    found: list[object] = []
    said = ''
    try:
        found.extend(read_items(member(tmp_path, content)))
    except ImportRefused as error:
        said = str(error)
    assert sentence in said
    assert bool(sentence) == bool(said)
    if not said:
        assert found == items


def test_a_line_that_is_no_json_costs_one_line(tmp_path: Path) -> None:
    lines = list(read_lines(member(tmp_path, b'{"a": 1}\n\n{"a"\n[2]\n')))
    assert [number for number, _ in lines] == [1, 3, 4]
    assert isinstance(lines[1][1], ValueError)
    assert json.dumps([lines[0][1], lines[2][1]]) == '[{"a": 1}, [2]]'
