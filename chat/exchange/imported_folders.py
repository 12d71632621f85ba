"""The folders of imported chats: made by their names, where there is none of that name."""

from collections.abc import Iterable, Mapping
from uuid import uuid5

from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import EntryCollection
from chat.conversation.whole_conversation import ONLY_ID, Tables
from chat.exchange.prepared import NAMESPACE


class ImportedFolders:
    """Which folder here is meant by a name there."""

    def __init__(self, collection: EntryCollection[ChatFolder], names: Iterable[str]) -> None:
        """Look for folders of these names; nothing is made yet."""
        here = {each.name.casefold(): each.id for each in reversed(collection.entries)}
        self.missing: list[ChatFolder] = []
        """Those that are still to be made."""
        self._ids: dict[str, str] = {}
        for name in names:
            own = uuid5(NAMESPACE, f'folder\n{name.casefold()}').hex
            # one that an import has made may have another name by now
            known = own if collection.get(own) else here.get(name.casefold(), '')
            if not known:
                self.missing.append(ChatFolder(id=own, name=name))
            self._ids[name] = here[name.casefold()] = known or own

    def placed(self, tables: Tables, name: str) -> Tables:
        """Return the tables of a chat, in the folder of this name if there is one."""
        meta: Mapping[str, object] = tables.get('meta', {}).get(ONLY_ID, {})
        if name not in self._ids:
            return tables
        return {**tables, 'meta': {ONLY_ID: {**meta, 'folder': self._ids[name]}}}
