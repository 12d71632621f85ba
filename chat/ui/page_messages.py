"""What NiceGUI's outbox carries to a page: messages of ours, shorter than those that NiceGUI makes.

Workarounds as in `nicegui_compat/`, which need no private members: why each is there, when it can go.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from nicegui import Client
from nicegui.element import Element
from nicegui.json import dumps

from chat.nicegui_compat import delivery


def send_list(element: Element, event: str, arguments: Iterable[object] = ()) -> None:
    """Send an event to the page of an element: a list of the number of the message, the element, and more.

    NiceGUI calls methods of elements by code that the page evaluates, which is longer than a few words of an
    answer. This is a message of its outbox as any other: in order, and sent again after an outage. The page
    must count it (`window.nextMessageId`). Can go when methods are called by a message of their own.
    """
    delivery.send_list(element.client, event, (element.id, *arguments))


def send_props(element: Element, **props: object) -> None:
    """Set properties of an element, and send its page those that are others by now; and no more.

    NiceGUI sends all of the element, its listeners included: a kilobyte for each change of our larger ones.
    The page applies it in the order in which all else comes. Can go when NiceGUI sends what has changed.
    """
    before: Mapping[str, object] = element.props
    changed = {name: value for name, value in props.items() if name not in before or before[name] != value}
    if not changed:
        return
    with element.props.suspend_updates():
        element.props.update(changed)
    outbox, page = element.client.outbox, element.client.id
    if element.id in outbox.updates:
        return  # it goes as a whole in a moment
    code = f'Object.assign(mounted_app.elements[{element.id}]?.props??{{}},{dumps(changed)});'
    before_it = outbox.messages[-1][2] if outbox.messages else None
    if isinstance(before_it, _PropsMessage):
        before_it['code'] += code  # a page draws what has changed after each message, up to its root
    else:
        outbox.enqueue_message('run_javascript', _PropsMessage(code=code), page)


def backlog_of(client: Client) -> int:
    """Return how many messages a page has not got, or not confirmed.

    NiceGUI says of its outbox only what is in it. Can go when it waits for a page that is behind.
    """
    return len(client.outbox.messages) + len(client.outbox.message_history)


class _PropsMessage(dict[str, Any]):
    """The code that changes properties; as long as it waits, more can be added."""
