"""What this node knows of the metadata of conversations, so that it writes only what it has changed."""

from collections.abc import Mapping

from chat.store.tinydb_storage.tables import Json

MAX_KNOWN = 1000
"""Conversations that are remembered; of another one all is written."""


class KnownMetadata:
    """The documents that were read or written last, by conversation id."""

    def __init__(self) -> None:
        self._documents: dict[str, Mapping[str, object]] = {}

    def note(self, conversation_id: str, document: Json) -> None:
        """Remember what this node has read or written."""
        self._documents.pop(conversation_id, None)
        self._documents[conversation_id] = document
        if len(self._documents) > MAX_KNOWN:
            self._documents.pop(next(iter(self._documents)))

    def changes(self, conversation_id: str, document: Json) -> Json:
        """Return the fields that are others than those that are known: others may have changed the rest."""
        known = self._documents.get(conversation_id, {})
        return {name: value for name, value in document.items() if name not in known or known[name] != value}
