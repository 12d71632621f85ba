"""A field that names a model, or what is taken when none is named."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from chat.agent.catalog import ModelCatalog
from chat.agent.model_choice import ModelChoice, label_of
from chat.conversation.preferences import PreferencesStore
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.models.model_menu import ModelMenu


class ModelSetting(HtmlElement):
    """A button that names it; a click opens the list of models."""

    def __init__(
        self,
        models: ModelCatalog,
        preferences: PreferencesStore,
        label: str,
        *,
        otherwise: str,
        named: Callable[[], str | None],
        name: Callable[[str | None], Awaitable[object]],
        testid: str,
    ) -> None:
        """`otherwise` says what is taken while `named` gives `None`; it can be picked too."""
        super().__init__(
            'button', 'select-button', type='button', aria_haspopup='listbox', data_testid=testid
        )
        self._label = label
        self._named = named
        self._otherwise = otherwise

        async def pick(picked: str) -> None:
            await name(picked or None)

        with self:
            self._words = HtmlText('span', '', 'select-words')
            ui.icon('sym_o_keyboard_arrow_down').props('aria-hidden=true')
            ModelMenu(
                models,
                preferences,
                selected=lambda: named() or '',
                pick=pick,
                first=[ModelChoice(name='', label=otherwise, provider='Default')],
            )

    def show(self) -> None:
        """Bring the name up to date."""
        name = self._named()
        words = label_of(name) if name else self._otherwise
        self._words.set_text(words)
        self.props['aria-label'] = f'{self._label}: {words}'
