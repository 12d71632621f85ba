"""The deps of one run: made before it, and left when it has ended, however that was."""

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from types import TracebackType
from typing import Any, cast

from chat.agent_config import Asking, required_arguments
from chat.error_body import cause_of
from chat.errors import DepsFailed

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_deps(deps: object, asking: Asking) -> AsyncGenerator[object]:
    """Give a run its deps; a context manager that a function has given is left at the end of the block.

    It gets to know how the run has failed, but it cannot make a success of it.

    Raises:
        DepsFailed: If they could not be made or left.
    """
    stack = AsyncExitStack()
    failure: BaseException | None = None
    try:
        yield await _enter(deps, asking, stack)
    except BaseException as error:  # noqa: BLE001  # it is raised again, whatever it is
        failure = error
    try:
        await stack.__aexit__(
            type(failure) if failure else None, failure, getattr(failure, '__traceback__', None)
        )
    except Exception as error:
        if error is not failure:
            log.exception('The deps of a run could not be left')
            failure = failure or DepsFailed(f'The deps of the agent could not be closed. {cause_of(error)}')
    if failure:
        raise failure


async def _enter(deps: object, asking: Asking, stack: AsyncExitStack) -> object:
    if not callable(deps):
        return deps
    try:
        made = await _call(deps, asking)
        if isinstance(made, AbstractAsyncContextManager):
            return await stack.enter_async_context(cast('AbstractAsyncContextManager[object]', made))
        if isinstance(made, AbstractContextManager):
            return await stack.enter_async_context(_Threaded(cast('AbstractContextManager[object]', made)))
    except Exception as error:
        log.exception('The deps of a run could not be made')
        raise DepsFailed(f'The deps of the agent could not be made. {cause_of(error)}') from error
    return made


async def _call(function: Any, asking: Asking) -> object:
    """Call what gives deps, in a thread unless it is `async`."""
    arguments = [asking] if required_arguments(function) else []
    if inspect.iscoroutinefunction(function):
        return await function(*arguments)
    made = await asyncio.to_thread(function, *arguments)
    return await made if inspect.isawaitable(made) else made


class _Threaded(AbstractAsyncContextManager[object]):
    """A context manager that is entered and left in a thread, since it may open files or connections."""

    def __init__(self, manager: AbstractContextManager[object]) -> None:
        self._manager = manager

    async def __aenter__(self) -> object:
        entering = asyncio.ensure_future(asyncio.to_thread(self._manager.__enter__))
        try:
            return await asyncio.shield(entering)
        except asyncio.CancelledError:
            await asyncio.wait({entering})  # a thread cannot be stopped, and what it opens is to be closed
            if not entering.exception():
                await self.__aexit__(None, None, None)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await asyncio.to_thread(self._manager.__exit__, kind, error, traceback)
