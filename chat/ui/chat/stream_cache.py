"""The HTML of answers that grow, made once for all who look."""

from weakref import WeakKeyDictionary

from chat.conversation.live import LiveConversation
from chat.rendering.incremental import IncrementalMarkdown


class StreamCache:
    """The block streams of the turn that is being answered, for each open conversation."""

    def __init__(self) -> None:
        self._streams: WeakKeyDictionary[LiveConversation, dict[tuple[str, int], IncrementalMarkdown]] = (
            WeakKeyDictionary()
        )

    def stream(self, live: LiveConversation, turn_id: str, place: int) -> IncrementalMarkdown:
        """The stream of one part of an answer; `place` counts the parts of the turn from 0."""
        streams = self._streams.setdefault(live, {})
        for key in [key for key in streams if key[0] != turn_id]:
            del streams[key]  # of turns that have ended; who still shows one holds it
        return streams.setdefault((turn_id, place), IncrementalMarkdown())
