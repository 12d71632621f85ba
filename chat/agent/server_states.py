"""ServerStates: what is known of each server of models now, and the asking that keeps it so."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from chat.agent.servers import ModelServer
from chat.change_signal import ChangeSignal

RETRY_INTERVAL = 2
"""Seconds until a server that is loading its model is asked again, as long as somebody waits for it."""

ServerKey: TypeAlias = tuple[str, str, str, str]
"""What is asked, and with which secret: a server whose address or key has changed is another one."""


class ServerStates:
    """Everyone reads the servers as values and waits for `changed`; `refresh` alone writes."""

    def __init__(
        self,
        listed: Callable[[], Sequence[ModelServer]],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Ask nobody yet.

        Args:
            listed: Gives all servers, as they are before anybody has asked them.
            sleep: Waits so many seconds.
        """
        self._listed = listed
        self._sleep = sleep
        self._known: dict[ServerKey, ModelServer] = {}
        self._asking: dict[ServerKey, asyncio.Task[None]] = {}
        self._retrying: asyncio.Task[None] | None = None
        self.changed = ChangeSignal()

    def current(self, server: ModelServer) -> ModelServer:
        """Return a listed server with what it said last."""
        return self._known.get(_key_of(server), server)

    async def refresh(self, *servers: ModelServer) -> None:
        """Ask listed servers for their models; does not raise, and takes a few seconds at most.

        Who asks while another does waits for the same answer; the asking goes on when nobody waits any more.
        """
        if asking := [self._ask(server) for server in servers]:
            await asyncio.wait(asking)

    async def close(self) -> None:
        """Ask nobody any more."""
        tasks = [*self._asking.values(), *filter(None, [self._retrying])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ask(self, server: ModelServer) -> asyncio.Task[None]:
        key = _key_of(server)
        if key not in self._asking:
            self._forget_unlisted()
            self._asking[key] = asyncio.create_task(self._refresh(key, server), name=f'ask {server.prefix}')
        return self._asking[key]

    async def _refresh(self, key: ServerKey, listed: ModelServer) -> None:
        try:
            self._set(key, replace(self.current(listed), is_asking=True))
            self._set(key, await self.current(listed).queried())
        finally:
            del self._asking[key]
        if self.current(listed).is_loading and (self._retrying is None or self._retrying.done()):
            self._retrying = asyncio.create_task(self._ask_again(), name='wait for models to be loaded')

    async def _ask_again(self) -> None:
        while self._loading():
            await self._sleep(RETRY_INTERVAL)
            if self.changed.is_awaited:
                await self.refresh(*self._loading())  # some may have been removed meanwhile

    def _loading(self) -> list[ModelServer]:
        return [server for server in self._listed() if self.current(server).is_loading]

    def _set(self, key: ServerKey, server: ModelServer) -> None:
        """Note what a server has said; nothing is kept of one that was removed while it was asked."""
        if key not in self._listed_keys():
            self._known.pop(key, None)
        elif server != self._known.get(key):
            self._known[key] = server
            self.changed.notify()

    def _forget_unlisted(self) -> None:
        listed = self._listed_keys()
        self._known = {key: server for key, server in self._known.items() if key in listed}

    def _listed_keys(self) -> set[ServerKey]:
        return {_key_of(server) for server in self._listed()}


def _key_of(server: ModelServer) -> ServerKey:
    return server.prefix.lower(), server.url, server.api_key or '', server.password
