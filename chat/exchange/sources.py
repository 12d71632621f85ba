"""What an import reads from: files, folders and archives, opened in one guarded place.

Names inside of an archive are keys and never paths: nothing is unpacked, and nothing outside is touched.
"""

import stat
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import BinaryIO, cast
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from chat.errors import ImportRefused

MAX_MEMBERS = 200_000
"""Files in one archive or folder."""

MAX_UNPACKED_BYTES = 4_000_000_000
"""Bytes of all files of an archive together, unpacked."""

MAX_FILE_BYTES = 100_000_000
"""Bytes of one attachment."""

MAX_FILE_RATIO = 200
"""How much smaller an attachment may be packed; pictures and documents shrink little."""

HEAD_BYTES = 65_536
"""Bytes at the beginning of a file by which its format is recognised."""

DAMAGE_ERRORS = (BadZipFile, zlib.error, EOFError, OSError)
"""What reading a damaged file raises."""

_ZIP_SIGNATURES = (b'PK\3\4', b'PK\5\6')  # the second one is that of an empty archive

_IS_ENCRYPTED, _IS_UTF8 = 0x1, 0x800
"""Bits in the flags of a member."""

_UNICODE_NAME = 0x7075
"""The extra field of a member that has its name in UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of a source."""

    name: str
    """Its path in the source, with slashes; for a single file its name."""
    size: int
    """In bytes, unpacked."""
    open: Callable[[], BinaryIO]
    """Open it for reading from its beginning; the caller closes it. It need not be seekable."""
    packed_size: int | None = None

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """Return its beginning, without a byte order mark; nothing if it cannot be read."""
        with suppress(*DAMAGE_ERRORS, ImportRefused), self.open() as stream:
            return stream.read(size).removeprefix(b'\xef\xbb\xbf')
        return b''

    @property
    def attachment(self) -> Callable[[], BinaryIO] | None:
        """What opens a file that a message names; `None` if there is nothing in it, as if it were missing."""
        return self.open_attachment if self.size else None

    def open_attachment(self) -> BinaryIO:
        """Open a file that a message names.

        Raises:
            ImportRefused: If it is too large, or shrinks as no attachment does.
        """
        if self.size > MAX_FILE_BYTES:
            raise ImportRefused(f'{self.name} is larger than {MAX_FILE_BYTES // 1_000_000} MB.')
        if self.packed_size is not None and self.size > MAX_FILE_RATIO * max(self.packed_size, 1024):
            raise ImportRefused(f'{self.name} grows more than {MAX_FILE_RATIO} times when it is unpacked.')
        return self.open()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file, a folder or an archive, as files by their names."""

    name: str
    """Of the file or the folder, for sentences and for titles."""
    members: Mapping[str, Member]
    """In the order of the archive, or else by name. Of a single file there is one."""
    is_single_file: bool = False
    problems: list[str] = field(default_factory=list[str])
    """What was left out of it, a sentence each."""

    def parts(self) -> Iterator['Source']:
        """Yield what may have a format of its own: the folders in it, then each file in none of them."""
        folders: dict[str, dict[str, Member]] = {}
        for name, member in self.members.items():
            folder, slash, rest = name.partition('/')
            if slash:
                folders.setdefault(folder, {})[rest] = member
        yield from (Source(name=folder, members=members) for folder, members in folders.items())
        for name, member in self.members.items():
            if '/' not in name and not self.is_single_file:
                yield Source(
                    name=PurePosixPath(member.name).name, members={name: member}, is_single_file=True
                )


def open_source(path: Path, stack: ExitStack) -> Source:
    """Open a file, an archive or a folder; the stack closes it.

    Raises:
        ImportRefused: If it cannot be read.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if path.exists() and not path.is_file():
            raise ImportRefused(f'{path} is neither a file nor a folder.')
        member = _file(path, path.name)
        return open_archive(member, stack) if is_archive(member) else _single(member)
    except FileNotFoundError:
        raise ImportRefused(f'There is no file {path}.') from None
    except OSError as error:
        raise ImportRefused(f'{path} cannot be read: {error.strerror or error}.') from error


def is_archive(member: Member) -> bool:
    """Return whether a file is a zip archive, whatever it is called."""
    return member.head(4).startswith(_ZIP_SIGNATURES)


def open_archive(member: Member, stack: ExitStack) -> Source:
    """Open an archive, also one inside of another; the stack closes it.

    Raises:
        ImportRefused: If it is damaged or encrypted, or larger than what is read.
    """
    stream = stack.enter_context(member.open())
    if not stream.seekable() or member.packed_size is not None:
        stream = stack.enter_context(_spooled(member, stream))
    try:
        archive = stack.enter_context(ZipFile(stream))
    except (BadZipFile, LargeZipFile, NotImplementedError, ValueError) as error:
        raise ImportRefused(
            f'{member.name} is damaged: it begins as a zip archive and does not end as one. '
            'Download or copy it again.'
        ) from error
    infos = [info for info in archive.infolist() if not info.is_dir()]
    _check_size(member.name, infos)
    problems: list[str] = []
    return Source(
        name=PurePosixPath(member.name).name, members=_members(archive, infos, problems), problems=problems
    )


def _check_size(name: str, infos: list[ZipInfo]) -> None:
    if any(info.flag_bits & _IS_ENCRYPTED for info in infos):
        raise ImportRefused(f'{name} is encrypted. Unpack it with its password, and import the folder.')
    if len(infos) > MAX_MEMBERS:
        raise ImportRefused(f'{name} has {len(infos):,} files; up to {MAX_MEMBERS:,} are read.')
    if (size := sum(info.file_size for info in infos)) > MAX_UNPACKED_BYTES:
        raise ImportRefused(
            f'{name} would have {size / 1e9:,.1f} GB when it is unpacked; up to '
            f'{MAX_UNPACKED_BYTES / 1e9:.0f} GB are read.'
        )


def _members(archive: ZipFile, infos: list[ZipInfo], problems: list[str]) -> dict[str, Member]:
    members: dict[str, Member] = {}
    for info in infos:
        name = _name(info)
        if name.startswith('/') or '..' in PurePosixPath(name).parts or ':' in name.partition('/')[0][:2]:
            problems.append(f'“{name}” in the archive leads out of it, and was left out.')
        elif stat.S_ISLNK(info.external_attr >> 16):
            problems.append(f'“{name}” in the archive is a link, and was left out.')
        else:
            if name in members:
                problems.append(f'The archive has two files “{name}”; the last one was read.')
            members[name] = Member(
                name=name,
                size=info.file_size,
                packed_size=info.compress_size,
                open=partial(_open_member, archive, info),
            )
    return members


def _open_member(archive: ZipFile, info: ZipInfo) -> BinaryIO:
    try:
        return cast(BinaryIO, archive.open(info))  # which has all that is read of it
    except (BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ImportRefused(f'{info.filename} in the archive cannot be read: it is damaged.') from error


def _name(info: ZipInfo) -> str:
    """Return the name of a member with slashes; UTF-8 where a program has not said so, as many do."""
    name = info.filename
    if not info.flag_bits & _IS_UTF8:
        with suppress(UnicodeError):  # an old encoding: any name will do that is the same at every look
            name = _name_field(info.extra) or name.encode('cp437').decode()
    return name.replace('\\', '/')


def _name_field(extra: bytes) -> str:
    while len(extra) >= 4:
        kind, size = struct.unpack_from('<HH', extra)
        if kind == _UNICODE_NAME:
            return extra[9 : 4 + size].decode()
        extra = extra[4 + size :]
    return ''


def _folder(path: Path) -> Source:
    members: dict[str, Member] = {}
    problems: list[str] = []
    for each in sorted(path.rglob('*')):
        name = each.relative_to(path).as_posix()
        if each.is_symlink():
            problems.append(f'“{name}” in the folder is a link, and was left out.')
        elif each.is_file():
            members[name] = _file(each, name)
        if len(members) > MAX_MEMBERS:
            raise ImportRefused(f'{path} has more than {MAX_MEMBERS:,} files. Choose a folder in it.')
    return Source(name=path.name, members=members, problems=problems)


def _file(path: Path, name: str) -> Member:
    return Member(name=name, size=path.stat().st_size, open=partial(path.open, 'rb'))


def _single(member: Member) -> Source:
    return Source(name=member.name, members={member.name: member}, is_single_file=True)


def _spooled(member: Member, stream: BinaryIO) -> BinaryIO:
    """Return a copy that can be read in any order; a large one is a file without a name."""
    copy = tempfile.SpooledTemporaryFile(max_size=8_000_000)  # noqa: SIM115  # the caller closes it
    copyfileobj(stream, copy)
    copy.seek(0)
    return cast(BinaryIO, copy)  # which has all that is read of it
