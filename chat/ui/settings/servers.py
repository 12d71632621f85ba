"""The servers of models: what each said when it was asked last, and a form for those that a person adds."""

import asyncio
from collections.abc import Mapping
from typing import TypedDict

from nicegui import ui
from nicegui.events import GenericEventArguments
from pydantic import SecretStr

from chat.agent.added_servers import Draft
from chat.agent.servers import ModelServer
from chat.conversation.failures import error_message
from chat.errors import ChatError
from chat.ui.app_context import AppContext
from chat.ui.conversation_actions import notify_on_error
from chat.ui.follow import follow
from chat.ui.formatting import pluralize
from chat.ui.html import HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.settings.fields import Section

NOTE = (
    'Any OpenAI-compatible server: llama.cpp, vLLM, LM Studio, or Ollama on another computer. Its models are '
    'named NAME:MODEL, with the name that you choose. Its key is stored like those above.'
)

REMOVAL = {
    'title': 'Remove this server?',
    'text': 'Its key is deleted. Your chats stay as they are.',
    'action': 'Remove',
}

MOST_NAMED = 5
"""Models that are named when a server was asked; there may be hundreds."""


class ServerRow(TypedDict):
    """One server, as the browser gets it: never with its key."""

    name: str
    heading: str
    address: str
    """As it was entered; '' for what was not added here."""
    has_key: bool
    is_added: bool
    state: str
    """What it said."""
    kind: str
    """What to think of that: asking, good, bad or ''."""


class ServerSection(Section):
    """All servers that are asked for models, and a form for another one."""

    def __init__(self, context: AppContext) -> None:
        super().__init__('Servers', NOTE)
        with self:
            if trouble := context.storage.servers.trouble:
                HtmlText('p', trouble, 'key-problem', role='alert', data_testid='server-problem')
            ServerList(context)


class ServerList(ui.element, component=COMPONENTS / 'server_list.js'):
    """They are asked when the page is opened. No key is kept in this object: none can be sent to a page."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._models = context.models
        self._added = context.added
        self._asking: set[ModelServer] = set()
        # As for keys: within the app the browser has the fragment too late; as it loads, it alone has it.
        self.props['wanted'] = ''.join(
            ui.context.client.sub_pages_router.current_path.partition('#servers')[1:]
        )
        self.props['removal'] = REMOVAL
        self.on('ask', self._ask_one).on('test', self._test).on('save', self._save).on('remove', self._remove)
        follow(context.added.changed, self._show)
        ui.timer(0, self._ask_all, once=True)

    def _show(self) -> None:
        self.props['servers'] = [self._row(server) for server in self._models.servers]

    def _row(self, server: ModelServer) -> ServerRow:
        state, kind = ('Testing …', 'asking') if server in self._asking else server_state(server)
        return ServerRow(
            name=server.prefix,
            heading=server.heading,
            address=self._added.address(server.prefix) if server.is_added else '',
            has_key=bool(server.authorization),
            is_added=server.is_added,
            state=state,
            kind=kind,
        )

    async def _ask_all(self) -> None:
        await self._ask(*self._models.servers)

    async def _ask_one(self, event: GenericEventArguments) -> None:
        await self._ask(*(server for server in self._models.servers if server.prefix == event.args))

    async def _ask(self, *servers: ModelServer) -> None:
        self._asking.update(servers)
        self._show()
        await asyncio.gather(*map(self._ask_and_show, servers))

    async def _ask_and_show(self, server: ModelServer) -> None:
        await server.refresh()
        self._asking.discard(server)
        self._show()

    async def _test(self, event: GenericEventArguments) -> None:
        if told := draft_in(event):
            serial, draft = told
            try:
                server = self._added.tried(draft)
            except ChatError as error:
                self._answer(serial, str(error), 'bad')
                return
            await server.refresh()
            self._answer(serial, *finding_of(server))

    async def _save(self, event: GenericEventArguments) -> None:
        if told := draft_in(event):
            serial, draft = told
            try:
                await self._added.save(draft)
            except (ChatError, OSError) as error:
                self._answer(serial, error_message(error), 'bad')
                return
            self._answer(serial, '', 'saved')
            name = draft.name.strip().lower()
            await self._ask(*(server for server in self._models.servers if server.prefix.lower() == name))

    async def _remove(self, event: GenericEventArguments) -> None:
        await notify_on_error(self._added.remove(str(event.args)))

    def _answer(self, serial: int, text: str, kind: str) -> None:
        """Tell the form what has become of what it asked for; `serial` is the number of that."""
        self.props['outcome'] = {'serial': serial, 'text': text, 'kind': kind}


def draft_in(event: GenericEventArguments) -> tuple[int, Draft] | None:
    """What the form says, with its number, or `None` if that is nothing that our page sends."""
    match event.args:
        case {'serial': int(serial), 'name': str(name), 'address': str(address), 'key': str(key), **rest}:
            return serial, Draft(
                name=name,
                address=address,
                key=SecretStr(key) if key.strip() else None,
                drops_key=_is_true(rest, 'dropsKey'),
                is_new=_is_true(rest, 'isNew'),
            )
        case _:
            return None


def _is_true(values: Mapping[str, object], name: str) -> bool:
    return values.get(name) is True


def server_state(server: ModelServer) -> tuple[str, str]:
    """What it said when it was asked last, and what to think of that."""
    if not server.was_asked:
        return 'Testing …', 'asking'
    if server.model_names:
        return pluralize(len(server.model_names), 'model') + '.', ''
    if server.is_down and not server.is_named:
        return 'Not running.', ''
    return server.trouble, 'bad'


def finding_of(server: ModelServer) -> tuple[str, str]:
    """The same for one that is tried: which models were found."""
    if not server.model_names:
        return server.trouble, 'bad'
    named = ', '.join(server.model_names[:MOST_NAMED])
    more = ' …' if len(server.model_names) > MOST_NAMED else '.'
    return f'Found {pluralize(len(server.model_names), "model")}: {named}{more}', 'good'
