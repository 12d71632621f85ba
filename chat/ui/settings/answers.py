"""Who answers and what they are told, and who finds the titles."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_choice import ModelChoice, label_of
from chat.conversation.content.chat_settings import PreferencesStore
from chat.ui.fields import NumberField, Section, SettingRow, Switch, TextField
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, HtmlText, Icon, Link
from chat.ui.model_menu import ModelMenu
from chat.ui.notifications import notify_on_error

LAST_PICKED_LABEL = 'Last used'
SMALL_MODEL_LABEL = 'Cheapest of the same provider'


class AnswersSection(Section):
    """The model and the instructions of conversations that have none of their own."""

    def __init__(self, models: ModelCatalog, preferences: PreferencesStore) -> None:
        super().__init__('Answers')
        self._preferences = preferences
        with self:
            with SettingRow(
                'Default model', 'Used for new chats. Each chat keeps its model until you change it there.'
            ):
                self._model = self._model_field(models, preferences)
            with SettingRow(
                'System prompt',
                'For every chat that has none of its own.',
                classes='wide',
            ):
                self._instructions = TextField(
                    'System prompt',
                    self._set_instructions,
                    placeholder='How you like answers, what the model should know about you …',
                    testid='default-instructions',
                )
            follow(preferences.changed, self._show)

    def _model_field(self, models: ModelCatalog, preferences: PreferencesStore) -> 'ModelSetting | None':
        if named := models.preferred:
            HtmlText('span', f'{label_of(named)} (set by --model)', 'setting-fact')
            return None
        return ModelSetting(
            models,
            preferences,
            'Default model',
            otherwise=LAST_PICKED_LABEL,
            named=lambda: preferences.current.model,
            name=self._set_model,
            testid='default-model',
        )

    def _show(self) -> None:
        self._instructions.show(self._preferences.current.instructions)
        if self._model:
            self._model.show()

    async def _set_model(self, name: str | None) -> None:
        await notify_on_error(self._preferences.update(lambda now: replace(now, model=name)))

    async def _set_instructions(self, text: str) -> None:
        await notify_on_error(self._preferences.update(lambda now: replace(now, instructions=text.strip())))


class TitlesSection(Section):
    """Whether a model finds titles, and which one."""

    def __init__(self, models: ModelCatalog, preferences: PreferencesStore) -> None:
        super().__init__('Titles')
        self._preferences = preferences
        with self:
            self._switch = Switch(
                'Generate titles automatically',
                'Sends the beginning of a chat to a model. Titles that you set yourself are never changed.',
                self._set_refines,
                testid='refine-titles',
            )
            with SettingRow('Title model') as self._row:
                self._model = ModelSetting(
                    models,
                    preferences,
                    'Title model',
                    otherwise=SMALL_MODEL_LABEL,
                    named=lambda: preferences.current.title_model,
                    name=self._set_model,
                    testid='title-model',
                )
            follow(preferences.changed, self._show)

    def _show(self) -> None:
        self._switch.show(self._preferences.current.refines_titles)
        self._row.set_visibility(self._preferences.current.refines_titles)
        self._model.show()

    async def _set_refines(self, is_on: bool) -> None:
        await notify_on_error(self._preferences.update(lambda now: replace(now, refines_titles=is_on)))

    async def _set_model(self, name: str | None) -> None:
        await notify_on_error(self._preferences.update(lambda now: replace(now, title_model=name)))


class LimitsSection(Section):
    """How many tokens an answer, and all answers of a day, may take."""

    def __init__(self, preferences: PreferencesStore) -> None:
        super().__init__('Usage', id='limits')
        self._preferences = preferences
        with self:
            with SettingRow('Tokens per answer', 'An answer that takes more is ended.', tag='label'):
                self._answer = NumberField('Tokens per answer', self._set_answer, testid='limit-answer')
            with SettingRow('Tokens per day', 'After that, nothing is asked until tomorrow.', tag='label'):
                self._day = NumberField('Tokens per day', self._set_day, testid='limit-day')
            with SettingRow('Used so far', 'By day and model, with what it cost.'):
                Link('/usage', 'text-button', 'Show usage', data_testid='open-usage')
            follow(preferences.changed, self._show)

    def _show(self) -> None:
        self._answer.show_number(self._preferences.current.limit_answer)
        self._day.show_number(self._preferences.current.limit_day)

    async def _set_answer(self, tokens: int) -> None:
        await notify_on_error(self._preferences.update(lambda now: replace(now, limit_answer=tokens)))

    async def _set_day(self, tokens: int) -> None:
        await notify_on_error(self._preferences.update(lambda now: replace(now, limit_day=tokens)))


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
            self._words = HtmlText('span', '', 'select-text')
            Icon('keyboard_arrow_down')
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
