"""Each workaround for NiceGUI is still needed: a test that fails here says what can go."""

import asyncio
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from engineio.async_socket import AsyncSocket  # pyright: ignore[reportMissingTypeStubs]
from nicegui import Client, core, helpers, ui
from nicegui.client import templates
from nicegui.dependencies import generate_resources
from nicegui.element import Element
from nicegui.outbox import Outbox
from nicegui.sub_pages_router import SubPagesRouter
from nicegui.testing import User
from socketio.async_manager import AsyncManager  # pyright: ignore[reportMissingTypeStubs]

from chat import nicegui_compat
from chat.nicegui_compat import (
    DEFERRED_SCRIPT,
    STYLE_IMPORT,
    ChangedLoader,
    ContentHook,
    DeletionHook,
    cancel_on_deletion,
    expects_arguments,
    forget,
    is_left,
    move_sub_page,
)
from chat.nicegui_compat.delivery import deliver_without_tasks
from chat.nicegui_compat.sockets import event_type
from chat.nicegui_compat.styles import LAYERS, STATIC
from chat.ui.page_messages import send_list, send_props
from tests.support.timeouts import WAIT_TIMEOUT
from tests.ui.row_lists import soon

CHAT = Path(nicegui_compat.__file__).parent.parent

PRIVATE = re.compile(
    r'nicegui import .*\bcore\b|client\.templates|_event_listeners|_delete_tasks|_loaded_components'
    r'|\b_handle_(delete|content)'
)


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith('_')}


def parameters(function: Callable[..., object]) -> set[str]:
    return set(inspect.signature(function).parameters)


def page_of(person: User) -> Client:
    assert person.client
    return person.client


def test_private_members_are_named_in_one_package() -> None:
    files = CHAT.rglob('*.py')
    found = {path.parent.name for path in files if PRIVATE.search(path.read_text(encoding='utf-8'))}
    assert found == {'nicegui_compat'}


def test_to_install_again_changes_nothing() -> None:
    """In a process of its own: NiceGUI has started in this one."""
    count = 'len(app._startup_handlers)'
    code = f'from nicegui import app; from chat.nicegui_compat import install; install(); before = {count};'
    code += f'install(); assert before == {count} == 1'
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0  # noqa: S603


def test_signs_of_life_cannot_be_set() -> None:
    assert not {name for name in parameters(ui.run_with) if 'ping' in name}  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


async def test_each_element_asks_the_same_of_the_same_methods(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(handler: Any) -> bool:
        asked.append(handler.__func__)
        return expects_arguments(handler)

    asked = list[object]()
    await person.open('/')
    monkeypatch.setattr(helpers, expects_arguments.__name__, ask)
    with page_of(person):
        ui.element()
        ui.element()
    assert asked == [*asked[:3], *asked[:3]]


@pytest.mark.parametrize('name', ['takes_none', 'takes_one', 'may_take_one', 'takes_any'])
def test_what_a_handler_takes_is_what_nicegui_finds(name: str) -> None:
    for handler in (getattr(Handlers(), name), getattr(Handlers(), name), getattr(Handlers, name)):
        assert expects_arguments(handler) == helpers.functions.expects_arguments(handler)  # pyright: ignore[reportUnknownMemberType]


class Handlers:
    def takes_none(self) -> None: ...

    def takes_one(self, value: str) -> None: ...

    def may_take_one(self, value: str = '') -> None: ...

    def takes_any(self, *values: str) -> None: ...


def page_template() -> str:
    """That of NiceGUI, as it is."""
    loader = templates.env.loader
    while isinstance(loader, ChangedLoader):
        loader = loader._loader  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    assert loader
    source, *_ = loader.get_source(templates.env, 'index.html')
    return source


def test_pages_have_no_nonce() -> None:
    source = page_template()
    assert '<script' in source
    assert 'nonce' not in source


def test_pages_show_nothing_before_they_run() -> None:
    """When this fails, look at what `WAITING_SCRIPT` does."""
    source = page_template()
    assert len(re.findall('<script[^>]* src=', source)) == len(DEFERRED_SCRIPT.findall(source))
    assert len(re.findall('type="module"', source)) == len(re.findall('<script type="module">', source)) == 2


def test_a_page_imports_fonts_and_three_styles_of_which_a_script_changes_one() -> None:
    """When this fails, look at what `nicegui_styles` does."""
    source = page_template()
    imported = re.findall(r'/static/([\w.]+\.css)"\) layer\((\w+)\)', source)
    assert dict(imported) == {'fonts.css': 'base', **{name: layer for layer, name in LAYERS.items()}} | {
        'quasar.unimportant.css': 'quasar',
        'quasar.important.css': 'quasar_importants',
    }
    assert len(re.findall('@import', source)) == len(STYLE_IMPORT.findall(source))
    assert r'/\.q-card > div/' in (STATIC / 'nicegui.js').read_text()
    assert '.nicegui-card-tight' not in (STATIC / LAYERS['quasar']).read_text()


async def test_a_page_asks_for_each_component(person: User) -> None:
    """When this fails, `deliver_components_together` may go: are several of one module?"""
    await person.open('/')
    with page_of(person):
        element = ui.link('There', '/there')
    *_, scripts, urls = generate_resources('', [element])
    assert [url.rpartition('/')[2] for url in urls][1:] == ['link.js']
    assert len(scripts) == 2  # one imports it


async def test_any_socket_can_send_the_event_of_any_page(person: User) -> None:
    await person.open('/')
    page, heard = page_of(person), list[object]()
    with page:
        element = ui.element().on('poke', lambda event: heard.append(event.args))
    (listener,) = event_listeners(element)
    message = {
        'client_id': page.id,
        'id': element.id,
        'listener_id': listener,
        'args': [json.dumps('from elsewhere')],
    }
    socket_handlers()['event']('of somebody else', message)
    assert heard == ['from elsewhere']


async def test_what_an_event_is_called_is_not_public(person: User) -> None:
    await person.open('/')
    with page_of(person) as page:
        element = ui.element().on('poke', print)
    (listener,) = event_listeners(element)
    assert event_type(page, element.id, listener) == 'poke'
    assert event_type(page, element.id, 'another') is None
    assert event_type(page, 'no id', listener) is None
    assert not {name for name in public(Element) if 'listener' in name}


async def test_a_page_that_was_left_is_deleted_again_later(person: User) -> None:
    """`delete` does not end what waits to do the same."""
    await person.open('/')
    page = page_of(person)
    page.handle_disconnect(next(iter(page._socket_to_document_id)))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as sockets do
    assert is_left(page)
    waiting = deletions_of(page)
    page.delete()
    assert not any(task.cancelling() for task in waiting)
    Client.instances[page.id] = page
    forget(page)
    assert all(task.cancelling() for task in waiting)


def test_a_message_takes_tasks_and_timers() -> None:
    sources = [inspect.getsource(kind) for kind in (Outbox, AsyncManager, AsyncSocket)]
    assert all('wait_for' in source or 'create_task' in source for source in sources)


async def test_lists_are_sent_in_order_with_all_else_and_again_after_an_outage(person: User) -> None:
    await person.open('/')
    outbox = page_of(person).outbox
    await soon(lambda: not (outbox.messages or outbox.updates))
    begun = outbox.next_message_id
    with person:
        element = ui.element()
    send_list(element, 'grow', ['one'])
    outbox.enqueue_message('notify', {'message': 'Hi'}, outbox.client.id)
    send_list(element, 'grow', ['two'])
    await soon(lambda: not (outbox.messages or outbox.updates))
    sent = [(number, kind, data) for number, _, (_, kind, data) in outbox.message_history if number >= begun]
    *_, update, one, other, two = sent
    assert (update[1], element.id in update[2]) == ('update', True)
    assert one == (two[0] - 2, 'grow', [two[0] - 2, element.id, 'one'])
    assert other == (two[0] - 1, 'notify', {'message': 'Hi', '_id': two[0] - 1})
    assert two == (outbox.next_message_id - 1, 'grow', [two[0], element.id, 'two'])


async def test_a_message_that_fails_keeps_no_other_from_its_page(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, name in ((Outbox, 'loop'), (Outbox, '_emit'), (AsyncSocket, 'poll')):
        monkeypatch.setattr(kind, name, getattr(kind, name))  # so that all is as before at the end
    deliver_without_tasks()
    failed = list[Exception]()
    await person.open('/')
    page = page_of(person)
    await sent(page)
    number = page.outbox.next_message_id
    monkeypatch.setattr(core.app, 'handle_exception', failed.append)
    page.outbox.enqueue_message('notify', 'cannot hold its number', page.id)
    page.outbox.enqueue_message('notify', {'message': 'Hi'}, page.id)
    await soon(lambda: bool(failed) and not page.outbox.messages)
    assert list(map(type, failed)) == [TypeError]
    assert page.outbox.message_history[-1][2] == (page.id, 'notify', {'message': 'Hi', '_id': number})


def test_an_outbox_does_not_wait_for_its_page() -> None:
    known = {'client', 'enqueue_delete', 'enqueue_message', 'enqueue_update', 'loop', 'prune_history', 'stop'}
    assert public(Outbox) == {*known, 'try_rewind'}


async def test_a_change_of_a_property_sends_the_whole_element(person: User) -> None:
    await person.open('/')
    page = page_of(person)
    with page:
        element = ui.element()
    await sent(page)
    send_props(element, title='Sent', label='As well')
    send_props(element, title='Sent')  # it is known
    send_props(element, title='Again')
    message = page.outbox.messages[-1][2]
    assert re.findall(r'\{"[^}]*\}', message['code']) == [
        '{"title":"Sent","label":"As well"}',
        '{"title":"Again"}',
    ]
    assert len(page.outbox.messages) == 1
    assert not page.outbox.updates
    element.props['title'] = 'All of it'
    assert list(page.outbox.updates) == [element.id]
    send_props(element, title='With all of it')
    assert len(page.outbox.messages) == 1


async def test_a_method_is_called_by_code(person: User) -> None:
    await person.open('/')
    page = page_of(person)
    with page:
        element = ui.element()
    await sent(page)
    number = page.outbox.next_message_id
    send_list(element, 'grow', ['some words', 3])
    element.run_method('grow', 'some words', 3)
    await asyncio.sleep(0)
    assert [kind for _, kind, _ in page.outbox.messages] == ['run_javascript']
    await sent(page)
    assert page.outbox.message_history[-2][2] == (page.id, 'grow', [number, element.id, 'some words', 3])


async def test_a_page_that_gets_an_address_would_be_built_anew(person: User) -> None:
    def build() -> None:
        built.append(ui.label('The same'))

    built = list[ui.label]()
    await person.open('/')
    page = page_of(person)
    with page:
        pages = ui.sub_pages({'/': build, '/begun': build, '/other': build})
    move_sub_page(pages, '/begun')
    with page:
        ui.navigate.to('/begun')
        await sent(page)
    assert (len(built), page.sub_pages_router.current_path) == (1, '/begun')
    assert public(SubPagesRouter) == {'on_path_changed', 'refresh'}


async def test_no_event_tells_that_an_element_is_deleted(person: User) -> None:
    class Listening(DeletionHook):
        def on_delete(self) -> None:
            deleted.append(self)

    deleted = list[Element]()
    await person.open('/')
    with page_of(person):
        element = Listening()
        task = asyncio.create_task(asyncio.Event().wait())
        cancel_on_deletion(element, task)
    element.delete()
    assert deleted == [element]
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not {'on_delete', 'on_remove', 'on_deleted'} & public(Element)


async def test_a_markdown_takes_no_renderer(person: User) -> None:
    class Showing(ContentHook):
        def show_content(self, content: str) -> None:
            shown.append(content)

        def set_initial_props(self) -> None:
            built.append(self.content)

    shown, built = list[str](), list[str]()
    await person.open('/')
    with page_of(person):
        Showing('One').content = 'Two'
        await sent(page_of(person))
    assert shown[-2:] == ['One', 'Two']
    assert built == ['Two']
    assert not {name for name in parameters(ui.markdown) if 'render' in name}


def test_the_first_markdown_makes_styles_of_code_whatever_it_shows() -> None:
    """When this fails, see whether `ContentHook` still has to do without."""
    assert '.codehilite' in ui.markdown._generate_codehilite_css()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    assert '_generate_codehilite_css()' in inspect.getsource(ui.markdown.__init__)
    assert not ContentHook._generate_codehilite_css()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


async def sent(page: Client) -> None:
    """Wait until the outbox of a page is empty."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while page.outbox.messages or page.outbox.updates:  # noqa: ASYNC110  # no event says so
            await asyncio.sleep(0)


def socket_handlers() -> Mapping[str, Callable[..., Any]]:
    return core.sio.handlers['/']  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # it has no types


def deletions_of(page: Any) -> list[asyncio.Task[None]]:
    return list(page._delete_tasks.values())  # noqa: SLF001  # this is what is private


def event_listeners(element: Element) -> list[str]:
    return list(element._event_listeners)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # this is what is private
