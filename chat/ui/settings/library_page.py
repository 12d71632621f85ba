"""The page of assistants and saved prompts, and the fields of an assistant."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Annotated

from nicegui import ui
from pydantic import StringConstraints, TypeAdapter

from chat.agent.model_catalog import ModelCatalog
from chat.agent_config import BuiltInTool
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.library import Assistant, Library, Picture, SavedPrompt
from chat.ui.fields import SettingRow, Switch, TextField
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement
from chat.ui.javascript import COMPONENTS
from chat.ui.layout import PageNavigation, PlainPage
from chat.ui.notifications import notify_on_error
from chat.ui.page_events import parse_event
from chat.ui.parameter_fields import ChangeParameters, ParameterFields
from chat.ui.settings.answers import ModelSetting
from chat.ui.settings.library_section import (
    Change,
    CollectionSection,
    Editor,
    LibraryFileSection,
    NameField,
    PromptEditor,
)

ASSISTANTS_NOTE = (
    'Each has its own instructions, model and tools. You choose one at the start of a chat, which keeps '
    'what it got.'
)
PROMPTS_NOTE = 'Type / in an empty message box to insert one.'

LETTER = TypeAdapter(Annotated[str, StringConstraints(strict=True, max_length=8)])
PICTURE = TypeAdapter(Picture)


def library_page(
    library: Library,
    models: ModelCatalog,
    preferences: PreferencesStore,
    tools: tuple[BuiltInTool, ...],
    navigation: PageNavigation,
) -> None:
    """Build the page; `tools` are those that can be switched on."""
    ui.page_title('Assistants and prompts')
    page = PlainPage('Assistants and prompts', navigation)
    with page.body, HtmlElement('div', 'settings', data_testid='library-page'):
        CollectionSection(
            'Assistants',
            ASSISTANTS_NOTE,
            library.assistants,
            Assistant,
            partial(AssistantEditor, models=models, preferences=preferences, tools=tools),
            testid='assistant',
        )
        CollectionSection(
            'Saved prompts', PROMPTS_NOTE, library.prompts, SavedPrompt, PromptEditor, testid='prompt'
        )
        LibraryFileSection(library)


class AssistantSignField(ui.element, component=COMPONENTS / 'assistant_sign.js'):
    """What stands for an assistant: a letter, or a picture, which the browser makes small."""

    def __init__(
        self, set_letter: Callable[[str], Awaitable[None]], set_picture: Callable[[str], Awaitable[None]]
    ) -> None:
        super().__init__()
        self.on('letter', parse_event(LETTER, set_letter))
        self.on('picture', parse_event(PICTURE, set_picture))

    def show(self, assistant: Assistant) -> None:
        self.props.update(sign=assistant.sign, letter=assistant.letter, picture=assistant.picture)


class AssistantEditor(Editor[Assistant]):
    """All that a chat gets from it, and whether new chats begin with it."""

    def __init__(
        self,
        change: Change[Assistant],
        *,
        models: ModelCatalog,
        preferences: PreferencesStore,
        tools: tuple[BuiltInTool, ...],
    ) -> None:
        super().__init__('div')
        self._change = change
        self._preferences = preferences
        self._entry = Assistant()
        self._switches: dict[str, Switch] = {}
        with self:
            with SettingRow('Picture', 'Or a letter in its place.'):
                self._sign = AssistantSignField(self._set_letter, self._set_picture)
            with SettingRow('Name', tag='label'):
                self._name = NameField(self._set_name, testid='assistant-name')
            with SettingRow('Instructions', 'What the model should know and do.', classes='wide'):
                self._instructions = TextField(
                    'Instructions', self._set_instructions, testid='assistant-instructions'
                )
            with SettingRow('Model'):
                self._model = self._model_setting(models)
            self._parameters = ParameterFields(self._set_parameters)
            for tool in (tool for tool in tools if not tool.check_folder):
                self._switches[tool.name] = self._tool_switch(tool)
            with SettingRow(
                'Suggestions', 'What a new chat offers to ask, one on each line.', classes='wide'
            ):
                self._suggestions = TextField(
                    'Suggestions', self._set_suggestions, testid='assistant-suggestions'
                )
            self._default = Switch(
                'Use for new chats',
                'Each new chat begins with it, unless you choose another.',
                self._set_default,
                testid='assistant-default',
            )
            follow(preferences.changed, self._show_default)

    def _model_setting(self, models: ModelCatalog) -> ModelSetting:
        return ModelSetting(
            models,
            self._preferences,
            'Model of the assistant',
            otherwise='That of any new chat',
            named=lambda: self._entry.model,
            name=self._set_model,
            testid='assistant-model',
        )

    def _tool_switch(self, tool: BuiltInTool) -> Switch:
        return Switch(
            tool.title,
            tool.sentence,
            partial(self._switch, tool.name),
            testid='tool-switch',
            data_name=tool.name,
        )

    def show(self, entry: Assistant) -> None:
        self._entry = entry
        self._sign.show(entry)
        self._name.show(entry.name)
        self._instructions.show(entry.instructions)
        self._model.show()
        self._parameters.show(entry)
        for name, switch in self._switches.items():
            switch.show(name in entry.tools)
        self._suggestions.show('\n'.join(entry.suggestions))
        self._show_default()

    def _show_default(self) -> None:
        self._default.show(bool(self._entry.id) and self._preferences.current.assistant == self._entry.id)

    async def _set_name(self, name: str) -> None:
        await self._change(lambda assistant: replace(assistant, name=' '.join(name.split())))

    async def _set_letter(self, letter: str) -> None:
        await self._change(lambda assistant: replace(assistant, letter=letter.strip()))

    async def _set_picture(self, picture: str) -> None:
        await self._change(lambda assistant: replace(assistant, picture=picture))

    async def _set_instructions(self, text: str) -> None:
        await self._change(lambda assistant: replace(assistant, instructions=text.strip()))

    async def _set_model(self, name: str | None) -> None:
        await self._change(lambda assistant: replace(assistant, model=name))

    async def _set_parameters(self, change: ChangeParameters) -> None:
        await self._change(lambda assistant: assistant.with_parameters(change(assistant.parameters)))

    async def _switch(self, name: str, is_on: bool) -> None:
        await self._change(lambda assistant: assistant.with_tool(name, is_on=is_on))

    async def _set_suggestions(self, text: str) -> None:
        lines = tuple(line.strip() for line in text.splitlines() if line.strip())
        await self._change(lambda assistant: replace(assistant, suggestions=lines))

    async def _set_default(self, is_on: bool) -> None:
        chosen = self._entry.id if is_on else ''
        await notify_on_error(self._preferences.update(lambda now: replace(now, assistant=chosen)))
