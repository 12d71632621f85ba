"""What a page does by itself, not because somebody has clicked, for as long as an element is on it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import cast

from nicegui import background_tasks, ui
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
