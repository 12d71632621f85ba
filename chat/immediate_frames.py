"""An extension of ASGI: the text of a websocket that is written at once, without a task for each.

The listener offers it in the scope, each station that guards `send` guards this too, and who sends falls back
to `send` where nobody offers it, or where it is refused.
"""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

EXTENSION = 'parlour.immediate_frames'
"""Its key among the extensions of a scope."""

Write: TypeAlias = Callable[[str], bool]
"""Writes a text as one frame, or returns `False`: if others wait to be written, or nothing may be sent."""


def offer(scope: MutableMapping[str, Any], write: Write) -> None:
    """Let the app behind write in this way."""
    scope['extensions'] = {**scope.get('extensions', {}), EXTENSION: write}


def offered(scope: Mapping[str, Any]) -> Write | None:
    """Return how to write at once, if there is a way."""
    return scope.get('extensions', {}).get(EXTENSION)


def guard(scope: MutableMapping[str, Any], may_write: Callable[[], bool]) -> None:
    """Let the app behind write in this way only while it may."""
    if write := offered(scope):
        offer(scope, lambda text: may_write() and write(text))
