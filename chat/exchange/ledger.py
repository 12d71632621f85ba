"""What imports have made, so that each can be taken back: after it, and after the process has died in it."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from chat.conversation.whole_conversation import (
    ONLY_ID,
    Json,
    Tables,
    WholeConversation,
    WholeConversations,
    fields_before,
    is_object,
)
from chat.exchange.own_settings import OwnSettings
from chat.exchange.settings_file import NO_SETTINGS, ExportedSettings, parsed_settings

log = logging.getLogger(__name__)

Kind = Literal['created', 'restored']

KINDS: Sequence[Kind] = ('created', 'restored')

IsOpen: TypeAlias = Callable[[str], bool]
"""Whether somebody holds a conversation, or is about to: it is not changed behind their back."""

LedgerState = Literal['running', 'done', 'undone', 'taken back']


@dataclass(eq=False, kw_only=True)
class ImportEntry:
    """What one import makes of the chats that are stored."""

    names: list[str] = field(default_factory=list[str])
    """Of the files and folders."""
    created: dict[str, str] = field(default_factory=dict[str, str])
    """The revisions of the chats that were not here before, by their ids."""
    changed: dict[str, Json] = field(default_factory=dict[str, Json])
    """By id, the `record` of a chat before, what the import changes of its `meta`, as of `fields_before`, and
    its `revision` after."""
    restored: dict[str, str] = field(default_factory=dict[str, str])
    """The revisions of the chats that came back from the trash."""
    settings: ExportedSettings = NO_SETTINGS
    """What was taken over besides chats."""
    began_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def note(self, tables: Tables, before: WholeConversation | None) -> None:
        """Note what is stored of a chat, and what was there before, if it was.

        A note goes on with the one of before only if that is how the chat was: what somebody has written in
        between is part of what was there.
        """
        conversation_id: str = tables['record'][ONLY_ID]['conversation_id']
        revision: str = tables['record'][ONLY_ID]['revision']
        here = before and before.record['revision']
        if before is None or self.created.get(conversation_id) == here:
            self.created[conversation_id] = revision
        elif self.restored.get(conversation_id) == here:
            self.restored[conversation_id] = revision
        else:
            meta = fields_before(before.meta, tables.get('meta', {}).get(ONLY_ID, {}))
            change = {'record': before.record, 'meta': meta}
            if (noted := self.changed.get(conversation_id)) and noted['revision'] == here:
                earlier = {name: {**meta.get(name, {}), **fields} for name, fields in noted['meta'].items()}
                change = {'record': noted['record'], 'meta': {**meta, **earlier}}
            self.changed[conversation_id] = {**change, 'revision': revision}

    def only(self, conversation_ids: Collection[str]) -> 'ImportEntry':
        """Return what it makes of these chats alone."""
        return replace(
            self,
            created={key: each for key, each in self.created.items() if key in conversation_ids},
            changed={key: each for key, each in self.changed.items() if key in conversation_ids},
        )

    def document(self, state: LedgerState) -> Json:
        """Return it as it is stored."""
        return {
            'state': state,
            'began_at': self.began_at,
            'names': self.names,
            'created': self.created,
            'changed': self.changed,
            'restored': self.restored,
            'settings': self.settings.document(),
        }


class ImportLedger:
    """The imports of a storage. For the event loop only."""

    def __init__(
        self,
        conversations: WholeConversations,
        settings: OwnSettings | None = None,
        used_folders: Callable[[], Collection[str]] = tuple,
        is_open: IsOpen = lambda _: False,
    ) -> None:
        """Without settings, only chats are imported; folders that are used are never taken back.

        A chat that is open stays as an import has left it.
        """
        self._conversations = conversations
        self._settings = settings
        self._used_folders = used_folders
        self._is_open = is_open
        self._undone = set[str]()
        """The chats that are in the trash since an import was taken back; read with `prepare`."""

    async def prepare(self) -> None:
        """Read which chats were taken back: these may be imported once more."""
        self._undone = {
            conversation_id
            for document in (await self._conversations.imports()).values()
            if document.get('state') == 'undone'
            for kind in KINDS
            for conversation_id in _revisions(document, kind)
        }

    def was_undone(self, conversation_id: str) -> bool:
        """Return whether a chat in the trash was put there by taking back an import."""
        return conversation_id in self._undone

    async def write(self, import_id: str, entry: ImportEntry, state: LedgerState) -> None:
        """Store what an import is going to make, or has made.

        Raises:
            OSError: If that failed.
        """
        await self._conversations.put_import(import_id, entry.document(state))

    async def undo(self, import_id: str) -> tuple[set[str], int]:
        """Move to the trash what an import has made and nobody has touched since.

        Returns which chats are in the trash now, and how many were left.

        Raises:
            OSError: If that failed; it can be tried again.
        """
        document = (await self._conversations.imports()).get(import_id, {})
        left = await self._take_back(document, to_trash=True)
        taken = {
            kind: {key: each for key, each in _revisions(document, kind).items() if key not in left}
            for kind in KINDS
        }
        await self._conversations.put_import(import_id, {**document, **taken, 'state': 'undone'})
        await self.prepare()
        return {key for kind in KINDS for key in taken[kind]}, len(left)

    async def roll_back(self, import_id: str, entry: ImportEntry) -> None:
        """Remove what an import has made that did not come to its end.

        Raises:
            OSError: If that failed; the next start tries it again.
        """
        await self._take_back(entry.document('running'), to_trash=False)
        await self.write(import_id, entry, 'taken back')

    async def recover(self) -> None:
        """Remove what imports have made in which the process died."""
        for import_id, document in (await self._conversations.imports()).items():
            if document.get('state') == 'running':
                log.info('The import %s did not come to its end and is taken back', import_id)
                await self._take_back(document, to_trash=False)
                await self._conversations.put_import(import_id, {**document, 'state': 'taken back'})

    async def _take_back(self, document: Mapping[str, Any], *, to_trash: bool) -> set[str]:
        left = await self._conversations.remove(_revisions(document, 'created'), to_trash=to_trash)
        left |= await self._conversations.remove(_revisions(document, 'restored'), to_trash=True)
        changed = document.get('changed')
        for conversation_id, change in changed.items() if is_object(changed) else ():
            if self._is_open(conversation_id) or not await self._conversations.revert(
                conversation_id, change['record'], change['revision'], meta=change.get('meta', {})
            ):
                left.add(conversation_id)
            else:
                left.discard(conversation_id)  # written to between two copies of it in one import
        if self._settings and is_object(settings := document.get('settings')):
            await self._settings.take_back(parsed_settings(settings), self._used_folders())
        return left


def _revisions(document: Mapping[str, Any], kind: Kind) -> dict[str, str]:
    revisions = document.get(kind)
    return {key: str(value) for key, value in revisions.items()} if is_object(revisions) else {}
