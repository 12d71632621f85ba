"""The servers of models: what each said when it was asked last, and a form for those that a person adds."""

from dataclasses import dataclass
from typing import Annotated, TypedDict

from nicegui import ui
from pydantic import Field, SecretStr, StrictBool, StrictStr, TypeAdapter

from chat.agent.added_servers import AddedServers, ServerDescription
from chat.agent.model_catalog import ModelCatalog
from chat.agent.servers import ModelServer
from chat.conversation.error_messages import error_message
from chat.errors import ChatError
from chat.ui.fields import Section
from chat.ui.follow_changes import follow
from chat.ui.formatting import pluralize
from chat.ui.html import HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.notifications import notify_on_error
from chat.ui.page_events import TEXT, parse_event
from chat.ui.page_tasks import start_when_connected

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerForm:
    """What stands in the form."""

    serial: int
    """The number of what it asks for."""
    name: StrictStr
    address: StrictStr
    key: SecretStr
    drops_key: Annotated[StrictBool, Field(validation_alias='dropsKey')] = False
    is_new: Annotated[StrictBool, Field(validation_alias='isNew')] = False

    @property
    def description(self) -> ServerDescription:
        """The server that it describes."""
        return ServerDescription(
            name=self.name,
            address=self.address,
            key=self.key if self.key.get_secret_value().strip() else None,
            drops_key=self.drops_key,
            is_new=self.is_new,
        )


SERVER_FORM = TypeAdapter(ServerForm)


class ServerSection(Section):
    """All servers that are asked for models, and a form for another one."""

    def __init__(self, models: ModelCatalog, added: AddedServers, *, trouble: str) -> None:
        """`trouble` says why those that were added could not be read."""
        super().__init__('Servers', NOTE)
        with self:
            if trouble:
                HtmlText('p', trouble, 'key-problem', role='alert', data_testid='server-problem')
            ServerList(models, added)


class ServerList(ui.element, component=COMPONENTS / 'server_list.js'):
    """They are asked when the page is opened. No key is kept in this object: none can be sent to a page."""

    def __init__(self, models: ModelCatalog, added: AddedServers) -> None:
        super().__init__()
        self._models = models
        self._added = added
        self._shown: object = None
        # As for keys: within the app the browser has the fragment too late; as it loads, it alone has it.
        self.props['wanted'] = ''.join(
            ui.context.client.sub_pages_router.current_path.partition('#servers')[1:]
        )
        self.props['removal'] = REMOVAL
        self.on('ask', parse_event(TEXT, models.refresh_server))
        self.on('test', parse_event(SERVER_FORM, self._test))
        self.on('save', parse_event(SERVER_FORM, self._save))
        self.on('remove', parse_event(TEXT, self._remove))
        with self:
            follow(models.changed, self._show)
            start_when_connected(models.refresh)

    def _show(self) -> None:
        rows = [self._row(server) for server in self._models.snapshot.servers]
        if rows != self._shown:
            self._shown = rows
            self.props['servers'] = rows

    def _row(self, server: ModelServer) -> ServerRow:
        state, kind = server_state(server)
        return ServerRow(
            name=server.prefix,
            heading=server.heading,
            address=self._added.address(server.prefix) if server.is_added else '',
            has_key=bool(server.authorization),
            is_added=server.is_added,
            state=state,
            kind=kind,
        )

    async def _test(self, form: ServerForm) -> None:
        try:
            server = self._added.unsaved_server(form.description)
        except ChatError as error:
            self._answer(form.serial, str(error), 'bad')
            return
        self._answer(form.serial, *check_result_of(await server.queried()))

    async def _save(self, form: ServerForm) -> None:
        try:
            await self._added.save(form.description)
        except (ChatError, OSError) as error:
            self._answer(form.serial, error_message(error), 'bad')
            return
        self._answer(form.serial, '', 'saved')
        await self._models.refresh_server(form.name.strip())

    async def _remove(self, name: str) -> None:
        await notify_on_error(self._added.remove(name))

    def _answer(self, serial: int, text: str, kind: str) -> None:
        """Tell the form what has become of what it asked for; `serial` is the number of that."""
        self.props['outcome'] = {'serial': serial, 'text': text, 'kind': kind}


def server_state(server: ModelServer) -> tuple[str, str]:
    """Return what it said when it was asked last, and what to think of that."""
    if server.is_asking or not server.was_asked:
        return 'Testing …', 'asking'
    if server.model_names:
        return pluralize(len(server.model_names), 'model') + '.', ''
    if server.is_down and not server.is_named:
        return 'Not running.', ''
    return server.trouble, 'bad'


def check_result_of(server: ModelServer) -> tuple[str, str]:
    """Return the same for one that is tried: which models were found."""
    if not server.model_names:
        return server.trouble, 'bad'
    named = ', '.join(server.model_names[:MOST_NAMED])
    more = ' …' if len(server.model_names) > MOST_NAMED else '.'
    return f'Found {pluralize(len(server.model_names), "model")}: {named}{more}', 'good'
