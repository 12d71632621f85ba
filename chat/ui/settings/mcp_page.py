"""The page of the servers of tools: their states, tools and logs, and a form for another one."""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from nicegui import ui
from pydantic import SecretStr, StrictBool, StrictStr, TypeAdapter

from chat.agent.mcp.connection_protocol import ListedTool
from chat.agent.mcp.run_tools import exposed_name, prefix_of
from chat.agent.mcp.server import McpServer
from chat.agent.mcp.servers import McpServers
from chat.agent.mcp.servers_file import FILE_NAME
from chat.conversation.content.chat_settings import Preferences, PreferencesStore
from chat.conversation.error_messages import error_message
from chat.errors import ChatError
from chat.ui.fields import Section, SettingRow
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, HtmlText, Link
from chat.ui.javascript import COMPONENTS
from chat.ui.layout import PageNavigation, PlainPage
from chat.ui.notifications import notify_on_error
from chat.ui.page_events import ACTION, TEXT, parse_event

NOTE = (
    'MCP servers bring tools to every chat. A tool asks before it runs, unless it is allowed. '
    'Changes count from the next answer.'
)

FILE_NOTE = (
    'Servers that are started by a command stand in this file only, as mcpServers in JSON, which other '
    'programs use too. It is read when Parlour starts, and when you ask for that here.'
)

REMOVAL = {
    'title': 'Remove this server?',
    'text': 'Its key is deleted. Answers that used its tools stay as they are.',
    'action': 'Remove',
}

MAX_DESCRIPTION_LENGTH = 300
"""Characters of what a server says of a tool; some write pages, which are for models."""


class ToolRow(TypedDict):
    """A tool, as the browser gets it."""

    name: str
    description: str
    is_on: bool
    why: str
    """Why nobody is asked before it runs; '' if somebody is."""
    is_allowed: bool
    """Whether a person has allowed that, so that it can be taken back here."""


class ServerCard(TypedDict):
    """A server, as the browser gets it: never with a key, a header or a variable."""

    name: str
    origin: str
    """Where it is, and where that is written."""
    state: str
    status: str
    is_added: bool
    tools: list[ToolRow]
    lines: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddForm:
    """What stands in the form."""

    serial: int
    """The number of what it asks for."""
    name: StrictStr
    address: StrictStr
    key: SecretStr


ADD_FORM = TypeAdapter(AddForm)
SWITCH = TypeAdapter(tuple[StrictStr, StrictStr, StrictBool])
"""A server, a tool of it, and whether it is to be on."""


def mcp_page(
    servers: McpServers, preferences: PreferencesStore, folder: Path | None, way: PageNavigation
) -> None:
    """Build the page."""

    async def reread() -> None:
        await notify_on_error(change_servers(servers, preferences, servers.reread()))

    ui.page_title('MCP servers')
    page = PlainPage('MCP servers', way)
    with page.body, HtmlElement('div', 'settings', data_testid='mcp-page'):
        with Section('Servers', NOTE):
            FilesTrouble(servers)
            McpServerList(servers, preferences)
        if folder:
            with Section('File'), SettingRow('Servers with a command', FILE_NOTE, classes='wide'):
                HtmlText('code', str(folder / FILE_NAME), 'setting-path', data_testid='mcp-file')
                with HtmlElement('div'):
                    again = HtmlText('button', 'Read again', 'text-button', data_testid='mcp-reread')
                again.on('click', reread, args=[])


async def change_servers(
    servers: McpServers, preferences: PreferencesStore, change: Awaitable[object]
) -> None:
    """Change them, and have the tools of those that end ask again: another server may take over the name.

    What was allowed in one chat stays, as its settings show it.

    Raises:
        OSError: If it could not be stored that they ask.
    """
    before = {server.prefix: server.entry for server in servers.servers}
    await change
    after = {server.prefix: server.entry for server in servers.servers}
    ended = {
        prefix
        for prefix, entry in before.items()
        if prefix not in after or not entry.is_same_server(after[prefix])
    }

    def without(now: Preferences) -> Preferences:
        kept = (each for each in now.allowed_tools if prefix_of(each.tool, before) not in ended)
        return replace(now, allowed_tools=tuple(kept))

    await preferences.update(without)


class FilesTrouble(HtmlElement):
    """What could not be read, if anything: the files are read again while the page is shown."""

    def __init__(self, servers: McpServers) -> None:
        super().__init__('div')
        self._servers = servers
        self._shown = ''
        with self:
            self._place = HtmlElement('div')
            follow(servers.changed, self._show)

    def _show(self) -> None:
        if self._shown != (text := self._servers.trouble):
            self._shown = text
            self._place.clear()
            if text:
                with self._place:
                    HtmlText('p', text, 'key-problem', role='alert', data_testid='server-problem')


class McpSection(Section):
    """The way from the other settings to that page."""

    def __init__(self, servers: McpServers) -> None:
        super().__init__('Tools')
        self._servers = servers
        with (
            self,
            SettingRow('MCP servers', 'Programs that bring tools, such as files, calendars or searches.'),
        ):
            self._link = Link('/settings/mcp', 'text-button', data_testid='mcp-open')
        with self:
            follow(servers.changed, self._show)

    def _show(self) -> None:
        servers = self._servers.servers
        ready = sum(server.state == 'ready' for server in servers)
        self._link.set_content(f'Manage ({ready} of {len(servers)} ready)' if servers else 'Manage')


class McpServerList(ui.element, component=COMPONENTS / 'mcp_servers.js'):
    """A page can add a server by its address only: nothing that it sends is ever run as a command."""

    def __init__(self, servers: McpServers, preferences: PreferencesStore) -> None:
        super().__init__()
        self._servers = servers
        self._preferences = preferences
        self._shown: object = None
        self.props['removal'] = REMOVAL
        self.on('reconnect', parse_event(TEXT, servers.reconnect))
        self.on('remove', parse_event(TEXT, self._remove))
        self.on('switch', parse_event(SWITCH, self._switch))
        self.on('add', parse_event(ADD_FORM, self._add))
        self.on('ask', parse_event(ACTION, self._ask_again))
        with self:
            follow(servers.changed, self._show)
            follow(preferences.changed, self._show)

    def _show(self) -> None:
        cards = [self._card(server) for server in self._servers.servers]
        if cards != self._shown:
            self._shown = cards
            self.props['servers'] = cards

    def _card(self, server: McpServer) -> ServerCard:
        entry = server.entry
        origin = [entry.address, '' if entry.is_added else self._servers.file_of(server)]
        return ServerCard(
            name=server.name,
            origin=' · '.join(filter(None, origin)),
            state=server.state,
            status=status_of(server),
            is_added=entry.is_added,
            tools=[self._tool(server, tool) for tool in server.tools],
            lines=list(server.lines),
        )

    def _tool(self, server: McpServer, tool: ListedTool) -> ToolRow:
        is_allowed = exposed_name(server.prefix, tool.name) in {
            allowed.tool for allowed in self._preferences.current.allowed_tools
        }
        why = '' if self._servers.asks(server, tool.name) else 'Runs without asking, as its file says.'
        return ToolRow(
            name=tool.name,
            description=shortened(tool.description or ''),
            is_on=self._servers.is_on(server, tool.name),
            why=why or ('Runs without asking, as you have allowed.' if is_allowed else ''),
            is_allowed=is_allowed and not why,
        )

    async def _ask_again(self, tool: tuple[str, str]) -> None:
        """Have a tool ask again wherever it has asked, whichever agent was given it."""
        server = next((each for each in self._servers.servers if each.name == tool[0]), None)
        name = exposed_name(server.prefix, tool[1]) if server else ''

        def without(now: Preferences) -> Preferences:
            return replace(now, allowed_tools=tuple(each for each in now.allowed_tools if each.tool != name))

        await notify_on_error(self._preferences.update(without))

    async def _add(self, form: AddForm) -> None:
        try:
            await self._servers.add(form.name, form.address, form.key)
        except (ChatError, OSError) as error:
            text = error_message(error)
        else:
            text = ''
        self.props['outcome'] = {'serial': form.serial, 'text': text}

    async def _remove(self, name: str) -> None:
        removal = self._servers.remove(name)
        await notify_on_error(change_servers(self._servers, self._preferences, removal))

    async def _switch(self, switch: tuple[str, str, bool]) -> None:
        server, tool, is_on = switch
        if not await notify_on_error(self._servers.switch(server, tool, is_on=is_on)):
            self._shown = None  # the browser shows already what could not be stored
            self._show()


def status_of(server: McpServer) -> str:
    """Return what there is to say of a server's connection."""
    match server.state:
        case 'connecting':
            return 'Connecting …'
        case 'ready':
            return f'Ready, connected in {server.seconds or 0:.1f} s.'
        case 'failed':
            return server.trouble
        case 'off':
            return 'Off: disabled in its file.'


def shortened(text: str) -> str:
    """Return the beginning of a description, on one line."""
    line = ' '.join(text.split())
    return line if len(line) <= MAX_DESCRIPTION_LENGTH else f'{line[:MAX_DESCRIPTION_LENGTH]}…'
