"""What of this computer may be given to a model: which folders can be chosen, which names in them count."""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath

from chat.errors import FolderRefused

SECRET_NAMES = ('id_rsa', 'id_dsa', 'id_ecdsa', 'id_ed25519')
SECRET_SUFFIXES = ('.pem', '.key', '.p12', '.pfx', '.kdbx', '.jks', '.keystore', '.ppk')
"""Names that files with private keys have, and endings of them, whatever the case."""

NAME_SURROGATE = 0x20000000
"""The bit of a reparse tag of Windows that says that something stands for something elsewhere."""

WINDOWS_CHARACTERS = frozenset('\\:*?"<>|~')
"""What a name has there if it may mean something else than itself: a stream, a drive, another name."""

SYSTEM_FOLDERS = ('proc', 'sys', 'dev', 'run')
"""Below the root of Unix: what is in them are no files of a person."""

MAX_SUBFOLDERS = 500
"""Folders in another one that are offered; a path can be entered as well."""

HIDDEN_MESSAGE = '“{}” is left out: hidden files, and those that are named like keys, stay on this computer.'
MISSING_MESSAGE = 'The folder is not there any more. Choose it anew in the settings of this chat.'
OWN_DATA_MESSAGE = 'Parlour keeps its own data in this folder. Choose another one.'


def parts_of(path: str) -> tuple[str, ...]:
    """Return the steps of a path below the chosen folder; none for that folder.

    Raises:
        FolderRefused: If it leads out of the folder, or to what is left out.
    """
    if os.name == 'nt':
        path = path.replace('\\', '/')
    if path.startswith('/') or PureWindowsPath(path).drive:
        raise FolderRefused('Paths begin in the chosen folder, as in “notes/plan.txt”, and not with “/”.')
    parts = tuple(part for part in path.split('/') if part not in ('', '.'))
    if '..' in parts:
        raise FolderRefused('“..” leads out of the folder. Give paths from the chosen folder on.')
    for part in parts:
        if not is_public_name(part):
            raise FolderRefused(HIDDEN_MESSAGE.format(part))
    return parts


def file_parts_of(path: str) -> tuple[str, ...]:
    """Return the steps to a file, at least one; raise as `parts_of` does."""
    if parts := parts_of(path):
        return parts
    raise FolderRefused('This is the folder itself. Name a file in it.')


def is_public_name(name: str) -> bool:
    """Return whether something of this name is not left out: it is neither hidden nor named like a key."""
    lower = name.casefold()
    if name.startswith('.') or lower in SECRET_NAMES or lower.endswith(SECRET_SUFFIXES):
        return False
    if os.name == 'nt' and (WINDOWS_CHARACTERS.intersection(name) or name.endswith((' ', '.'))):
        return False
    return name.isprintable() and not (os.name == 'nt' and PureWindowsPath(name).is_reserved())


def choosable_folder(text: str, private: Path | None) -> Path:
    """Return the folder that a person means, without links.

    Raises:
        FolderRefused: If it is none, or none that should be given to a model.
    """
    with sentences_of_disk(text):
        folder = _existing_folder(text)
        if folder == folder.parent or is_of_system(folder):
            raise FolderRefused('This is too much of the computer. Choose a folder with files of yours.')
        if any(part.startswith('.') for part in folder.parts):
            raise FolderRefused('Hidden folders cannot be chosen: programs keep keys and settings in them.')
        if is_within(folder, private):
            raise FolderRefused(OWN_DATA_MESSAGE)
        os.scandir(folder).close()  # or it may not be read
    return folder


def subfolders(text: str) -> tuple[Path, list[str]]:
    """Return the folder that a person means, without links, and what folders in it are called.

    Raises:
        FolderRefused: If it is none.
    """
    with sentences_of_disk(text):
        folder = _existing_folder(text)
        with os.scandir(folder) as found:
            names = [each.name for each in found if is_public_name(each.name) and _is_folder(each)]
    return folder, sorted(names, key=str.casefold)[:MAX_SUBFOLDERS]


def _existing_folder(text: str) -> Path:
    path = Path(text.strip()).expanduser()
    if not text.strip() or not path.is_absolute():
        raise FolderRefused('Give the whole path of a folder.')
    folder = path.resolve(strict=True)
    if not folder.is_dir():
        raise FolderRefused('This is a file. Choose the folder that it is in.')
    return folder


def _is_folder(entry: 'os.DirEntry[str]') -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def is_still_there(folder: Path) -> bool:
    """Return whether a folder that was chosen is still what its path says."""
    try:
        return folder.is_dir() and folder.resolve(strict=True) == folder
    except (OSError, RuntimeError):
        return False


def is_of_system(folder: Path) -> bool:
    """Return whether what is in a folder comes from the system; media of people are in `/run/media`."""
    return folder.parts[1] in SYSTEM_FOLDERS and folder.parts[:3] != ('/', 'run', 'media')


def is_within(folder: Path, outer: Path | None) -> bool:
    """Return whether a folder is another one or lies in it, whatever their paths are."""
    if outer is None or not outer.exists():
        return False
    return any(each.samefile(outer) for each in (folder, *folder.parents))


def is_link(known: os.stat_result) -> bool:
    """Return whether something leads elsewhere, also as the junctions of Windows do."""
    return stat.S_ISLNK(known.st_mode) or bool(getattr(known, 'st_reparse_tag', 0) & NAME_SURROGATE)


@contextmanager
def sentences_of_disk(path: str) -> Generator[None]:
    """Turn the errors of the disk into sentences that name the path as it was given."""
    try:
        yield
    except FileNotFoundError as error:
        raise FolderRefused(f'There is no “{path}”.') from error
    except PermissionError as error:
        raise FolderRefused(f'This computer does not allow that with “{path}”.') from error
    except OSError as error:
        raise FolderRefused(f'“{path}” cannot be used: {error.strerror}.') from error
    except (ValueError, RuntimeError) as error:  # of what cannot be a path, and of `~` without a home
        raise FolderRefused(f'“{path}” is no path.') from error
