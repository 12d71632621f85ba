"""How messages get to pages: without a task and a timer for each of them, which is what they cost most.

Where many look at one answer, each frame is a message to each of them; and a page that rests costs nothing.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast
from weakref import WeakSet

from engineio.async_socket import AsyncSocket  # pyright: ignore[reportMissingTypeStubs]
from engineio.packet import MESSAGE, Packet  # pyright: ignore[reportMissingTypeStubs]
from nicegui import Client, app, core
from nicegui.element import Element
from nicegui.json import dumps
from nicegui.outbox import Outbox

from chat.immediate_frames import offered

CONNECTION_CHECK_INTERVAL = 0.1
"""Seconds from one look for the browser of a page to the next, as in NiceGUI."""

EVENT_PREFIX = '42'
"""What Engine.IO and Socket.IO write before an event in the default namespace."""

Message: TypeAlias = tuple[str, str, Any]
"""The id of a page, a kind, and what is said: an object or a list."""

_emit = Outbox._emit  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
_held = WeakSet[Outbox]()
"""Those that wait for the end of a message."""


def deliver_without_tasks() -> None:
    """Have pages and their sockets wait for messages without a timeout, and lists sent without more ado.

    NiceGUI 3.18 wakes each page every second to see whether there is anything; python-socketio 5 and
    python-engineio 4 make two tasks and a timer for each message. Can go when they do not any more.
    """
    outbox, socket = cast(Any, Outbox), cast(Any, AsyncSocket)
    outbox.loop, outbox._emit, socket.poll = _deliver, _emit_at_once, _next_packets  # noqa: SLF001


def send_list(client: Client, kind: str, items: Iterable[object]) -> None:
    """Send a page a list, behind its number as the first item: in order, and again after an outage.

    It goes at once if nothing is to be sent before it.
    """
    outbox, data = client.outbox, _ListMessage([0, *items])
    waits = outbox.messages or outbox.updates or outbox in _held or not client.has_socket_connection
    if waits or not _emitted(outbox, (client.id, kind, data)):
        outbox.enqueue_message(kind, data, client.id)


async def _deliver(outbox: Any) -> None:
    """Send the updates and messages of a page until it is deleted; in the place of `Outbox.loop`."""
    outbox._enqueue_event = has_come = asyncio.Event()  # noqa: SLF001
    has_come.set()
    while not outbox._should_stop:  # noqa: SLF001
        try:
            await has_come.wait()
            if not outbox.client.has_socket_connection:
                await asyncio.sleep(CONNECTION_CHECK_INTERVAL)
                continue
            has_come.clear()
            messages = [*_updates(outbox), *outbox.messages]
            outbox.messages.clear()
            for message in messages:
                await outbox._emit(message)  # noqa: SLF001
        except asyncio.CancelledError:
            break
        except Exception as error:  # noqa: BLE001  # as NiceGUI does: a page goes on after a message that failed
            app.handle_exception(error)
            await asyncio.sleep(CONNECTION_CHECK_INTERVAL)


def _updates(outbox: Any) -> list[Message]:
    """Take the messages that bring the elements of a page up to date."""
    if not outbox.updates:
        return []
    page, elements = outbox.client.id, dict(outbox.updates)
    outbox.updates.clear()
    shown = [element for element in elements.values() if isinstance(element, Element)]
    unknown = [
        element.component
        for element in shown
        if element.component and element.component.name not in outbox._loaded_components  # noqa: SLF001
    ]
    outbox._loaded_components.update(component.name for component in unknown)  # noqa: SLF001
    data = {
        number: element._to_dict() if isinstance(element, Element) else None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        for number, element in elements.items()
    }
    components = [{'key': component.key, 'tag': component.tag} for component in unknown]
    loading = [(page, 'load_js_components', {'components': components})] if components else []
    return [*loading, (page, 'update', data)]


async def _emit_at_once(outbox: Any, message: Message) -> None:
    """Send a message of a page; one with bytes, for which Socket.IO has another form, as NiceGUI does."""
    if not _emitted(outbox, message):
        _held.add(outbox)
        try:
            await _emit(outbox, message)
        finally:
            _held.discard(outbox)


def _emitted(outbox: Any, message: Message) -> bool:
    """Send a message of a page without waiting for anything; return whether that can be."""
    page, kind, data = message
    if core.air is not None:
        return False
    data['_id'] = outbox.next_message_id
    try:
        text = EVENT_PREFIX + dumps([kind, data])
    except TypeError:
        return False
    sockets: Any = core.sio
    for session, socket_id in sockets.manager.get_participants('/', page):
        if socket := sockets.eio.sockets.get(socket_id):
            _send(socket, text, sockets.get_environ(session))
    outbox.message_history.append((outbox.next_message_id, time.time(), message))
    while len(outbox.message_history) > core.app.config.message_history_length:
        outbox.message_history.popleft()
    outbox.next_message_id += 1
    return True


def _send(socket: Any, text: str, environ: Mapping[str, Any] | None) -> None:
    """Write a text to a browser, or have it wait behind what waits already."""
    write = offered(environ['asgi.scope']) if environ else None
    is_written = write is not None and socket.queue.empty() and write(text)
    if not (is_written or socket.closed):
        socket.queue.put_nowait(Packet(MESSAGE, text[1:]))


class _ListMessage(list[object]):
    """A message with its number as the first item; NiceGUI puts it into an object."""

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(0 if key == '_id' else key, value)


async def _next_packets(socket: Any) -> list[Any]:
    """Return what is to be sent to a browser, at the end of the connection nothing.

    In the place of `AsyncSocket.poll`, which makes a task for each, and a timer to find out whether the other
    side is there; that is asked every few seconds anyway.
    """
    packets = [await socket.queue.get()]
    while not socket.queue.empty():
        packets.append(socket.queue.get_nowait())
    for _ in packets:
        socket.queue.task_done()
    if None not in packets:
        return packets
    if packets[0] is not None:
        socket.queue.put_nowait(None)
    return packets[: packets.index(None)]
