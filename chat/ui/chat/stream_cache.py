"""The rendering of answers that grow, once for all pages that show them."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from chat.conversation.live_conversation import LiveConversation

if TYPE_CHECKING:
    from chat.rendering.incremental import IncrementalMarkdown


class StreamCache:
    """The block streams of the turn that is being answered, for each open conversation."""

    def __init__(self) -> None:
        self._streams: WeakKeyDictionary[
            LiveConversation, dict[tuple[str, str, int], IncrementalMarkdown]
        ] = WeakKeyDictionary()

    def stream(self, live: LiveConversation, turn_id: str, place: int, model: str) -> 'IncrementalMarkdown':
        """Return the stream of one part of an answer; `place` counts the parts from 0.

        `model` tells the answers to one question apart that several models give at once.
        """
        from chat.rendering.incremental import IncrementalMarkdown  # here, since no page begins with one

        streams = self._streams.setdefault(live, {})
        if (key := (turn_id, model, place)) not in streams:
            for other in [other for other in streams if other[0] != turn_id]:
                del streams[other]  # of turns that have ended; who still shows one holds it
            streams[key] = IncrementalMarkdown()
        return streams[key]
