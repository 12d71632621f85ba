"""How a model is to answer in one conversation: its instructions, its parameters and its tools."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from chat.agent_config import AgentRoster
from chat.conversation.chat_settings import PreferencesStore
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.sharing import Sharing
from chat.ui.chat.tool_switches import ToolSwitches
from chat.ui.fields import NumberField, RemovableItems, Segments, SettingRow, Slider, TextField
from chat.ui.follow_changes import follow
from chat.ui.formatting import allowed_tool_key, allowed_tool_names
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.notifications import notify_on_error

OPEN_SCRIPT = 'document.querySelector(".chat-settings-dialog").showModal()'
CLOSE_SCRIPT = '(event) => event.target.closest("dialog").close()'

DIALOG_LABEL = 'Chat settings'

DEFAULT_EFFORT = 'default'

EFFORT_LABELS = {DEFAULT_EFFORT: 'Default', 'off': 'Off', 'low': 'Low', 'medium': 'Medium', 'high': 'High'}


class ChatSettingsButton(IconButton):
    """Opens the dialog; a dot says that something is set there."""

    def __init__(self, live: LiveConversation, open_dialog: Callable[[], None]) -> None:
        super().__init__('sym_o_tune', DIALOG_LABEL, 'chat-settings-button', data_testid='chat-settings')
        self._live = live
        self._is_set = False
        self.on('click', open_dialog, args=[])

    def show(self) -> None:
        """Bring the dot up to date."""
        metadata = self._live.metadata
        is_set = bool(metadata.instructions or metadata.tools) or metadata.are_set
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
            self._tools = ToolSwitches(live, agents, sharing)
            self._build_parameters()
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

    def _build_parameters(self) -> None:
        with SettingRow(
            'Thinking', 'More takes longer and costs more. Not every model has it.', classes='wide'
        ):
            self._effort = Segments('Thinking', EFFORT_LABELS, self._set_effort, testid='chat-effort')
        with SettingRow(
            'Temperature',
            'Lower is more focused, higher more creative. Not every model supports it.',
            classes='wide',
        ):
            self._temperature = Slider(
                'temperature',
                partial(self._set, 'temperature'),
                maximum=2.0,
                step=0.1,
                testid='chat-temperature',
            )
        with SettingRow(
            'Top-p',
            'How many unlikely words it may choose from. Change this or the temperature.',
            classes='wide',
        ):
            self._top_p = Slider(
                'top-p', partial(self._set, 'top_p'), maximum=1.0, step=0.05, testid='chat-top-p'
            )
        with SettingRow(
            'Longest answer', 'In tokens, thinking included. A longer one is cut off.', tag='label'
        ):
            self._max_tokens = NumberField(
                'Longest answer in tokens',
                self._set_max_tokens,
                placeholder='Default',
                testid='chat-max-tokens',
            )

    def open(self) -> None:
        """Show it to the person at this page."""
        self.client.run_javascript(OPEN_SCRIPT)

    def show(self) -> None:
        """Bring the fields up to date."""
        metadata = self._live.metadata
        self._tools.show()
        self._allowed.show(allowed_tool_names(metadata.allowed))
        self._allowed_row.set_visibility(bool(metadata.allowed))
        shown = (metadata.instructions, metadata.parameters, self._preferences.current.instructions)
        if shown == self._shown:
            return
        self._shown = shown
        self._instructions.props['placeholder'] = (
            self._preferences.current.instructions or 'What the model should know and do in this chat …'
        )
        self._instructions.show(metadata.instructions)
        self._effort.show(metadata.thinking or DEFAULT_EFFORT)
        self._temperature.show(metadata.temperature)
        self._top_p.show(metadata.top_p)
        self._max_tokens.show_number(metadata.max_tokens or 0)

    async def _disallow(self, key: str) -> None:
        for tool in (tool for tool in self._live.metadata.allowed if allowed_tool_key(tool) == key):
            await notify_on_error(self._live.decisions.allow(tool, is_allowed=False))

    async def _set_instructions(self, text: str) -> None:
        await notify_on_error(
            self._live.update_metadata(lambda metadata: replace(metadata, instructions=text.strip()))
        )

    async def _set_effort(self, effort: str) -> None:
        await self._set('thinking', None if effort == DEFAULT_EFFORT else effort)

    async def _set_max_tokens(self, tokens: int) -> None:
        await self._set('max_tokens', tokens or None)

    async def _set(self, parameter: str, value: object) -> None:
        await notify_on_error(
            self._live.update_metadata(lambda metadata: replace(metadata, **{parameter: value}))
        )
