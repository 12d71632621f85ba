"""What pages say: read by its type before anything is done, whoever has made it up."""

import logging
from collections.abc import Callable
from typing import TypeVar

from nicegui.events import GenericEventArguments
from pydantic import StrictBool, StrictInt, StrictStr, TypeAdapter, ValidationError

log = logging.getLogger(__name__)

EventValue = TypeVar('EventValue')

FLAG = TypeAdapter(StrictBool)
TEXT = TypeAdapter(StrictStr)
INDEX_RANGE = TypeAdapter(tuple[StrictInt, StrictInt])
ACTION = TypeAdapter(tuple[StrictStr, StrictStr])
"""The name of an action, and what it is done to."""


def parse_event(
    kind: TypeAdapter[EventValue], act: Callable[[EventValue], object]
) -> Callable[[GenericEventArguments], object]:
    """Return a handler that does something with what a page says, or nothing if that makes no sense.

    Anybody who has a page can send anything as its event: nothing of it may raise, or fill the log.
    """

    def handle(event: GenericEventArguments) -> object:
        try:
            value = kind.validate_python(event.args)
        except ValidationError:
            log.debug('A page sent an event that makes no sense to a %s', type(event.sender).__name__)
            return None
        return act(value)

    return handle
