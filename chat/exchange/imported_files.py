"""The files of imported chats: stored one at a time, before the messages that name them."""

from collections.abc import Awaitable, Callable, Mapping, Set
from contextlib import closing
from typing import Any, Protocol, TypeAlias, TypeVar

from chat.conversation.content.attachments import Attachment
from chat.conversation.storage import AttachmentStorage
from chat.conversation.whole_conversation import Json, Tables, blobs_in_tables, is_list, is_object
from chat.errors import ImportRefused
from chat.exchange.message_json import filled_entry
from chat.exchange.own_format import MAX_INLINE_BYTES
from chat.exchange.prepared import PreparedChat, PreparedFile
from chat.exchange.sources import DAMAGE_ERRORS, MAX_FILE_BYTES

T = TypeVar('T')


class InThread(Protocol):
    """Does something that blocks, or takes its time, where the files are read."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


Report: TypeAlias = Callable[[str], None]


async def with_stored_files(
    chat: PreparedChat,
    tables: Tables,
    attachments: AttachmentStorage,
    *,
    known: Set[str],
    in_thread: InThread,
    report: Report,
) -> Tables:
    """Store the files of a chat, and return what is to be stored of it with these in their places.

    `known` has the SHA-256 of the files that the chat has here already.

    Raises:
        OSError: If one could not be stored.
    """
    stored: dict[str, tuple[Attachment, bytes] | None] = {}
    for key, file in chat.files.items():
        stored[key] = None
        try:
            content = await in_thread(lambda file=file: _content(file))
        except (ImportRefused, *DAMAGE_ERRORS, ValueError) as error:
            report(f'The file {file.name} of “{chat.title}” cannot be read: {error}')
            continue
        attachment = await attachments.save(file.name, content, for_prompt=False)
        if chat.is_own and attachment.blob != key:
            report(f'The file {file.name} of “{chat.title}” is damaged, and was left out.')
        else:
            stored[key] = attachment, content if len(content) <= MAX_INLINE_BYTES else b''
    if chat.is_own:
        here = known | {key for key, file in stored.items() if file}
        return await in_thread(lambda: _without_blobs(tables, blobs_in_tables(tables) - here))
    return await in_thread(lambda: _with_files(tables, stored)) if stored else tables


def _with_files(tables: Tables, stored: Mapping[str, tuple[Attachment, bytes] | None]) -> Tables:
    return {**tables, 'entries': {key: filled_entry(each, stored) for key, each in tables['entries'].items()}}


def _content(file: PreparedFile) -> bytes:
    with closing(file.open()) as stream:
        content = stream.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise ImportRefused(f'it is larger than {MAX_FILE_BYTES // 1_000_000} MB.')
    return content


def _without_blobs(tables: Tables, lost: set[str]) -> Tables:
    """Return the tables without the names of files that did not come with them.

    A file with this name may be here: it would become one of this chat, and be seen by all who see that.
    """
    if not lost:
        return tables
    return {
        name: {key: _unnamed(each, lost) for key, each in table.items()} for name, table in tables.items()
    }


def _unnamed(node: Any, lost: set[str]) -> Any:
    if is_list(node):
        return [_unnamed(item, lost) for item in node]
    if not is_object(node):
        return node
    changed: Json = {key: _unnamed(value, lost) for key, value in node.items()}
    if changed.get('blob') not in lost:
        return changed
    if changed.get('kind') == 'binary':
        return {key: value for key, value in changed.items() if key != 'blob'}
    return {**changed, 'blob': ''}
