"""Parlour with a scripted model in a process of its own, with its guard or without, that obeys commands.

Each line on standard input is a command, `[name, argument, …]`; each one on standard output what it returned.
"""

import asyncio
import gc
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI
from nicegui import Client
from pydantic_ai import Agent, ModelMessage
from pydantic_ai.models.function import DeltaToolCall, DeltaToolCalls
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.agent.added_servers import AddedServers
from chat.agent.api_keys import ApiKeys
from chat.agent.model_catalog import ModelCatalog
from chat.agent_config import AgentConfig, AgentRoster
from chat.change_signal import ChangeSignal
from chat.conversation.content.library import open_library
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.mounting import mount_routes
from chat.nicegui_compat import forget
from chat.server.instance import RunningInstance
from chat.server.lan_listener import LanListener, LanServer
from chat.server.launcher import Launcher
from chat.server.listener import bind_socket, port_of_socket, server_config, url_of_socket
from chat.server.security.authentication import LocalAuthenticator, put_session
from chat.server.security.csp import sign_templates
from chat.server.security.middleware import SecurityMiddleware
from chat.server.security.pages import PageMemory
from chat.server.security.websocket import authorize_socket_events
from chat.sharing.access import Owner, Session
from chat.sharing.invites import InviteRegistry, now_in_utc
from chat.sharing.lock import Lock
from chat.sharing.sharing import Sharing
from chat.store.data_folder import DataFolder, open_store
from chat.ui.app_context import AppContext
from tests.support.mcp_servers import make_servers
from tests.support.scripted import ScriptedModels, preferences_store, prompts
from tests.support.timeouts import WAIT_TIMEOUT

QUIET_TIME = 1.0
"""Seconds after the end of the last page until its garbage is collected."""

CLEANING = 'Clean up.'
"""The prompt at which the agent wants to delete a file."""


def cleaner() -> Agent:
    """An agent with a tool that asks first."""
    agent = Agent(instructions='Be brief.')

    @agent.tool_plain(requires_approval=True)
    def delete_file(path: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return f'deleted {path}'

    return agent


async def counting(messages: list[ModelMessage]) -> AsyncIterator[str | DeltaToolCalls]:
    """An answer that grows until it is stopped; or a call of the tool, and what comes after it.

    It grows slowly, since every page that shows it works on it.
    """
    if prompts(messages)[0] == CLEANING:
        has_run = any(part.part_kind == 'tool-return' for message in messages for part in message.parts)
        yield 'All clean.' if has_run else {0: DeltaToolCall('delete_file', '{"path": "secret.txt"}')}
        return
    for number in count():
        yield f'{number} '
        await asyncio.sleep(0.2)


class UnprotectedApp:
    """Lets everybody in as the owner, which is what there would be without a guard."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        put_session(scope, Session(id='anybody', visitor=Owner()))
        await self.app(scope, receive, send)


class Clock:
    """Goes like any other, but ahead if a test says so."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now_in_utc() + self.ahead


class TestServer:
    """The app, and what a test may ask of it."""

    def __init__(
        self,
        folder: DataFolder,
        registry: ConversationRegistry,
        sharing: Sharing,
        lock: Lock,
        url: str,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._folder = folder
        self._registry = registry
        self._sharing = sharing
        self._lock = lock
        self._url = url
        self._kept: list[LiveConversation] = []
        """Whoever holds a conversation keeps it open."""

    async def hello(self) -> str:
        """Where the owner's listener is."""
        return self._url

    async def start(self, *addresses: str) -> list[str]:
        await self._sharing.start(*addresses)
        return self._sharing.urls

    async def urls(self) -> list[str]:
        return self._sharing.urls

    async def stop(self, *, keeps_links: bool = False) -> None:
        await self._sharing.stop(keeps_links=keeps_links)

    async def invite(
        self,
        allows: Literal['read', 'write', 'everything'],
        conversation_id: str = '',
        seconds: float | None = 3600,
        name: str = 'Ann',
    ) -> list[str]:
        """The id of an invite, and its token."""
        lasting = None if seconds is None else timedelta(seconds=seconds)
        issued = await self._sharing.invite(allows, conversation_id, lasting=lasting, name=name)
        return [issued.invite.id, issued.token]

    async def revoke(self, invite_id: str) -> None:
        await self._sharing.revoke(invite_id)

    async def pass_time(self, seconds: float) -> None:
        """Have it be later, for invites."""
        self._clock.ahead += timedelta(seconds=seconds)
        self._sharing.changed.notify()

    async def sessions(self) -> list[int]:
        """How many have come by each invite."""
        return [len(invite.sessions) for invite in self._sharing.invites]

    async def new(self, *prompts: str) -> str:
        """The id of a conversation with these questions, the last of which is being answered."""
        live = self._registry.new()
        for prompt in prompts:
            await live.stop()
            live.send(prompt)
        self._kept.append(live)
        return live.id

    async def questions(self, conversation_id: str) -> list[str]:
        return [turn.question for turn in (await self._registry.open(conversation_id)).turns]

    async def all_questions(self) -> list[str]:
        """Of all conversations that are open."""
        return [question for live in self._kept for question in await self.questions(live.id)]

    async def hush(self, conversation_id: str) -> None:
        """Stop the answer."""
        await (await self._registry.open(conversation_id)).stop()

    async def rename(self, conversation_id: str, title: str) -> None:
        await self._registry.update_metadata(conversation_id, partial(replace, title=title))

    async def set_passcode(self, passcode: str) -> None:
        await self._lock.set_passcode(passcode)

    async def lock(self) -> None:
        self._lock.lock()

    async def remove_passcode(self, passcode: str) -> None:
        await self._lock.unlock(passcode)
        await self._lock.remove_passcode(passcode)

    async def pages(self) -> int:
        return len(Client.instances)

    async def rest_of_pages(self) -> int:
        """Forget all pages; return how many are still in memory in the end, if nothing else happens.

        0 is said as soon as it is true.
        """
        gc.disable()
        forget_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_TIMEOUT):
                while existing_pages():  # noqa: ASYNC110  # nobody tells
                    await asyncio.sleep(0.2)
        gc.enable()
        return existing_pages()


def forget_all() -> None:
    for page in list(Client.instances.values()):
        forget(page)


def existing_pages() -> int:
    return sum(isinstance(one, Client) for one in gc.get_objects())


def free_port() -> int:
    """Where guests come in whenever something is shared: a browser has cached what is there."""
    with closing(bind_socket('127.0.0.1', 0)) as listening:
        return port_of_socket(listening)


async def serve(kind: str, folder_path: Path) -> None:
    listening = bind_socket('127.0.0.1', 0)
    folder = await open_store(folder_path)
    preferences, keys = preferences_store(), ApiKeys({}, folder.api_keys)
    registry = ConversationRegistry(
        agents=AgentRoster([AgentConfig(cleaner())]),
        model_source=ScriptedModels(counting),  # pyright: ignore[reportArgumentType]  # it calls a tool as well
        store=folder.conversations,
        preferences=preferences,
    )
    app, port, lock, clock = FastAPI(), port_of_socket(listening), Lock(), Clock()
    await lock.open(folder.lock)
    sharing = Sharing(
        InviteRegistry(await folder.invites.read(), clock=clock),
        network=LanListener(app, port=free_port(), lock=lock),
        invite_store=folder.invites,
    )
    context = AppContext(
        conversations=registry,
        storage=folder,
        models=ModelCatalog(preferred='demo', base_url=None, api_key=None, environment={}),
        preferences=preferences,
        keys=keys,
        added=AddedServers([], store=folder.servers, keys=keys),
        mcp_servers=make_servers(),
        library=await open_library(folder.assistants, folder.prompts),
        sharing=sharing,
        lock=lock,
    )
    launcher = Launcher(folder=folder_path, desktop=None, no_browser=True)
    running, memory = RunningInstance.now(url_of_socket(listening), ''), PageMemory(QUIET_TIME)
    mount_routes(app, context, running, launcher, ChangeSignal(), memory)
    if kind == 'guarded':
        sign_templates()
        authorize_socket_events()
        config = server_config(
            SecurityMiddleware(app, LocalAuthenticator(host='127.0.0.1', port=port), lock=lock), lifespan='on'
        )
    else:
        config = uvicorn.Config(UnprotectedApp(app), ws='wsproto', log_config=None, log_level='error')
    server = LanServer(config)
    serving = asyncio.create_task(server.serve([listening]))
    await server.has_started.wait()
    await obey(TestServer(folder, registry, sharing, lock, url_of_socket(listening), clock))
    await lock.close()
    await sharing.close()
    await registry.close()
    server.should_exit = True
    await serving
    await server.lifespan.shutdown()  # which sees to it that NiceGUI's tasks end
    await folder.close()


async def obey(served: TestServer) -> None:
    """Do what is said, until nothing more is."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        command: list[Any] = json.loads(line)
        returned = await getattr(served, command[0])(*command[1:])
        sys.stdout.write(json.dumps(returned) + '\n')
        sys.stdout.flush()


if __name__ == '__main__':
    logging.basicConfig(level='DEBUG', format='%(levelname)s %(name)s: %(message)s')
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
