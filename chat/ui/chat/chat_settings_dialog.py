"""How a model is to answer in one conversation: its instructions, its parameters and its tools."""

from collections.abc import Callable
from dataclasses import replace

from chat.agent_config import AgentRoster
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.sharing import Sharing
from chat.ui.chat.tool_switches import ToolSwitches
from chat.ui.fields import RemovableItems, SettingRow, TextField
from chat.ui.follow_changes import follow
from chat.ui.formatting import allowed_tool_key, allowed_tool_names
from chat.ui.html import CLOSE_DIALOG_SCRIPT, Dialog, HtmlElement, HtmlText, IconButton
from chat.ui.notifications import notify_on_error
from chat.ui.parameter_fields import ChangeParameters, ParameterFields

DIALOG_LABEL = 'Chat settings'


class ChatSettingsButton(IconButton):
    """Opens the dialog; a dot says that something is set there."""

    def __init__(self, live: LiveConversation, open_dialog: Callable[[], None]) -> None:
        super().__init__('tune', DIALOG_LABEL, 'chat-settings-button', data_testid='chat-settings')
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


class ChatSettingsDialog(Dialog):
    """Is the same on all pages of the conversation, and holds from the next answer on."""

    def __init__(
        self,
        live: LiveConversation,
        preferences: PreferencesStore,
        agents: AgentRoster,
        sharing: Sharing,
        *,
        can_choose_folder: bool,
    ) -> None:
        super().__init__(DIALOG_LABEL, 'chat-settings-dialog', testid='chat-settings-dialog')
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
                self._folder = HtmlText('p', '', 'setting-hint', data_testid='folder-note')
            self._tools = ToolSwitches(live, agents, sharing, can_choose_folder=can_choose_folder)
            self._parameters = ParameterFields(self._set_parameters)
            with SettingRow(
                'Tools that run without asking',
                'Only in this chat.',
                classes='wide',
            ) as self._allowed_row:
                self._allowed = RemovableItems(self._disallow, testid='chat-allowed-tools')
            with HtmlElement('div', 'dialog-row'):
                done = HtmlText('button', 'Done', 'text-button', type='button')
                done.on('click', js_handler=CLOSE_DIALOG_SCRIPT)
            follow(preferences.changed, self.show)
            follow(preferences.folders.changed, self.show)

    def open(self) -> None:
        """Show it to the person at this page."""
        self.show_modal()

    def show(self) -> None:
        """Bring the fields up to date."""
        metadata = self._live.metadata
        self._tools.show()
        self._allowed.show(allowed_tool_names(metadata.allowed))
        self._allowed_row.set_visibility(bool(metadata.allowed))
        folder = self._preferences.folder_of(metadata)
        self._folder.set_text(f'The model is told the instructions of the folder “{folder.name}” first.')
        self._folder.set_visibility(bool(folder.instructions))
        shown = (metadata.instructions, metadata.parameters, self._preferences.current.instructions)
        if shown == self._shown:
            return
        self._shown = shown
        self._instructions.props['placeholder'] = (
            self._preferences.current.instructions or 'What the model should know and do in this chat …'
        )
        self._instructions.show(metadata.instructions)
        self._parameters.show(metadata.parameters)

    async def _disallow(self, key: str) -> None:
        for tool in (tool for tool in self._live.metadata.allowed if allowed_tool_key(tool) == key):
            await notify_on_error(self._live.decisions.allow(tool, is_allowed=False))

    async def _set_instructions(self, text: str) -> None:
        await notify_on_error(
            self._live.update_metadata(lambda metadata: replace(metadata, instructions=text.strip()))
        )

    async def _set_parameters(self, change: ChangeParameters) -> None:
        await notify_on_error(
            self._live.update_metadata(lambda metadata: metadata.with_parameters(change(metadata.parameters)))
        )
