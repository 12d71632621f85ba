"""What a page does by itself, not because somebody has clicked, for as long as an element is on it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import cast
from weakref import WeakKeyDictionary

from nicegui import Client, background_tasks, ui
from nicegui.element import Element

from chat.nicegui_compat import cancel_on_deletion


def start_when_connected(
    work: Callable[[], Coroutine[object, object, object]], element: Element | None = None
) -> None:
    """Do something once the page is connected, for an element that it ends with, or the one being built.

    A timer of NiceGUI could, but each is an element that every page is sent, and that is removed in the end.
    """
    slot = element.default_slot if element else ui.context.slot
    client = slot.parent.client

    async def work_on_page() -> None:
        await client.connected()
        with slot:
            await work()

    task = cast(asyncio.Task[None], background_tasks.create(work_on_page(), name=f'{work} on a page'))  # pyright: ignore[reportUnknownMemberType]  # not typed
    cancel_on_deletion(slot.parent, task)


def call_when_connected(client: Client, function: Callable[[], None]) -> None:
    """Call something once the page is connected, soon if it is; never if it goes before that."""
    if client.has_socket_connection:
        asyncio.get_running_loop().call_soon(function)
        return
    if client not in _waiting:
        _waiting[client] = []
        client.on_connect(_call_all)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        client.on_delete(_forget)  # pyright: ignore[reportUnknownMemberType]  # as above
    _waiting[client].append(function)


def _call_all(client: Client) -> None:
    loop = asyncio.get_running_loop()
    for function in _waiting.pop(client, []):
        loop.call_soon(function)


def _forget(client: Client) -> None:
    _waiting.pop(client, None)


_waiting = WeakKeyDictionary[Client, list[Callable[[], None]]]()
