"""The folder of this computer that the tools of a chat have, and the dialog in which it is chosen."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from chat.agent.tools.folder_rules import MISSING_MESSAGE, is_still_there, subfolders
from chat.agent_config import FOLDER_OPTION, BuiltInTool, ToolOptions
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.live_conversation import LiveConversation
from chat.errors import FolderRefused
from chat.ui.fields import InputField, SettingRow
from chat.ui.html import CLOSE_DIALOG_SCRIPT, Dialog, HtmlElement, HtmlText
from chat.ui.notifications import notify_on_error
from chat.ui.page_events import TEXT, parse_event
from chat.ui.page_tasks import start_when_connected

TITLE = 'Choose a folder'
NOTE = 'Hidden files, files named like keys, and links are left out. All else can be sent to the model.'
NOT_HERE = 'A folder can be chosen only at the computer that runs Parlour.'

HOME = '~'

ENTERED_SCRIPT = '(event) => emit(event.target.value)'
CHOSEN_SCRIPT = '(event) => emit(event.target.closest("dialog").querySelector("input").value)'


def with_options(
    metadata: ConversationMetadata, name: str, options: ToolOptions | None
) -> ConversationMetadata:
    """Return the metadata with this set of a tool; without the tool, if that is `None`."""
    others = {known: each for known, each in metadata.tools.items() if known != name}
    return replace(metadata, tools=others if options is None else {**others, name: options})


class FolderSetting(SettingRow):
    """Shows the folder, which can be taken away anywhere but chosen only by who may."""

    def __init__(self, live: LiveConversation, tool: BuiltInTool, hint: str, *, can_choose: bool) -> None:
        super().__init__(
            tool.title, hint if can_choose else f'{hint} {NOT_HERE}', classes='wide folder-setting'
        )
        self._live = live
        self._tool = tool
        self._can_choose = can_choose
        self._shown: str | None = None
        with self:
            self._path = HtmlText('div', '', 'setting-path', data_testid='folder-chosen')
            self._problem = HtmlText('p', '', 'folder-problem', role='alert', data_testid='folder-problem')
            with HtmlElement('div', 'folder-actions'):
                if can_choose:
                    chooser = FolderChooser(self._choose)
                    button = HtmlText(
                        'button', f'{TITLE} …', 'text-button', type='button', data_testid='folder-choose'
                    )
                    button.on('click', lambda: chooser.open(self._folder or HOME), args=[])
                self._remove = HtmlText(
                    'button', 'Take it away', 'text-button', type='button', data_testid='folder-remove'
                )
                self._remove.on('click', self._take_away, args=[])

    @property
    def _folder(self) -> str:
        path = self._live.metadata.tools.get(self._tool.name, {}).get(FOLDER_OPTION)
        return path if isinstance(path, str) else ''

    def show(self) -> None:
        """Bring it up to date."""
        folder = self._folder
        if folder == self._shown:
            return
        self._shown = folder
        self._path.set_text(folder)
        for element in (self._path, self._remove):
            element.set_visibility(bool(folder))
        self._problem.set_text('')
        if folder:
            start_when_connected(self._show_problem, self)

    async def _show_problem(self) -> None:
        folder = self._folder
        is_there = await asyncio.to_thread(is_still_there, Path(folder))
        if folder == self._folder:
            self._problem.set_text('' if is_there else MISSING_MESSAGE)

    async def _choose(self, text: str) -> None:
        """Give the tools this folder.

        Raises:
            FolderRefused: If it cannot be chosen.
        """
        if self._tool.check_folder is None or not self._can_choose:
            return  # no page has an element that says so
        folder = await asyncio.to_thread(self._tool.check_folder, text)
        await self._set({FOLDER_OPTION: str(folder)})

    async def _take_away(self) -> None:
        await self._set(None)

    async def _set(self, options: ToolOptions | None) -> None:
        await notify_on_error(
            self._live.update_metadata(lambda metadata: with_options(metadata, self._tool.name, options))
        )


class FolderChooser(Dialog):
    """Goes through the folders of this computer; a path can be entered, too."""

    def __init__(self, choose: Callable[[str], Awaitable[None]]) -> None:
        """`choose` raises `FolderRefused` with what is to be said here."""
        super().__init__(TITLE, 'folder-chooser', testid='folder-chooser')
        self._choose = choose
        with self:
            HtmlText('h2', TITLE)
            HtmlText('p', NOTE)
            self._path = InputField(
                'field',
                aria_label='Path of the folder',
                autocomplete='off',
                spellcheck='false',
                data_testid='folder-path',
            )
            self._path.on('change', parse_event(TEXT, self._go_to), js_handler=ENTERED_SCRIPT)
            self._problem = HtmlText('p', '', 'folder-problem', role='alert')
            self._list = HtmlElement('ul', 'folder-list', aria_label='Folders in it')
            with HtmlElement('div', 'dialog-row'):
                cancel = HtmlText('button', 'Cancel', 'text-button', type='button', autofocus='true')
                cancel.on('click', js_handler=CLOSE_DIALOG_SCRIPT)
                done = HtmlText(
                    'button',
                    'Choose this folder',
                    'text-button primary',
                    type='button',
                    data_testid='folder-confirm',
                )
                done.on('click', parse_event(TEXT, self._finish), js_handler=CHOSEN_SCRIPT)

    async def open(self, path: str) -> None:
        """Show it with what is in this folder, or in the home folder if that has gone."""
        self.show_modal()
        if not await self._go_to(path) and path != HOME:
            await self._go_to(HOME)

    async def _go_to(self, path: str) -> bool:
        try:
            folder, names = await asyncio.to_thread(subfolders, path)
        except FolderRefused as error:
            self._problem.set_text(str(error))
            return False
        self._problem.set_text('')
        self._path.show(str(folder))
        self._list.clear()
        with self._list:
            if folder.parent != folder:
                self._add_entry('Up one folder', folder.parent, 'folder-up')
            for name in names:
                self._add_entry(name, folder / name, 'folder-entry')
        return True

    def _add_entry(self, label: str, folder: Path, testid: str) -> None:
        with HtmlElement('li'):
            button = HtmlText('button', label, testid, type='button', data_testid=testid)
            button.on('click', partial(self._enter, str(folder)), args=[])

    async def _enter(self, path: str) -> None:
        """Go to a folder of the list; the focus stays in that, though its buttons are others."""
        if await self._go_to(path):
            self.client.run_javascript(f'getHtmlElement({self._list.id}).querySelector("button")?.focus()')

    async def _finish(self, path: str) -> None:
        try:
            await self._choose(path)
        except FolderRefused as error:
            self._problem.set_text(str(error))
        else:
            self.close()
