"""The dialog in which a folder of chats is set: its name, its instructions and its model."""

from collections.abc import Callable
from dataclasses import replace

from nicegui import ui

from chat.agent.model_catalog import ModelCatalog
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.folders import NO_FOLDER, ChatFolder
from chat.conversation.content.metadata import clean_title
from chat.ui.fields import SettingRow, TextField
from chat.ui.html import CLOSE_DIALOG_SCRIPT, HtmlElement, HtmlText
from chat.ui.notifications import notify_on_error
from chat.ui.settings.answers import ModelSetting
from chat.ui.settings.library_section import NameField

OPEN_SCRIPT = 'document.querySelector(".folder-dialog").showModal()'

INSTRUCTIONS_HINT = (
    "What the model should know and do in these chats. Comes before a chat's own system prompt."
)


class FolderDialog(HtmlElement):
    """There is one on each page of the owner; `open` says which folder it is about."""

    def __init__(self, models: ModelCatalog, preferences: PreferencesStore) -> None:
        super().__init__(
            'dialog', 'dialog folder-dialog', aria_label='Folder settings', data_testid='folder-dialog'
        )
        self._models = models
        self._preferences = preferences

    def open(self, folder_id: str) -> None:
        """Show what is set for a folder; the fields are its own, also while another one is opened."""
        folder = self._preferences.folders.get(folder_id)
        if folder is None:
            return
        self.clear()
        with self:
            HtmlText('h2', 'Folder settings')
            self._build_fields(folder)
            with HtmlElement('div', 'dialog-row'):
                done = HtmlText('button', 'Done', 'text-button', type='button')
                done.on('click', js_handler=CLOSE_DIALOG_SCRIPT)
        ui.run_javascript(OPEN_SCRIPT)

    def _build_fields(self, folder: ChatFolder) -> None:
        async def change(make: Callable[[ChatFolder], ChatFolder]) -> None:
            if now := self._preferences.folders.get(folder.id):
                await notify_on_error(self._preferences.folders.put(make(now)))

        async def set_name(name: str) -> None:
            if own := clean_title(name):
                await change(lambda now: replace(now, name=own))

        async def set_instructions(text: str) -> None:
            await change(lambda now: replace(now, instructions=text.strip()))

        async def set_model(name: str | None) -> None:
            await change(lambda now: replace(now, model=name))
            model.show()

        with SettingRow('Name', tag='label'):
            NameField(set_name, testid='folder-name').show(folder.name)
        with SettingRow('Instructions', INSTRUCTIONS_HINT, classes='wide'):
            field = TextField('Instructions of the folder', set_instructions, testid='folder-instructions')
            field.show(folder.instructions)
        with SettingRow('Model', 'For its chats that have none.'):
            model = ModelSetting(
                self._models,
                self._preferences,
                'Model of the folder',
                otherwise='That of any new chat',
                named=lambda: (self._preferences.folders.get(folder.id) or NO_FOLDER).model,
                name=set_model,
                testid='folder-model',
            )
            model.show()
