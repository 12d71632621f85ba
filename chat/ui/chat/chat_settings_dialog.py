"""How a model is to answer in one conversation: its instructions, its temperature and its tools."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field, Strict, TypeAdapter

from chat.agent_config import AgentRoster
from chat.conversation.chat_settings import PreferencesStore
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.sharing import Sharing
from chat.ui.chat.tool_switches import ToolSwitches
from chat.ui.fields import InputField, RemovableItems, SettingRow, TextField
from chat.ui.follow_changes import follow
from chat.ui.formatting import allowed_tool_key, allowed_tool_names
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.notifications import notify_on_error
from chat.ui.page_events import parse_event

OPEN_SCRIPT = '() => document.querySelector(".chat-settings-dialog").showModal()'
CLOSE_SCRIPT = '(event) => event.target.closest("dialog").close()'
TEMPERATURE_SCRIPT = '(event) => emit(Number(event.target.value))'

DIALOG_LABEL = 'Chat settings'

MAX_TEMPERATURE = 2.0

TEMPERATURE = TypeAdapter(Annotated[float, Strict(), Field(ge=0, le=MAX_TEMPERATURE)])


class ChatSettingsButton(IconButton):
    """Opens the dialog; a dot says that something is set there."""

    def __init__(self, live: LiveConversation) -> None:
        super().__init__('sym_o_tune', DIALOG_LABEL, 'chat-settings-button', data_testid='chat-settings')
        self._live = live
        self._is_set = False
        self.on('click', js_handler=OPEN_SCRIPT)

    def show(self) -> None:
        """Bring the dot up to date."""
        metadata = self._live.metadata
        is_set = bool(metadata.instructions or metadata.tools) or metadata.temperature is not None
        if is_set != self._is_set:
            self._is_set = is_set
            self.props['data-set'] = 'true' if is_set else 'false'


class ChatSettingsDialog(HtmlElement):
    """Is the same on all pages of the conversation, and holds from the next answer on."""

    def __init__(
        self, live: LiveConversation, preferences: PreferencesStore, agents: AgentRoster, sharing: Sharing
    ) -> None:
        super().__init__(
            'dialog',
            'dialog chat-settings-dialog',
            aria_label=DIALOG_LABEL,
            data_testid='chat-settings-dialog',
        )
        self._live = live
        self._preferences = preferences
        self._shown: object = None
        with self:
            HtmlText('h2', 'Chat settings')
            with SettingRow(
                'System prompt',
                'What the model should know and do in this chat. Replaces the one in Settings.',
                classes='wide',
            ):
                self._instructions = TextField(
                    'System prompt of this chat', self._set_instructions, testid='chat-instructions'
                )
            with SettingRow(
                'Temperature',
                'Lower is more focused, higher more creative. Not every model supports it.',
                classes='wide',
            ):
                self._build_temperature()
            self._tools = ToolSwitches(live, agents, sharing)
            with SettingRow(
                'Tools that run without asking',
                'Only in this chat.',
                classes='wide',
            ) as self._allowed_row:
                self._allowed = RemovableItems(self._disallow, testid='chat-allowed-tools')
            with HtmlElement('div', 'dialog-row'):
                done = HtmlText('button', 'Done', 'text-button', type='button')
                done.on('click', js_handler=CLOSE_SCRIPT)
            follow(preferences.changed, self.show)

    def _build_temperature(self) -> None:
        with HtmlElement('div', 'temperature'):
            self._slider = InputField(
                'slider',
                type='range',
                min='0',
                max=str(MAX_TEMPERATURE),
                step='0.1',
                aria_label='Temperature',
                data_testid='chat-temperature',
            ).on('change', parse_event(TEMPERATURE, self._set_temperature), js_handler=TEMPERATURE_SCRIPT)
            self._temperature_label = HtmlText('output', '', 'temperature-value', data_testid='chat-degrees')
            self._reset = HtmlText('button', 'Reset to default', 'text-button', type='button')
            self._reset.on('click', self._reset_temperature, args=[])

    def show(self) -> None:
        """Bring the fields up to date."""
        metadata = self._live.metadata
        self._tools.show()
        self._allowed.show(allowed_tool_names(metadata.allowed))
        self._allowed_row.set_visibility(bool(metadata.allowed))
        shown = (metadata.instructions, metadata.temperature, self._preferences.current.instructions)
        if shown == self._shown:
            return
        self._shown = shown
        self._instructions.props['placeholder'] = (
            self._preferences.current.instructions or 'What the model should know and do in this chat …'
        )
        self._instructions.show(metadata.instructions)
        is_set = metadata.temperature is not None
        self._slider.props['data-set'] = 'true' if is_set else 'false'
        self._slider.show(str(metadata.temperature if is_set else MAX_TEMPERATURE / 2))
        self._temperature_label.set_text(f'{metadata.temperature:.1f}' if is_set else 'Default')
        self._reset.set_visibility(is_set)

    async def _disallow(self, key: str) -> None:
        for tool in (tool for tool in self._live.metadata.allowed if allowed_tool_key(tool) == key):
            await notify_on_error(self._live.decisions.allow(tool, is_allowed=False))

    async def _set_instructions(self, text: str) -> None:
        await notify_on_error(
            self._live.update_metadata(lambda metadata: replace(metadata, instructions=text.strip()))
        )

    async def _set_temperature(self, degrees: float) -> None:
        await notify_on_error(
            self._live.update_metadata(lambda metadata: replace(metadata, temperature=degrees))
        )

    async def _reset_temperature(self) -> None:
        await notify_on_error(
            self._live.update_metadata(lambda metadata: replace(metadata, temperature=None))
        )
