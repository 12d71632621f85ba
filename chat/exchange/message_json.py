"""Messages as JSON while they are imported: their words, and what takes the place of their files."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError
from pydantic_ai import ModelMessage, ModelMessagesTypeAdapter

from chat.conversation.content.attachments import Attachment, safe_name
from chat.conversation.content.message_files import FILES_KEY
from chat.conversation.content.messages import ATTACHMENTS_KEY
from chat.conversation.whole_conversation import Json, is_list, is_object

MESSAGE_KINDS = ('request', 'response')

MISSING_FILE = '(A file that was not in the export: '
"""How a line begins that stands in the place of a file without bytes."""


def dump_message(message: ModelMessage) -> Json:
    """Return a message as JSON."""
    return ModelMessagesTypeAdapter.dump_python([message], mode='json', fallback=repr, warnings=False)[0]


def said_in(document: Json) -> str:
    """Return the words of a message in JSON, by which versions of it are told apart."""
    return ' '.join(_words(document.get('parts'))).strip()


def _words(parts: object) -> Iterator[str]:
    for part in parts if is_list(parts) else ():
        content: object = part.get('content') if is_object(part) else None
        for item in content if is_list(content) else [content]:
            if isinstance(item, str) and not item.startswith(MISSING_FILE):
                yield from item.split()


def odd_messages(messages: Sequence[Json]) -> Iterator[str]:
    """Say of messages that nothing can be read of them here; they are kept for a version that can."""
    read = [each for each in messages if each.get('kind') in MESSAGE_KINDS and is_list(each.get('parts'))]
    if odd := len(messages) - len(read):
        yield f'{odd:,} of its {len(messages):,} messages cannot be read by this version of Parlour.'
    if odd := sum(not _is_known(each) for each in read):
        yield (
            f'{odd:,} of its {len(messages):,} messages have something in them that this version of Parlour '
            'does not know. It is kept; what can be read of it is shown.'
        )


def _is_known(message: Json) -> bool:
    try:
        ModelMessagesTypeAdapter.validate_python([message])
    except ValidationError:
        return False
    return True


def with_replaced_files(node: Any, replaced: Callable[[Json], Json | str]) -> Any:
    """Return JSON with something else in the place of each file; a part that is a file may become a text."""
    if is_list(node):
        return [with_replaced_files(item, replaced) for item in node]
    if not is_object(node):
        return node
    if node.get('kind') == 'binary':
        return replaced(node)
    changed = {key: with_replaced_files(value, replaced) for key, value in node.items()}
    if node.get('part_kind') == 'file' and isinstance(changed.get('content'), str):
        return {'part_kind': 'text', 'content': changed['content']}
    return changed


def missing_note(name: str) -> str:
    """Return what stands in the place of a file without bytes."""
    return f'{MISSING_FILE}{name})'


def filled_entry(entry: Json, files: Mapping[str, tuple[Attachment, bytes] | None]) -> Json:
    """Return an entry with its files described as in every conversation.

    Args:
        entry: As it was prepared.
        files: By key, what was stored, with the bytes if they are few; `None` for one that was not.
    """
    stored: list[Attachment] = []

    def replaced(node: Json) -> Json | str:
        key = str(node.get('identifier'))
        if key not in files:
            stored.append(_lost(key, node))
            return {**node, 'identifier': stored[-1].name}
        if (found := files[key]) is None:
            return missing_note('a file')
        attachment, content = found
        stored.append(attachment)
        described = {**node, 'media_type': attachment.media_type, 'identifier': attachment.name}
        if content:
            return {**described, 'data': base64.urlsafe_b64encode(content).decode()}
        return {**described, 'data': '', 'blob': attachment.blob}

    message: Json = with_replaced_files(entry['message'], replaced)
    if stored:
        kinds = {part.get('part_kind') for part in message['parts']}
        is_prompt = message['kind'] == 'request' and not kinds & {'tool-return', 'builtin-tool-return'}
        said = {ATTACHMENTS_KEY if is_prompt else FILES_KEY: [asdict(each) for each in stored]}
        message = {**message, 'metadata': {**(message.get('metadata') or {}), **said}}
    return {**entry, 'message': message}


def _lost(name: str, node: Json) -> Attachment:
    """Return what is known of a file whose bytes the export does not have."""
    return Attachment(blob='', name=safe_name(name), media_type=str(node.get('media_type')), size=0)
