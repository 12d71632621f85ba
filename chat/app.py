"""Builds every part, passes it to the next, starts and stops them."""

import asyncio
import gc
import os
import webbrowser
from collections.abc import Coroutine
from contextlib import AsyncExitStack

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui

from chat.agent.added import AddedServers
from chat.agent.build import build_agent
from chat.agent.keys import Keys
from chat.agent.models import ModelChoices
from chat.conversation.opened import OpenConversations
from chat.conversation.preferences import LivePreferences
from chat.discretion import Discretion, be_discreet, passwords_in
from chat.serve.accepting import Exhaustion
from chat.serve.certificate import certificate_of
from chat.serve.chat_api import chat_api
from chat.serve.desktop import Desktop
from chat.serve.entrance import address_to_open
from chat.serve.files import files, who_sees_its_conversation
from chat.serve.front import front
from chat.serve.guard.door import owner_door
from chat.serve.guard.guard import Guard
from chat.serve.guard.nonce import sign_scripts
from chat.serve.guard.sessions import visitor_in
from chat.serve.guard.socket_events import bind_sockets
from chat.serve.health import health
from chat.serve.instance import Instance, RunningInstance
from chat.serve.listener import Listener, bound_socket, port_of, url_of
from chat.serve.memory import Reclaiming
from chat.serve.network import LocalNetwork
from chat.serve.printing import printing
from chat.serve.screen import Screen, say
from chat.serve.share_at_start import share_at_start
from chat.settings import Settings
from chat.share.guest_book import GuestBook
from chat.share.secret import new_secret
from chat.share.sharing import Sharing
from chat.store.disk.descriptors import allow_many_files
from chat.store.folder import open_store
from chat.ui.connection import RECONNECT, REPLAY, beat
from chat.ui.house import House
from chat.ui.pages import Pages
from chat.ui.theme import ICON, VIEWPORT, dress

KEYRING_PATIENCE = 3
"""Seconds that a start waits for saved keys; those in a locked keyring come when a person unlocks it."""


def run(settings: Settings) -> int:
    """Serve until a signal comes, or lead to the instance that serves the same folder; return the exit code.

    Raises:
        StartFailed: If the data folder or the port cannot be used.
    """
    instance = Instance(settings.data)
    if running := instance.claim():
        say(f'Parlour is running already: {running.url}')
        if not settings.no_browser and not (settings.native and running.comes_to_front()):
            webbrowser.open(address_to_open(running, settings.data))
        return 0
    allow_many_files()
    try:
        asyncio.run(serve(settings, instance))
    finally:
        instance.release()
    return 0


async def serve(settings: Settings, instance: Instance) -> None:
    """Build the parts, serve them, and put them away again, each after those that use it."""
    asyncio.get_running_loop().set_exception_handler(Exhaustion().handle)
    certificate = certificate_of(settings.ssl_cert, settings.ssl_key)
    listening = bound_socket(settings.host, settings.port)
    token = new_secret() if settings.launch_token else ''
    running = RunningInstance.now(url_of(listening), token)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    network = LocalNetwork(app, port=port_of(listening), certificate=certificate)
    async with AsyncExitStack() as stack:
        house = await build(settings, network, stack)
        screen = screen_of(settings)
        stack.push_async_callback(screen.close)
        furnish(app, house, running, screen)
        sign_scripts()
        bind_sockets()

        def ready() -> None:
            gc.freeze()  # else each look for garbage goes through all modules, and holds up every page
            instance.announce(running)
            say(f'Parlour is ready: {running.entrance}')
            screen.show(running, closed=listener.end)
            if settings.share:
                begin(share_at_start(house.sharing), 'share on the network', stack)

        guard = Guard(app, owner_door(settings.host, port_of(listening), token))
        listener = Listener(guard, listening, ready=ready, closing=house.rest)
        await listener.listen()


async def build(settings: Settings, network: LocalNetwork, stack: AsyncExitStack) -> House:
    """Make what outlives every page; the stack puts it away."""
    folder = await open_store(settings.data)
    stack.push_async_callback(folder.close)
    preferences = LivePreferences(await folder.preferences.read(), folder.preferences.write)
    keys = Keys(os.environ, folder.keys)
    be_discreet(Discretion(keys.environment, key_of_server(settings), *passwords_in(str(settings.base_url))))
    reading = begin(keys.read(), 'read keys', stack)
    added = AddedServers(await folder.servers.read(), store=folder.servers, keys=keys)
    models = models_of(settings, keys, preferences, added)
    stack.push_async_callback(models.close)
    house = House(
        opened=OpenConversations(
            agent=build_agent(), models=models, store=folder.conversations, preferences=preferences
        ),
        folder=folder,
        models=models,
        preferences=preferences,
        keys=keys,
        added=added,
        sharing=Sharing(GuestBook(await folder.invites.read()), network=network, keep=folder.invites),
    )
    stack.push_async_callback(house.rest)
    await asyncio.wait({reading}, timeout=KEYRING_PATIENCE)
    begin(models.refresh(), 'look for models', stack)
    return house


def begin(work: Coroutine[None, None, None], name: str, stack: AsyncExitStack) -> asyncio.Task[None]:
    """Have something done beside all else, for as long as the app runs."""
    task = asyncio.create_task(work, name=name)
    stack.callback(task.cancel)
    return task


def screen_of(settings: Settings) -> Screen:
    """Where the owner wants to see Parlour."""
    desktop = Desktop(folder=settings.data, icon=ICON) if settings.native else None
    return Screen(folder=settings.data, desktop=desktop, no_browser=settings.no_browser)


def models_of(
    settings: Settings, keys: Keys, preferences: LivePreferences, added: AddedServers
) -> ModelChoices:
    """The models that these settings, keys and servers offer."""
    return ModelChoices(
        preferred=settings.model,
        base_url=str(settings.base_url) if settings.base_url else None,
        api_key=key_of_server(settings),
        environment=keys.environment,
        wishes=lambda: preferences.now,
        added=lambda: added.servers,
    )


def key_of_server(settings: Settings) -> str | None:
    """The key of the server at `--base-url`."""
    return settings.api_key.get_secret_value() if settings.api_key else None


def furnish(app: FastAPI, house: House, running: RunningInstance, screen: Screen) -> None:
    """Give an app the routes of our own, and NiceGUI's below them."""
    pages = Pages(house)
    app.include_router(health(running))
    app.include_router(front(running, screen.to_front))
    app.include_router(chat_api(house.opened))
    app.include_router(printing(house.opened))
    may_see = who_sees_its_conversation(house.opened, house.uploads)
    app.include_router(files(house.folder.attachments, house.uploads, may_see))
    dress()
    beat()
    pages.notice_who_is_there()
    nicegui_app.on_delete(Reclaiming().note)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
    ui.run_with(  # pyright: ignore[reportUnknownMemberType]  # its middleware argument is not typed
        app,
        root=lambda: pages.show(visitor_in(ui.context.client.request.scope)),
        title='Parlour',
        viewport=VIEWPORT,
        favicon=ICON,
        dark=None,
        tailwind=False,
        reconnect_timeout=RECONNECT,
        message_history_length=REPLAY,
        binding_refresh_interval=None,  # nothing here is bound by polling
        show_welcome_message=False,
    )
