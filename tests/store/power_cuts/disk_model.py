"""A model of a disk: what a power cut may leave after any of the operations that were recorded."""

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from chat.store.filesystem.disk import Disk

Files: TypeAlias = dict[Path, bytes]


class RecordingDisk(Disk):
    """Does what it is told, and remembers it."""

    def __init__(self) -> None:
        self.events: list[tuple[str, tuple[Any, ...]]] = []
        """Primitives with their arguments; and lines that were told, as `tell`."""
        self._lock = threading.Lock()

    def tell(self, line: str) -> None:
        self._note('tell', line)

    def write(self, path: Path, data: bytes) -> None:
        self._note('write', path, data)
        super().write(path, data)

    def extend(self, path: Path, data: bytes) -> None:
        self._note('extend', path, data)
        super().extend(path, data)

    def truncate(self, path: Path, size: int) -> None:
        self._note('truncate', path, size)
        super().truncate(path, size)

    def sync(self, path: Path) -> None:
        self._note('sync', path)

    def rename(self, source: Path, target: Path) -> None:
        self._note('rename', source, target)
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._note('unlink', path)
        super().unlink(path)

    def make_folder(self, folder: Path) -> None:
        self._note('make_folder', folder)
        super().make_folder(folder)

    def sync_folder(self, folder: Path) -> None:
        self._note('sync_folder', folder)

    def _note(self, name: str, *arguments: Any) -> None:
        with self._lock:
            self.events.append((name, arguments))


class WithoutFileSync(RecordingDisk):
    def sync(self, path: Path) -> None:
        """Nothing: what a store must not do."""


class WithoutFolderSync(RecordingDisk):
    def sync_folder(self, folder: Path) -> None:
        """Nothing: what a store must not do."""


@dataclass(eq=False)
class _Content:
    now: bytes = b''
    lasting: bytes = b''


@dataclass(eq=False)
class _Change:
    """A name that was given, taken or moved, and may not last yet."""

    waiting: set[Path]
    """The folders that must be synced for it to last."""
    apply: Callable[[dict[Path, _Content]], None]


@dataclass(eq=False)
class DiskModel:
    """What is on the disk for sure, and what is only on its way."""

    _names: dict[Path, _Content] = field(default_factory=dict[Path, _Content])
    _lasting: dict[Path, _Content] = field(default_factory=dict[Path, _Content])
    _changes: list[_Change] = field(default_factory=list[_Change])

    def do(self, name: str, arguments: tuple[Any, ...]) -> None:
        match name, arguments:
            case 'write', (path, data):
                self._content(path).now = data
            case 'extend', (path, data):
                self._content(path).now += data
            case 'truncate', (path, size):
                self._content(path).now = self._content(path).now[:size]
            case 'sync', (path,):
                self._content(path).lasting = self._content(path).now
            case 'rename', (source, target):
                self._change({source.parent, target.parent}, lambda names: _rename(names, source, target))
            case 'unlink', (path,) if path in self._names:
                self._change({path.parent}, lambda names: names.pop(path, None) and None)
            case 'sync_folder', (folder,):
                self._sync_folder(folder)
            case _:
                pass

    def after_a_cut(self) -> Generator[Files]:
        """Everything that may be there if the power fails now."""
        for kept in range(len(self._changes) + 1):
            names = dict(self._lasting)
            for change in self._changes[:kept]:
                change.apply(names)
            for left in _LEFT:
                yield {path: left(content.lasting, content.now) for path, content in names.items()}
            yield from _one_against_all(names)

    def _content(self, path: Path) -> _Content:
        if path not in self._names:
            content = _Content()
            self._change({path.parent}, lambda names: names.__setitem__(path, content))
        return self._names[path]

    def _change(self, folders: set[Path], apply: Callable[[dict[Path, _Content]], None]) -> None:
        apply(self._names)
        self._changes.append(_Change(folders, apply))

    def _sync_folder(self, folder: Path) -> None:
        for change in list(self._changes):
            change.waiting.discard(folder)
            if not change.waiting:
                change.apply(self._lasting)
                self._changes.remove(change)


def _one_against_all(names: dict[Path, _Content]) -> Generator[Files]:
    """Where several files were not synced: what one of them has lost or kept, and all the others not."""
    waiting = [path for path, content in names.items() if content.now != content.lasting]
    for odd in waiting if len(waiting) > 1 else ():
        for one, all_others in ((_absent, _whole), (_zeroed, _whole), (_whole, _absent)):
            yield {
                path: (one if path == odd else all_others)(content.lasting, content.now)
                for path, content in names.items()
            }


def _rename(names: dict[Path, _Content], source: Path, target: Path) -> None:
    if source in names:
        names[target] = names.pop(source)


def _absent(lasting: bytes, _: bytes) -> bytes:
    return lasting


def _whole(_: bytes, now: bytes) -> bytes:
    return now


def _cut(lasting: bytes, now: bytes) -> bytes:
    kept = len(lasting) if now.startswith(lasting) else 0
    return lasting if now == lasting else now[: (kept + len(now)) // 2]


def _zeroed(lasting: bytes, now: bytes) -> bytes:
    kept = len(lasting) if now.startswith(lasting) else 0
    return now[:kept] + bytes(len(now) - kept)


def _zeroed_first(lasting: bytes, now: bytes) -> bytes:
    """The end arrived before the middle."""
    kept = len(lasting) if now.startswith(lasting) else 0
    half = (len(now) - kept) // 2
    return now[:kept] + bytes(half) + now[kept + half :]


_LEFT = (_absent, _whole, _cut, _zeroed, _zeroed_first)
