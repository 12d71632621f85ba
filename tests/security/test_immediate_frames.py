"""What is written to a websocket at once stops where all else stops: a revoked guest, a locked Parlour."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from chat.immediate_frames import offer, offered
from chat.server.security.authentication import Authenticator, GuestAuthenticator, LocalAuthenticator
from chat.server.security.middleware import SecurityMiddleware
from chat.sharing.lock import Lock, LockRecord
from tests.security.test_revoked_requests import HEADERS, REQUESTS, OneGuest
from tests.support.memory_values import MemoryValues


class Telling:
    """An app that goes on writing at once, whoever still hears it."""

    def __init__(self) -> None:
        self.is_connected = asyncio.Event()
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({'type': 'websocket.accept'})
        self.scope = scope
        self.is_connected.set()
        while (await receive())['type'] != 'websocket.disconnect':
            pass

    def says(self, text: str) -> bool:
        write = offered(self.scope)
        assert write
        return write(text)


class Socket:
    """One websocket through the middleware, and what has been written to it at once."""

    def __init__(self, app: Telling, authenticator: Authenticator, lock: Lock | None = None) -> None:
        self.guard = SecurityMiddleware(app, authenticator, lock=lock)
        self.written: list[str] = []
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self.messages.put_nowait({'type': 'websocket.connect'})
        scope = {'scheme': 'http', 'headers': HEADERS, 'query_string': b'', 'client': ('1.1.1.1', 1)}
        self.scope: Scope = {**scope, **REQUESTS['websocket']}
        offer(self.scope, self._write)

    async def run(self) -> None:
        async def send(_: Message) -> None: ...

        await self.guard(self.scope, self.messages.get, send)

    def leave(self) -> None:
        self.messages.put_nowait({'type': 'websocket.disconnect', 'code': 1000})

    def _write(self, text: str) -> bool:
        self.written.append(text)
        return True


@pytest.mark.parametrize('who', ['guest', 'owner'])
async def test_nothing_more_is_written(who: str) -> None:
    app, lock = Telling(), Lock()
    await lock.open(MemoryValues[LockRecord](lambda _: '1'))
    await lock.set_passcode('open sesame')
    await lock.unlock('open sesame')
    guests = GuestAuthenticator(OneGuest(), names={'127.0.0.1'}, port=8080, on_admitted=lambda _: None)
    owner = LocalAuthenticator(host='127.0.0.1', port=8080)
    socket = Socket(app, guests if who == 'guest' else owner, lock)
    async with asyncio.TaskGroup() as group:
        group.create_task(socket.run())
        await app.is_connected.wait()
        assert app.says('for those who may')
        if who == 'guest':
            await socket.guard.active.abort('ann')
        else:
            lock.lock()
        assert not app.says('secret')
        socket.leave()
    assert socket.written == ['for those who may']
    await lock.close()
