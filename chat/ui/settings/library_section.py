"""Rows of assistants and of saved prompts; what is written in their fields is kept at once."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Generic

from nicegui import ui
from pydantic import StringConstraints, TypeAdapter

from chat.conversation.content.library import Entry, EntryCollection, Library, SavedPrompt
from chat.ui.fields import VALUE_SCRIPT, InputField, Section, SettingRow, TextField
from chat.ui.follow_changes import follow
from chat.ui.formatting import pluralize
from chat.ui.html import HtmlElement, HtmlText, Link
from chat.ui.javascript import confirm_script
from chat.ui.notifications import notify, notify_on_error, notifying_errors
from chat.ui.page_events import TEXT, parse_event

MAX_NAME_LENGTH = 80

NAME = TypeAdapter(Annotated[str, StringConstraints(strict=True, max_length=MAX_NAME_LENGTH)])


READ_FILE_SCRIPT = """async ({ target }) => {
    const [file] = target.files;
    const text = file && file.size < 900_000 ? await file.text() : "";
    target.value = "";
    emit(text);
}"""

FILE_NAME = 'parlour-assistants-and-prompts.json'

Change = Callable[[Callable[[Entry], Entry]], Awaitable[None]]
"""Does something to an entry as it is by then, and stores it."""


class Editor(HtmlElement, ABC, Generic[Entry]):
    """The fields of one entry."""

    @abstractmethod
    def show(self, entry: Entry) -> None:
        """Bring them up to date."""


class CollectionSection(Section, Generic[Entry]):
    """A row for each entry of a kind, and a button for another one."""

    def __init__(
        self,
        title: str,
        note: str,
        collection: EntryCollection[Entry],
        new: Callable[[], Entry],
        build_editor: Callable[[Change[Entry]], Editor[Entry]],
        *,
        testid: str,
    ) -> None:
        """Follow the collection; `new` makes an entry without a name, `testid` is in those of the buttons."""
        super().__init__(title, note)
        self._collection = collection
        self._new = new
        self._build_editor = build_editor
        self._testid = testid
        self._rows: dict[str, EntryRow[Entry]] = {}
        with self:
            if collection.trouble:
                HtmlText('p', collection.trouble, 'key-problem', role='alert')
            self._list = HtmlElement('div', 'library-list')
            add = HtmlText('button', 'Add', 'text-button', type='button', data_testid=f'{testid}-new')
            add.props['aria-label'] = f'Add: {title}'
            add.on('click', self._add, args=[])
            follow(collection.changed, self._show)

    def _show(self) -> None:
        for gone in [entry_id for entry_id in self._rows if self._collection.get(entry_id) is None]:
            self._rows.pop(gone).delete()
        for entry in self._collection.entries:
            if entry.id not in self._rows:
                with self._list:
                    self._rows[entry.id] = EntryRow(
                        self._collection, entry.id, self._build_editor, testid=self._testid
                    )
            self._rows[entry.id].show(entry)

    async def _add(self) -> None:
        entry = self._new()
        await notify_on_error(self._collection.put(entry))
        self._show()
        self._rows[entry.id].toggle()


class EntryRow(HtmlElement, Generic[Entry]):
    """The name of an entry, and its fields once somebody wants to edit it."""

    def __init__(
        self,
        collection: EntryCollection[Entry],
        entry_id: str,
        build_editor: Callable[[Change[Entry]], Editor[Entry]],
        *,
        testid: str,
    ) -> None:
        super().__init__('div', 'library-row', data_testid=f'{testid}-row', data_id=entry_id)
        self._collection = collection
        self._id = entry_id
        self._build_editor = build_editor
        self._editor: Editor[Entry] | None = None
        with self:
            with HtmlElement('div', 'setting'):
                self._name = HtmlText('span', '', 'setting-label')
                with HtmlElement('div', 'setting-actions'):
                    self._edit = HtmlText(
                        'button', '', 'text-button', type='button', data_testid=f'{testid}-edit'
                    )
                    remove = HtmlText(
                        'button', 'Remove', 'text-button', type='button', data_testid=f'{testid}-remove'
                    )
                self._edit.on('click', self.toggle, args=[])
                question = {'title': f'Remove this {testid}?', 'text': 'Chats keep what they got from it.'}
                remove.on('click', self._remove, js_handler=confirm_script({**question, 'action': 'Remove'}))
            self._fields = HtmlElement('div', 'library-fields')

    def show(self, entry: Entry) -> None:
        """Bring it up to date."""
        name = entry.name or 'Unnamed'
        self._name.set_text(name)
        self._edit.set_text('Close' if self._editor else 'Edit')
        self._edit.props['aria-label'] = f'{self._edit.text} {name}'
        self._edit.props['aria-expanded'] = 'true' if self._editor else 'false'
        if self._editor:
            self._editor.show(entry)

    def toggle(self) -> None:
        """Build the fields, or take them away."""
        self._fields.clear()
        if self._editor:
            self._editor = None
        else:
            with self._fields:
                self._editor = self._build_editor(self._change)
        if entry := self._collection.get(self._id):
            self.show(entry)

    async def _change(self, change: Callable[[Entry], Entry]) -> None:
        if entry := self._collection.get(self._id):
            await notify_on_error(self._collection.put(change(entry)))

    async def _remove(self) -> None:
        if entry := self._collection.get(self._id):
            await notify_on_error(self._collection.remove(entry))


class NameField(InputField):
    """What an entry is called."""

    def __init__(self, changed: Callable[[str], Awaitable[None]], *, testid: str) -> None:
        super().__init__(
            'text-line',
            type='text',
            maxlength=str(MAX_NAME_LENGTH),
            aria_label='Name',
            placeholder='Name',
            data_testid=testid,
        )
        self.on('change', parse_event(NAME, changed), js_handler=VALUE_SCRIPT)


class PromptEditor(Editor[SavedPrompt]):
    """Its name and its text."""

    def __init__(self, change: Change[SavedPrompt]) -> None:
        super().__init__('div')
        self._change = change
        with self:
            with SettingRow('Name', 'What you type after / to find it.', tag='label'):
                self._name = NameField(self._set_name, testid='prompt-name')
            with SettingRow('Text', '{{topic}} is a blank that you fill in each time.', classes='wide'):
                self._words = TextField('Text', self._set_text, testid='prompt-text')

    def show(self, entry: SavedPrompt) -> None:
        self._name.show(entry.name)
        self._words.show(entry.text)

    async def _set_name(self, name: str) -> None:
        await self._change(lambda prompt: replace(prompt, name=' '.join(name.split())))

    async def _set_text(self, text: str) -> None:
        await self._change(lambda prompt: replace(prompt, text=text))


class LibraryFileSection(Section):
    """All of them as one file, to take along or to give to others."""

    def __init__(self, library: Library) -> None:
        super().__init__('File')
        self._library = library
        with (
            self,
            SettingRow('Export and import', 'Assistants and prompts as one file, without keys and chats.'),
            HtmlElement('div', 'setting-actions'),
        ):
            save = HtmlText('button', 'Export', 'text-button', type='button', data_testid='library-export')
            save.on('click', self._export, args=[])
            with HtmlElement('label', 'text-button file-button'):
                HtmlText('span', 'Import')
                picker = HtmlElement(
                    'input', type='file', accept='.json,application/json', data_testid='library-import'
                )
                picker.on('change', parse_event(TEXT, self._import), js_handler=READ_FILE_SCRIPT)

    def _export(self) -> None:
        ui.download.content(self._library.dump(), FILE_NAME, 'application/json')

    async def _import(self, text: str) -> None:
        with notifying_errors():
            count = await self._library.load(text)
            notify(f'{pluralize(count, "change")} imported.' if count else 'All of it was here already.')


class LibrarySection(Section):
    """The way from the other settings to that page."""

    def __init__(self, library: Library) -> None:
        super().__init__('Assistants and prompts')
        self._library = library
        with (
            self,
            SettingRow('Your own', 'Instructions, models and texts that you use again and again.'),
        ):
            self._link = Link('/settings/library', 'text-button', data_testid='library-open')
        with self:
            follow(library.assistants.changed, self._show)
            follow(library.prompts.changed, self._show)

    def _show(self) -> None:
        kinds = ((self._library.assistants, 'assistant'), (self._library.prompts, 'prompt'))
        counts = [
            pluralize(len(collection.entries), noun) for collection, noun in kinds if collection.entries
        ]
        self._link.set_content(f'Manage ({", ".join(counts)})' if counts else 'Manage')
