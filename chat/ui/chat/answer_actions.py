"""What can be done with an answer: copy it, have another one, see those before, fork; and what it took."""

from typing import Annotated, Literal, TypeAlias

from nicegui import ui
from pydantic import BeforeValidator, Field, StrictStr, TypeAdapter

from chat.agent.model_choice import label_of
from chat.conversation.content.comparison import MAX_MODELS
from chat.conversation.content.turns import Turn
from chat.conversation.content.usage import AnswerUsage
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.formatting import format_cost
from chat.ui.javascript import COMPONENTS
from chat.ui.model_menu import ModelGroup
from chat.ui.page_events import parse_event
from chat.ui.page_messages import send_props

VersionStep: TypeAlias = Literal[-1, 1]
"""The way to another version: one back, or one on."""

VERSION_STEP = TypeAdapter[VersionStep](VersionStep)

AnswerAction: TypeAlias = (
    tuple[Literal['source', 'models', 'models-closed', 'fork'], object]
    | tuple[Literal['regenerate'], StrictStr | None]
    | tuple[Literal['switch'], VersionStep]
    | tuple[Literal['delete'], StrictStr]
    | tuple[Literal['compare'], Annotated[tuple[StrictStr, ...], Field(max_length=MAX_MODELS)]]
)


def _pair(args: object) -> object:
    """Return what a page sends with the value that it may leave out."""
    return [*args, None] if isinstance(args, list) and len(args) == 1 else args  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # from JSON


ANSWER_ACTION = TypeAdapter[AnswerAction](Annotated[AnswerAction, BeforeValidator(_pair)])


NO_USAGE = AnswerUsage()


class AnswerActions(ui.element, component=COMPONENTS / 'answer_actions.js'):
    """A row of buttons under an answer; one element for all of them, since every element costs."""

    def __init__(self, turn: Turn, viewer: TurnViewer) -> None:
        super().__init__()
        self._actions = viewer.actions
        self._switch_actions = viewer.actions or viewer.switch_actions
        self._turn = turn
        self._shown: object = None
        self.props['canAct'] = self._actions is not None
        self.props['canSwitch'] = self._switch_actions is not None
        self.on('action', parse_event(ANSWER_ACTION, self._on_action))
        self.show(turn)

    def show(self, turn: Turn) -> None:
        """Bring it up to date with the turn."""
        self._turn = turn
        usage = NO_USAGE if turn.is_running else turn.usage
        shown = (turn.answer_version, turn.answer_entry_id, usage)
        if shown != self._shown:
            self._shown = shown
            version = turn.answer_version
            send_props(
                self,
                number=version.number,
                count=version.count,
                end=turn.answer_entry_id,
                models=list(usage.models),
                label=' + '.join(map(label_of, usage.models)),
                usage=usage_text(usage) if self._actions else '',
            )

    async def _on_action(self, action: AnswerAction) -> None:
        if action[0] == 'source':
            self.run_method('provide', self._turn.answer_entry_id, self._turn.text)
        elif action[0] == 'switch' and self._switch_actions:
            await self._switch_actions.switch(self._turn.id, 'answer', action[1])
        elif self._actions and action[0] == 'compare':
            self._actions.compare(self._turn.id, action[1])
        elif self._actions:
            await self._run_action(self._actions, action)

    def _offer(self, groups: list[ModelGroup]) -> None:
        if not self.is_deleted:
            self.run_method('offer', groups)
        elif self._actions:
            self._actions.end_offer(self._offer)

    async def _run_action(self, actions: TurnActions, action: AnswerAction) -> None:
        match action:
            case ('models', _):
                await actions.offer_models(self._offer)
            case ('models-closed', _):
                actions.end_offer(self._offer)
            case ('regenerate', model):
                actions.regenerate(self._turn.id, model)
            case ('delete', seen):
                await actions.delete_version(self._turn.id, 'answer', seen)
            case ('fork', _):
                await actions.fork(self._turn.answer_entry_id)
            case ('source' | 'switch' | 'compare', _):
                pass  # see above


def usage_text(usage: AnswerUsage) -> str:
    """Return what an answer took, on one line; what is not known is left out."""
    facts = [
        _seconds_text(usage.first, 'First word after {}'),
        _seconds_text(usage.seconds, '{} in all'),
        _tokens_text(usage),
        f'{usage.words_per_second:.0f} words/s' if usage.words_per_second else '',
        cost_text(usage),
    ]
    return ' · '.join(filter(None, facts))


def cost_text(usage: AnswerUsage) -> str:
    """Return what was paid; '' if nothing was, or nobody said what it cost then."""
    if not usage.is_priced:
        return 'cost unknown' if usage.cost is None else f'{format_cost(usage.cost)} and more'
    return format_cost(usage.cost) if usage.cost else ''


def _seconds_text(seconds: float | None, words: str) -> str:
    if seconds is None:
        return ''
    minutes, rest = divmod(round(seconds), 60)
    return words.format(f'{minutes} min {rest} s' if minutes else f'{seconds:.1f} s')


def _tokens_text(usage: AnswerUsage) -> str:
    if usage.input is None or usage.output is None:
        return ''
    cached = f' ({usage.cached:,} cached)' if usage.cached else ''
    return f'{usage.input:,} tokens in{cached}, {usage.output:,} out'
