"""RemoteAnswer: an answer that another node gives, as far as its frames say."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pydantic_ai import ModelMessage

from chat.conversation.tool_activity import ToolProgress
from chat.store.conversations.document_repair import load_message
from chat.store.tinydb_storage.tables import Json, parsed

NO_PROGRESS: Mapping[str, ToolProgress] = MappingProxyType({})


class RemoteAnswer:
    """What a run of another node has said; it is a `Growing`."""

    notice = ''
    progress = NO_PROGRESS

    def __init__(self, run: int) -> None:
        self.run = run
        """Its number; the frames of another run are not mistaken for its own."""
        self.is_shown = False
        """Whether its prompt is known here."""
        self.seq = 0
        """The number of the last frame that was read."""
        self.change_count = 0
        self._text = ''
        self._messages: list[ModelMessage] = []

    @property
    def messages(self) -> list[ModelMessage]:
        """What was said so far, oldest first."""
        return self._messages

    def add(self, frames: Iterable[tuple[int, int, str]]) -> None:
        """Take frames by their numbers, what they keep and what follows, in order."""
        for seq, keep, tail in frames:
            if seq > self.seq:
                self.seq, self._text = seq, self._text[:keep] + tail
        documents: list[Json] = parsed(self._text) if self._text else []
        self._messages = [
            load_message('of another node', {'parent_id': '', 'message': each}) for each in documents
        ]
        self.change_count += 1
