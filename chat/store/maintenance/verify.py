"""Verify everything in a data folder without changes, also while Parlour runs."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chat.errors import ChatError
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.conversations.document_repair import Condition, condition_of
from chat.store.conversations.format import FileDamaged, FileNewer, file_name
from chat.store.filesystem.disk import UNFINISHED_SUFFIX, Disk
from chat.store.filesystem.layout import DataLayout
from chat.store.maintenance.reader import read_consistently
from chat.store.tinydb_storage.journal import Journal, journal_of
from chat.store.trash.blob_gc import blobs_named_by
from chat.store.trash.trash_folder import INDEX_NAME

_PROBLEM_BY_CONDITION: Mapping[Condition, str] = {
    'odd': 'has a message with a field that is odd, which is left out; `chats repair` mends it',
    'unreadable': 'has a message that cannot be read',
}


@dataclass(eq=False)
class Findings:
    """The content and the problems of a data folder."""

    conversations: int = 0
    messages: int = 0
    journals: int = 0
    in_trash: int = 0
    blobs: int = 0
    set_aside: int = 0
    """Damaged files under another name."""
    leftovers: int = 0
    """Files of interrupted writes, and unused blobs: harmless."""
    problems: list[str] = field(default_factory=list[str])
    """One sentence each."""


def verify_folder(folder: Path) -> Findings:
    """Check every file, message and blob.

    Raises:
        OSError: If a folder cannot be read.
    """
    layout = DataLayout(folder)
    found = Findings()
    named = set[str]()
    for path in _conversations(layout):
        _check(path, BlobStore(layout.blobs), found)
    for place in layout.folders_naming_blobs:
        named |= blobs_named_by(place.glob('*'))
    found.journals = _count(layout.conversations, '*.journal')
    found.set_aside = _count(layout.conversations, '*.corrupt')
    found.leftovers = sum(_count(place, f'*{UNFINISHED_SUFFIX}') for place in layout.folders)
    _check_blobs(BlobStore(layout.blobs), named, found)
    return found


def _conversations(layout: DataLayout) -> Iterator[Path]:
    yield from sorted(layout.conversations.glob('*.json'))
    yield from sorted(path for path in layout.trash.glob('*.json') if path.name != INDEX_NAME)


def _check(path: Path, blobs: BlobStore, found: Findings) -> None:
    messages, problems = read_consistently(path, lambda: _check_file(path, blobs))
    if not path.exists():  # it was deleted meanwhile
        return
    found.messages += messages
    found.problems += [f'{path.parent.name}/{path.name} {problem}' for problem in problems]
    if path.parent.name == 'trash':
        found.in_trash += 1
    else:
        found.conversations += 1


def _check_file(path: Path, blobs: BlobStore) -> tuple[int, list[str]]:
    """Return the number of messages in a file, and its problems."""
    try:
        file = ConversationFile(path)
        record = file.record()
        damaged = unreadable_entries(file)
        named = blobs_named_by([path, journal_of(path)])
    except FileNewer:
        return 0, ['was stored by a newer version of Parlour; update Parlour to read it.']
    except (FileDamaged, ChatError):
        return 0, ['is damaged; `chats repair` recovers what is intact in it.']
    except OSError as error:
        return 0, [f'cannot be read: {error.strerror or error}.']
    if journal_is_damaged(path):
        return len(file.entries), ['has a damaged journal; `chats repair` recovers what is intact in it.']
    problems = [f'lacks the attachment {name}.' for name in sorted(named - blobs.names())]
    problems += [f'has a message without what comes before it: {entry_id}.' for entry_id in damaged]
    problems += [
        f'{_PROBLEM_BY_CONDITION[condition]}: {entry_id}.' for entry_id, condition in odd_messages(file)
    ]
    if record and path.parent.name != 'trash' and path.name != file_name(record.conversation_id):
        problems.append('is not named after the conversation in it, and is not listed.')
    return len(file.entries), problems


def journal_is_damaged(path: Path) -> bool:
    """Return whether a journal has more than valid lines, outdated lines and an interrupted write."""
    journal = Journal(journal_of(path), Disk())
    journal.read(None)
    return journal.is_damaged


def unreadable_entries(file: ConversationFile) -> list[str]:
    """Return the ids of entries without a message or with a missing parent."""
    return [entry_id for entry_id in file.entries if not _is_whole(file, entry_id)]


def _is_whole(file: ConversationFile, entry_id: str) -> bool:
    entry = file.entries[entry_id]
    parent_id = entry.get('parent_id', entry_id)
    return 'message' in entry and (parent_id is None or parent_id in file.entries) and parent_id != entry_id


def odd_messages(file: ConversationFile) -> Iterator[tuple[str, Condition]]:
    """Return the messages that are shown only in part or not at all."""
    for entry_id, entry in file.entries.items():
        if (condition := condition_of(entry)) != 'whole':
            yield entry_id, condition


def _check_blobs(blobs: BlobStore, named: set[str], found: Findings) -> None:
    for name in sorted(blobs.names()):
        found.blobs += 1
        try:
            is_whole = hashlib.sha256((blobs.folder / name).read_bytes()).hexdigest() == name
        except FileNotFoundError:  # removed meanwhile
            continue
        except OSError as error:
            found.problems.append(f'blobs/{name} cannot be read: {error.strerror or error}.')
            continue
        if not is_whole:
            found.problems.append(f'blobs/{name} is damaged: its content does not have this SHA-256.')
        found.leftovers += name not in named


def _count(folder: Path, pattern: str) -> int:
    return len(list(folder.glob(pattern)))
