"""The menu from which one picks a model: searched and walked through in the browser."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Annotated, NotRequired, TypedDict

from nicegui import ui
from pydantic import Field, StrictStr, TypeAdapter

from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_choice import ModelChoice
from chat.agent_names import agent_model_name, is_agent_model
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.comparison import MAX_MODELS
from chat.ui.follow_changes import follow
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import TEXT, parse_event

MAX_RECENT_MODELS = 3
"""Models that stand above all others because they were picked last."""

_SEVERAL = TypeAdapter(Annotated[tuple[StrictStr, ...], Field(max_length=MAX_MODELS)])


class ModelRow(TypedDict):
    """One model, as the browser gets it."""

    name: str
    label: str


class ModelGroup(TypedDict):
    """Models under one heading, as the browser gets them."""

    heading: str
    recent: bool
    """Whether these also stand in other groups."""
    models: list[ModelRow]
    problem: NotRequired[str]
    """Why there are no models, if it is a server that has none."""


class ModelMenu(ui.element, component=COMPONENTS / 'model_menu.js'):
    """All models, with a field to search them; keys do all that a mouse does.

    Opens below the button it is built in; while it is open, it keeps up with what is known of models.
    """

    def __init__(
        self,
        models: ModelCatalog,
        preferences: PreferencesStore,
        *,
        selected: Callable[[], str],
        pick: Callable[[str], Awaitable[None]],
        first: Sequence[ModelChoice] = (),
        agent: Callable[[], str] = lambda: '',
        compare: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        """`first` stands above all models, and may be no model; of agents only that of `agent` is there.

        `compare` is called with several models, if several can be chosen at all.
        """
        super().__init__()
        self._models = models
        self._preferences = preferences
        self._selected = selected
        self._first = first
        self._agent = agent
        self._shown: object = None
        self._is_open = False
        self.on('open', self._open, args=[])
        self.on('close', self._close, args=[])
        self.on('pick', parse_event(TEXT, pick))
        if compare:
            self.props['compares'] = True
            self.on('compare', parse_event(_SEVERAL, compare))
        with self:
            follow(models.changed, self._show)

    async def _open(self) -> None:
        self._is_open = True
        self._show()
        await self._models.refresh()  # a server may have been started since

    def _close(self) -> None:
        self._is_open = False

    def _show(self) -> None:
        if not self._is_open:
            return
        recent, known = self._preferences.current.recent_models, self._models.snapshot
        groups = groups_of([*self._first, *known.choices], recent, known.troubles, self._agent())
        if (shown := (groups, self._selected())) != self._shown:
            self._shown = shown
            self.props.update(groups=groups, selected=shown[1])
            self.update()


def groups_of(
    choices: Sequence[ModelChoice], recent: Iterable[str], troubles: Mapping[str, str], agent: str
) -> list[ModelGroup]:
    """Return the choices by provider; if there are many, those picked last also stand above them all.

    `troubles` says by headings why servers have no models; these stand before what has some. Of the models
    that agents bring along, that of `agent` is there, before all others.
    """
    own_name = agent_model_name(agent)
    own = [choice for choice in choices if choice.name == own_name]
    choices = [choice for choice in choices if not is_agent_model(choice.name)]
    groups = [
        ModelGroup(heading=provider, recent=False, models=[_row(choice) for choice in group])
        for provider, group in groupby(choices, key=lambda choice: choice.provider)
    ]
    without = [heading for heading in troubles if all(group['heading'] != heading for group in groups)]
    groups = [*(ModelGroup(heading=heading, recent=False, models=[]) for heading in without), *groups]
    for group in groups:
        if problem := troubles.get(group['heading']):
            group['problem'] = problem
    by_name = {choice.name: choice for choice in choices}
    picked = [_row(by_name[name]) for name in recent if name in by_name][:MAX_RECENT_MODELS]
    first = [ModelGroup(heading=one.provider, recent=False, models=[_row(one)]) for one in own]
    last = [ModelGroup(heading='Recent', recent=True, models=picked)] if picked else []
    return [*first, *last, *groups]


def _row(choice: ModelChoice) -> ModelRow:
    return ModelRow(name=choice.name, label=choice.label)
