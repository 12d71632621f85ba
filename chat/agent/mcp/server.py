"""One server of tools: a task that keeps it connected, what is known of it, and the calls of its tools."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Literal

from pydantic_ai.exceptions import ToolFailed

from chat.agent.mcp.connection_protocol import Connection, ListedTool, Listeners, OpenConnection
from chat.agent.mcp.elicitation import Call, ElicitationBoard
from chat.agent.mcp.entries import ENDED, ServerEntry, trouble_of
from chat.change_signal import ChangeSignal
from chat.errors import ChatError
from chat.redaction import SecretRedactor

log = logging.getLogger(__name__)

ServerState = Literal['connecting', 'ready', 'failed', 'off']

CONNECT_TIMEOUT = 30.0
"""Seconds from the start of a server to its list of tools; a package may have to be downloaded first."""

LOG_LINES = 50
"""Of what a server has said last."""

LOG_INTERVAL = 0.3
"""Seconds in which new lines are shown together."""

MAX_LINE_LENGTH = 1_000
"""Characters that are kept of one line; it is looked through for keys before that is cut."""

SHORT_LIFE = 5.0
"""Seconds: one that ends earlier may be broken."""

MAX_SHORT_LIVES = 3
"""Ends of that kind, one after the other, after which a person must say that it be connected again."""

RECONNECT_DELAYS = (2.0, 8.0, 30.0)
"""Seconds until one that was connected and cannot be any more is tried again by itself: it may start anew."""

RETRY_INTERVAL = 30.0
"""Seconds from a failure to the next prompt that has the server tried again, in the background."""

UNKNOWN_END = 'The server “{}” ended before it answered; whether it did what was asked is not known.'


@dataclass(eq=False, kw_only=True)
class McpServer:
    """Everyone reads; `keep_connected` alone changes what is known of the server."""

    entry: ServerEntry
    prefix: str
    """What stands before the names of its tools."""
    library: Callable[[], Awaitable[OpenConnection]]
    """Gives what connects; takes a second when it is called first."""
    redactor: SecretRedactor
    board: ElicitationBoard
    changed: ChangeSignal
    """Of all servers."""
    connect_timeout: float = CONNECT_TIMEOUT
    retry_interval: float = RETRY_INTERVAL
    short_life: float = SHORT_LIFE
    reconnect_delays: Sequence[float] = RECONNECT_DELAYS

    state: ServerState = field(default='connecting', init=False)
    trouble: str = field(default='', init=False)
    """Why it is not connected, as a sentence."""
    seconds: float | None = field(default=None, init=False)
    """That the last connection took."""
    tools: Sequence[ListedTool] = field(default=(), init=False)
    lines: deque[str] = field(default_factory=lambda: deque[str](maxlen=LOG_LINES), init=False)
    """What it has said last."""
    connection: Connection | None = field(default=None, init=False)
    calls: set[Call] = field(default_factory=set[Call], init=False)
    """Those that are under way."""

    _woken: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _is_reconnect_wanted: bool = field(default=False, init=False)
    _is_relist_wanted: bool = field(default=False, init=False)
    _is_suspect: bool = field(default=False, init=False)
    _short_lives: int = field(default=0, init=False)
    _failed_at: float = field(default=0.0, init=False)
    _retries: int = field(default=0, init=False)
    """How often it was tried again by itself since it was connected last."""
    _telling: asyncio.TimerHandle | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.entry.is_disabled:
            self.state = 'off'
        elif self.entry.problem:
            self.state, self.trouble = 'failed', self.entry.problem

    @property
    def name(self) -> str:
        return self.entry.name

    def reconnect(self) -> None:
        """Connect it anew; calls that are under way end."""
        self._short_lives = self._retries = 0
        self._wake(reconnect=True)

    @property
    def is_connecting(self) -> bool:
        """Whether it is being connected, or is about to be."""
        return self.state == 'connecting' or (self.state == 'failed' and self._is_reconnect_wanted)

    def retry(self, *, at_once: bool = False) -> None:
        """Connect it anew if it has failed, some time ago or whenever; return without waiting for that."""
        has_rested = perf_counter() - self._failed_at > self.retry_interval
        if self.state == 'failed' and not self.entry.problem and (at_once or has_rested):
            self._wake(reconnect=True)

    async def keep_connected(self) -> None:
        """Connect to the server, and again when it has ended, until this is cancelled."""
        if self.entry.is_disabled or self.entry.problem:
            return
        while True:
            self._is_reconnect_wanted = self._is_relist_wanted = self._is_suspect = False
            self._set('connecting')
            try:
                await self._serve()
            except Exception as error:  # noqa: BLE001  # the border of a task; libraries raise errors of many kinds
                self._is_reconnect_wanted = False  # by calls that have met the same end
                self._fail(error)
                await self._wait_to_reconnect(may_retry=not isinstance(error, ChatError))

    async def call(
        self, name: str, arguments: dict[str, Any], conversation_id: str, *, owner: str = ''
    ) -> Any:
        """Call a tool; whatever goes wrong ends this call, and no run.

        Raises:
            pydantic_ai.exceptions.ToolFailed: If there is no result.
        """
        connection = self.connection
        if connection is None:
            raise ToolFailed(f'The server “{self.name}” is not connected. {self.trouble}'.rstrip())
        call = Call(conversation_id, owner)
        self.calls.add(call)
        try:
            async with asyncio.timeout(self.entry.timeout) as call.clock:
                result = await connection.call(name, arguments)
        except ToolFailed as error:
            raise ToolFailed(self.entry.without_keys(error.message)) from error
        except Exception as error:
            raise ToolFailed(self._reason(error, call, connection)) from error
        finally:
            self.calls.discard(call)
            self.board.end_call(call)
        return await asyncio.to_thread(self.entry.without_keys, result)  # which may be long

    async def _serve(self) -> None:
        """Connect, and stay so until another connection is wanted or this one has ended."""
        begun = perf_counter()
        connect = await self.library()
        listeners = Listeners(
            said=self._hear,
            list_changed=lambda: self._wake(relist=True),
            suspect=lambda: self._wake(suspect=True),
            ask=lambda request: self.board.ask(self.name, self.calls, request),
        )
        try:
            async with connect(self.entry, listeners, self.connect_timeout) as connection:
                self.tools, self.connection = connection.tools, connection
                self.seconds, self._retries = perf_counter() - begun, 0
                self._set('ready')
                ready_at = perf_counter()
                seconds_ready = await self._follow(connection) - ready_at
                self.connection = None
        finally:
            self.connection = None
        self._count_life(seconds_ready)

    async def _follow(self, connection: Connection) -> float:
        """Wait for the end of a connection; return when it was noticed, of `perf_counter`."""
        while True:
            await self._wait()
            noticed_at = perf_counter()
            if self._is_reconnect_wanted or (self._is_suspect and not await connection.is_alive()):
                return noticed_at
            self._is_suspect = False
            if self._is_relist_wanted:
                self._is_relist_wanted = False
                try:
                    async with asyncio.timeout(self.connect_timeout):
                        self.tools = await connection.list_tools()
                except Exception:  # noqa: BLE001  # libraries raise errors of many kinds when it has just ended
                    return noticed_at
                self._set('ready')

    async def _wait_to_reconnect(self, *, may_retry: bool) -> None:
        """Wait until it is to be connected again: by itself a few times, if it was connected before."""
        delay = None
        if may_retry and self.seconds is not None and self._retries < len(self.reconnect_delays):
            delay = self.reconnect_delays[self._retries]
            self._retries += 1
            said = self.trouble if self.trouble.endswith(('.', '?')) else f'{self.trouble}.'
            self._set('failed', f'{said} Parlour tries again in {delay:g} seconds.')
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                while not self._is_reconnect_wanted:
                    await self._wait()

    async def _wait(self) -> None:
        await self._woken.wait()
        self._woken.clear()

    def _wake(self, *, reconnect: bool = False, relist: bool = False, suspect: bool = False) -> None:
        self._is_reconnect_wanted |= reconnect
        self._is_relist_wanted |= relist
        self._is_suspect |= suspect
        self._woken.set()

    def _count_life(self, seconds: float) -> None:
        """Give up on a server that ends again and again.

        Raises:
            ChatError: In a sentence.
        """
        self._short_lives = self._short_lives + 1 if seconds < self.short_life else 0
        if self._short_lives >= MAX_SHORT_LIVES:
            self._short_lives = 0
            raise ChatError('It ended several times, each time soon after it was started.')

    def _set(self, state: ServerState, trouble: str = '') -> None:
        self.state, self.trouble = state, trouble
        self.changed.notify()

    def _fail(self, error: Exception) -> None:
        self._failed_at = perf_counter()
        self.tools = ()
        log.debug('The server %s cannot be used', self.name, exc_info=error)
        words = trouble_of(error, self.entry, self.connect_timeout)
        if words == ENDED and self.lines:
            words = f'{ENDED} It says: {self.lines[-1]}'
        self._set('failed', self.redactor.redact(words))

    def _hear(self, line: str) -> None:
        self.lines.append(self.redactor.redact(line[: 100 * MAX_LINE_LENGTH])[:MAX_LINE_LENGTH])
        if self._telling is None:  # a chatty server must not keep every page busy
            self._telling = asyncio.get_running_loop().call_later(LOG_INTERVAL, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self.changed.notify()

    def _reason(self, error: Exception, call: Call, connection: Connection) -> str:
        """Return why a call has failed, in a sentence for the model and the person."""
        if isinstance(error, TimeoutError) and call.clock and call.clock.expired():
            return f'“{self.name}” did not answer within {self.entry.timeout:g} seconds.'
        if connection.is_refusal(error):
            return self.entry.without_keys(str(error))
        if connection is self.connection:  # several calls may meet the same end
            self._wake(reconnect=True)
        log.debug('A call at the server %s was not answered', self.name, exc_info=error)
        return UNKNOWN_END.format(self.name)
