"""Parlour from Python: `serve` runs it, `create_app` makes an app for others to serve."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic_ai.agent import AbstractAgent

from chat.agent.agent_loader import given_agent
from chat.agent_config import AgentConfig
from chat.app import run
from chat.cli import configure_log, exit_code_of, read_settings
from chat.errors import StartFailed
from chat.mounting import make_app, secure_nicegui
from chat.process_claim import claim_process, released_on_failure
from chat.server.instance import Instance, RunningInstance
from chat.server.launcher import Launcher, print_line
from chat.server.security.middleware import SecurityMiddleware
from chat.serving import Entrance, Serving, guard_options, serve_one
from chat.settings import Settings
from chat.sharing.access import new_secret
from chat.sharing.lock import Lock
from chat.sharing.no_listener import NoListener
from chat.storage import Storage
from chat.storage_opening import open_storage
from chat.team import serve_team

AnyAgent = AbstractAgent[Any, Any]  # whatever deps and output it has


def serve(agent: AnyAgent, *, deps: object = None, mcp: Path | str | None = None, **settings: object) -> int:
    """Run Parlour with an agent until Ctrl-C, as `python main.py` does; return the exit code.

    Args:
        agent: Answers in every chat. It is not changed.
        deps: The deps of every run, or a function that gives those of one: without arguments or with one, an
            `Asking`; `async` or not. What it gives may be a context manager, which is left after the run.
        mcp: A file with servers of tools, as for `--mcp`.
        settings: As in `Settings`. What is left out comes from the environment or from `.env`.

    Raises:
        RuntimeError: If an event loop is running, or if this process has had a Parlour already.
    """
    if _is_loop_running():
        raise RuntimeError(
            'serve() runs until Ctrl-C, so it cannot be called where an event loop is running. '
            'Call it from a script, or let your own server serve what create_app() returns.'
        )

    def start() -> int:
        read = with_mcp(read_settings(settings), mcp)
        configure_log(read)
        return run(read, given_agent(agent, deps))

    return exit_code_of(start)


def with_mcp(settings: Settings, mcp: Path | str | None) -> Settings:
    """Return the settings with a file of servers of tools, if there is one."""
    return settings if mcp is None else settings.model_copy(update={'mcp': Path(mcp).expanduser()})


def create_app(
    agent: AnyAgent | None = None,
    *,
    deps: object = None,
    mcp: Path | str | None = None,
    storage: Storage | None = None,
    settings: Settings | None = None,
) -> FastAPI:
    """Make Parlour as an app for a server of yours, or to be mounted in an app of yours at any path.

    It guards itself against pages of others, but lets in everybody whom the server or the outer app lets in,
    unless `launch_token` is set. An outer app must run its lifespan: `app.router.lifespan_context(app)`.

    Args:
        agent: Answers in every chat; without one those of the settings. It is not changed.
        deps: As for `serve`.
        mcp: As for `serve`.
        storage: Takes the place of the data folder. You close it, after the app has ended.
        settings: Those about listening, the browser and sharing mean nothing here. Without any they come from
            the environment and `.env`.

    Raises:
        RuntimeError: If this process has had a Parlour already.
        InvalidOption: If a setting cannot be used.
    """
    settings = with_mcp(settings or read_settings({}), mcp)
    if storage is not None:
        settings = settings.without_database()
    claim = object()
    claim_process(claim)
    token = new_secret() if settings.launch_token else ''
    config = given_agent(agent, deps) if agent else None
    lock = Lock()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_serving(app, settings, config, storage, claim, lock))
            if token:
                print_line(f'Parlour lets in who opens join/{token} below its address.')
            yield

    app = make_app(lifespan)
    app.add_middleware(SecurityMiddleware, **guard_options(settings, token=token, lock=lock))
    return app


@asynccontextmanager
async def _serving(
    app: FastAPI,
    settings: Settings,
    config: AgentConfig | None,
    storage: Storage | None,
    claim: object,
    lock: Lock,
) -> AsyncGenerator[None]:
    """Serve the pages of an app while the block runs, on a storage or a data folder that is claimed.

    Raises:
        StartFailed: If the folder cannot be used. Then the app may be started again.
        RuntimeError: If the app was started before, or another one in this process was.
    """
    if app.routes:  # of NiceGUI, which cannot be started twice
        raise RuntimeError(
            'This Parlour has been started before, and can be once: start another process for it.'
        )
    claim_process(claim)
    async with AsyncExitStack() as stack:
        pages = make_app()
        with released_on_failure(claim):
            serving = await _serve(pages, settings, config, storage, lock, stack)
        secure_nicegui()
        app.mount('/', serving.app)
        serving.start(stack)
        async with pages.router.lifespan_context(pages):
            yield


async def _serve(
    pages: FastAPI,
    settings: Settings,
    config: AgentConfig | None,
    storage: Storage | None,
    lock: Lock,
    stack: AsyncExitStack,
) -> Serving:
    """Have an app serve the pages of a storage, of the data folder or of the database.

    Raises:
        StartFailed: If it cannot be used.
    """
    entrance = Entrance(
        running=RunningInstance.now('', ''),
        launcher=Launcher(folder=settings.data, desktop=None, no_browser=True),
        network=NoListener('This Parlour is part of another app. Who may come in is decided there.'),
        lock=lock,
    )
    if storage is None:
        settings.check_database()
        if settings.database:
            return await serve_team(pages, settings, entrance, stack, config)
        storage = await _claim_storage(settings, stack)
    return await serve_one(pages, settings, storage, entrance, stack, config)


async def _claim_storage(settings: Settings, stack: AsyncExitStack) -> Storage:
    """Claim and open the data folder; the stack closes and releases it.

    Raises:
        StartFailed: If the folder cannot be used.
    """
    instance = Instance(settings.data)
    if running := await asyncio.to_thread(instance.claim):
        raise StartFailed(f'{running.url} uses the data folder {settings.data}. End it, or choose another.')
    stack.callback(instance.release)
    return await open_storage(settings, stack)


def _is_loop_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
