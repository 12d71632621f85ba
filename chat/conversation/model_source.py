"""The models that can answer, and retries: how a conversation waits for one that is not ready yet."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from time import monotonic
from typing import Protocol, TypeVar

from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, ModelOverloadedError, RunCancelled
from pydantic_ai.models import Model

from chat.error_body import message_in_body, quoted_message
from chat.errors import ModelLoading

Result = TypeVar('Result')

MAX_WAIT = 1800
"""Seconds for a server that says it is loading or busy: large models take many minutes."""

MAX_SHORT_WAIT = 8
"""Seconds for one that does not say why it is not available; it may be gone for good."""

FIRST_RETRY_INTERVAL, MAX_RETRY_INTERVAL = 0.5, 30.0
"""Seconds until it is asked again; each pause is longer than the one before."""

TEMPORARY_ERROR_PATTERN = re.compile(
    r'load|warm|start|initiali|busy|queue|pending|slot|capacity|in progress|wait|later', re.I
)

WAITING_NOTICE = 'Waiting for the model …'


class ModelSource(Protocol):
    """The models that can answer, by name."""

    async def default_model(self) -> str:
        """Return the name of the model for a conversation that has none yet."""
        ...

    def small_model(self, name: str) -> str | None:
        """Return the model for a small task beside one of this name; `None` if that is not worth it."""
        ...

    def agent_model(self, ref: str) -> str | None:
        """Return the name of the model of new chats with this agent; `None` for the default model."""
        ...

    async def connection(self, name: str) -> Model:
        """Return the model with this name, ready for requests; the first time may take seconds."""
        ...

    def connection_hint(self, name: str) -> str:
        """Return what to look at when the model with this name cannot be reached."""
        ...

    def key_hint(self, name: str) -> str:
        """Return what to do when the key for the model with this name is refused."""
        ...

    def key_link(self, name: str) -> str:
        """Return where that key can be entered: see `TurnOutcome.way`; '' if it cannot be in the page."""
        ...

    def redact(self, text: str) -> str:
        """Return a text without the keys that give access to models."""
        ...


class RetryingRun(Protocol):
    """The part of a run that waits."""

    @property
    def may_ask_again(self) -> bool:
        """Whether nothing was said and no tool was called so far: another attempt would repeat it."""
        ...

    async def wait(self, seconds: float, notice: str) -> None:
        """Wait, and say so on the page; a stop ends that with `RunCancelled`."""
        ...


async def ask_until_ready(ask: Callable[[], Coroutine[None, None, None]], run: RetryingRun) -> None:
    """Ask, and ask again as long as the model is not ready."""
    wait = RetryTimer()
    while True:
        try:
            return await ask()
        except (ModelLoading, ModelHTTPError) as error:
            pause = wait.delay_after(error) if run.may_ask_again else None
            if pause is None:
                raise
        await run.wait(pause, wait.notice)


class RetryTimer:
    """Decides how long to wait for one answer."""

    def __init__(self) -> None:
        self.notice = ''
        """What the page says meanwhile."""
        self._started_at = monotonic()
        self._next_delay = FIRST_RETRY_INTERVAL

    def delay_after(self, error: Exception) -> float | None:
        """Return the seconds until the model is to be asked again; `None` if waiting does not help."""
        longest = _max_wait(error)
        asked_for = error.retry_after if isinstance(error, ModelAPIError) else None
        pause = min(max(self._next_delay, asked_for or 0), MAX_RETRY_INTERVAL)
        if monotonic() - self._started_at + pause > longest:
            return None
        self._next_delay *= 1.5
        self.notice = (
            f'{WAITING_NOTICE}{quoted_message(error.body)}'
            if isinstance(error, ModelAPIError)
            else WAITING_NOTICE
        )
        return pause


def _max_wait(error: Exception) -> float:
    match error:
        case ModelLoading():
            return MAX_WAIT
        case ModelOverloadedError():
            return 0  # that of a provider for many: it says itself when to try again
        case ModelHTTPError(status_code=503):
            is_soon_there = error.retry_after or TEMPORARY_ERROR_PATTERN.search(message_in_body(error.body))
            return MAX_WAIT if is_soon_there else MAX_SHORT_WAIT
        case _:
            return 0


async def cancel_when(stopped: asyncio.Event, coroutine: Coroutine[None, None, Result]) -> Result:
    """Return the result of `coroutine`, unless the event happens first.

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


@asynccontextmanager
async def cancelled_when(stopped: asyncio.Event) -> AsyncGenerator[None]:
    """Cancel what the block does once the event happens; unlike `cancel_when`, in the task of the caller.

    Raises:
        RunCancelled: At once, when the event happens before the end of the block.
    """
    limit = asyncio.timeout(None)
    try:
        async with limit:
            watching = asyncio.create_task(_end_at(stopped, limit))
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError as error:
        if not limit.expired():
            raise  # it is one of the block's
        raise RunCancelled('stopped before the model was asked') from error


async def _end_at(event: asyncio.Event, limit: asyncio.Timeout) -> None:
    await event.wait()
    limit.reschedule(asyncio.get_running_loop().time())
