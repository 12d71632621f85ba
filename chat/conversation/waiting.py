"""A model that is not ready yet: how that looks, and for how long it is waited for."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic
from typing import Protocol, TypeVar

from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, ModelOverloadedError, RunCancelled

from chat.errors import ModelLoading
from chat.words_of_errors import quote_of, words_in

Result = TypeVar('Result')

LONGEST_WAIT = 1800
"""Seconds for a server that says it is loading or busy: large models take many minutes."""

SHORT_WAIT = 8
"""Seconds for one that does not say why it is not available; it may be gone for good."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds until it is asked again; each pause is longer than the one before."""

WILL_BE_READY = re.compile(
    r'load|warm|start|initiali|busy|queue|pending|slot|capacity|in progress|wait|later', re.I
)

NOTICE = 'Waiting for the model …'


class Waiting(Protocol):
    """Who waits: a run."""

    @property
    def said(self) -> Sequence[object]:
        """What was said so far; once there is anything, another answer would repeat it."""
        ...

    async def wait(self, seconds: float, notice: str) -> None:
        """Wait, and say so on the page; a stop ends that with `RunCancelled`."""
        ...


async def until_ready(ask: Callable[[], Coroutine[None, None, None]], run: Waiting) -> None:
    """Ask, and ask again as long as the model is not ready."""
    wait = Wait()
    while True:
        try:
            return await ask()
        except (ModelLoading, ModelHTTPError) as error:
            pause = None if run.said else wait.pause_after(error)
            if pause is None:
                raise
        await run.wait(pause, wait.notice)


class Wait:
    """The waiting for one answer."""

    def __init__(self) -> None:
        self.notice = ''
        """What the page says meanwhile."""
        self._begun = monotonic()
        self._pause = FIRST_PAUSE

    def pause_after(self, error: Exception) -> float | None:
        """Seconds until the model is to be asked again; `None` if waiting does not help, or no longer."""
        longest = _longest_wait(error)
        asked_for = error.retry_after if isinstance(error, ModelAPIError) else None
        pause = min(max(self._pause, asked_for or 0), LONGEST_PAUSE)
        if monotonic() - self._begun + pause > longest:
            return None
        self._pause *= 1.5
        self.notice = f'{NOTICE}{quote_of(error.body)}' if isinstance(error, ModelAPIError) else NOTICE
        return pause


def _longest_wait(error: Exception) -> float:
    match error:
        case ModelLoading():
            return LONGEST_WAIT
        case ModelOverloadedError():
            return 0  # that of a provider for many: it says itself when to try again
        case ModelHTTPError(status_code=503):
            is_soon_there = error.retry_after or WILL_BE_READY.search(words_in(error.body))
            return LONGEST_WAIT if is_soon_there else SHORT_WAIT
        case _:
            return 0


async def unless(stopped: asyncio.Event, coroutine: Coroutine[None, None, Result]) -> Result:
    """What `coroutine` returns.

    Raises:
        RunCancelled: At once, when the event happens before.
    """
    work = asyncio.ensure_future(coroutine)
    stopping = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise RunCancelled('stopped before the model was connected')
        return work.result()
    finally:
        work.cancel()
        stopping.cancel()
