"""Which model answers in a conversation, and the list from which to pick another."""

from collections.abc import Iterable
from dataclasses import replace
from html import escape
from itertools import groupby

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.agent.choice import ModelChoice, label_of
from chat.agent.models import ModelChoices
from chat.conversation.live import LiveConversation
from chat.errors import ModelMissing
from chat.ui.markup import Tag, Text

PICK = '(event) => { const row = event.target.closest("[data-name]"); if (row) emit(row.dataset.name); }'

FILTER = """(event) => {
    const list = event.target.nextElementSibling, words = event.target.value.toLowerCase().split(/\\s+/);
    list.querySelectorAll("[data-name]").forEach((row) =>
        row.hidden = !words.every((word) => row.dataset.name.toLowerCase().includes(word)));
    list.querySelectorAll(".model-group").forEach((group) =>
        group.hidden = !group.parentElement.querySelector("[data-name]:not([hidden])"));
}"""

ENTER = """(event) => {
    if (event.key !== "Enter") return;
    const name = event.target.value.trim();
    const first = event.target.nextElementSibling.querySelector("[data-name]:not([hidden])");
    if (first || name.includes(":")) emit(first ? first.dataset.name : name);
}"""


class ModelPicker(Tag):
    """A button with the model's name; a click opens the list of all that can be picked."""

    def __init__(self, live: LiveConversation, models: ModelChoices) -> None:
        super().__init__(
            'button', 'model-picker', type='button', data_testid='model-picker', aria_haspopup='listbox'
        )
        self._live = live
        self._models = models
        self._default = ''
        with self:
            self._label = Text('span', '', 'model-label')
            ui.icon('sym_o_keyboard_arrow_down').props('aria-hidden=true')
            with ui.menu().classes('model-menu').props('anchor="bottom left" self="top left"') as self._menu:
                search = Tag(
                    'input', 'model-search', placeholder='Search, or type provider:model', autofocus=''
                )
                self._options = ui.html('', sanitize=False).props('role=listbox aria-label=Models')
        search.on('input', js_handler=FILTER).on('keydown', self._pick, js_handler=ENTER)
        self._options.on('click', self._pick, js_handler=PICK)
        self._menu.on('before-show', self._open)
        ui.timer(0, self._learn_default, once=True)

    def show(self) -> None:
        """Name the model that will answer next."""
        name = self._live.details.model or self._default
        self._label.set_text(label_of(name) if name else 'Choose a model')

    async def _learn_default(self) -> None:
        try:
            self._default = await self._models.default()
        except ModelMissing:
            self._default = ''  # the answer to the first prompt says what is missing
        self.show()

    async def _open(self) -> None:
        self._show_options()
        await self._models.refresh()  # a server may have been started since
        self._show_options()

    def _show_options(self) -> None:
        selected = self._live.details.model or self._default
        self._options.set_content(options(self._models.choices, selected))

    async def _pick(self, event: GenericEventArguments) -> None:
        self._menu.close()
        if isinstance(name := event.args, str):
            await self._live.amend(lambda details: replace(details, model=name))


def options(choices: Iterable[ModelChoice], selected: str) -> str:
    """The list as HTML, grouped by provider."""
    groups = groupby(choices, key=lambda choice: choice.provider)
    return ''.join(
        f'<div><div class="model-group">{escape(provider)}</div>'
        + ''.join(_option(choice, is_selected=choice.name == selected) for choice in group)
        + '</div>'
        for provider, group in groups
    )


def _option(choice: ModelChoice, *, is_selected: bool) -> str:
    return (
        f'<div class="model-option{" selected" if is_selected else ""}" role="option" tabindex="0"'
        f' aria-selected="{str(is_selected).lower()}" data-testid="model-option"'
        f' data-name="{escape(choice.name)}">{escape(choice.label)}</div>'
    )
