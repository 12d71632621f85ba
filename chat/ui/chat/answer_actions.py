"""What can be done with an answer: copy it, have another one, see those before, fork; and what it took."""

from functools import partial

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.agent.model_choice import label_of
from chat.conversation.turns import Turn
from chat.conversation.usage import AnswerUsage
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.javascript import COMPONENTS


class AnswerActions(ui.element, component=COMPONENTS / 'answer_actions.js'):
    """A row of buttons under an answer; one element for all of them, since every element costs."""

    def __init__(self, turn: Turn, viewer: TurnViewer) -> None:
        super().__init__()
        self._actions = viewer if isinstance(viewer, TurnActions) else None
        self._turn = turn
        self._shown: object = None
        self.props['acts'] = self._actions is not None
        self.on('action', self._on_action)
        self.show(turn)

    def show(self, turn: Turn) -> None:
        """Bring it up to date with the turn."""
        self._turn = turn
        usage = AnswerUsage() if turn.is_running else turn.usage
        shown = (turn.answer_version, turn.answer_entry_id, usage)
        if shown != self._shown:
            self._shown = shown
            version = turn.answer_version
            self.props.update(
                number=version.number,
                count=version.count,
                end=turn.answer_entry_id,
                models=list(usage.models),
                label=' + '.join(map(label_of, usage.models)),
                usage=usage_text(usage) if self._actions else '',
            )

    async def _on_action(self, event: GenericEventArguments) -> None:
        name, value = event.args
        if name == 'source':
            self.run_method('provide', self._turn.answer_entry_id, self._turn.text)
        elif self._actions:
            await self._run_action(self._actions, name, value)

    async def _run_action(self, actions: TurnActions, name: object, value: object) -> None:
        match name:
            case 'models':
                await actions.provide_models(partial(self.run_method, 'offer'))
            case 'regenerate':
                actions.regenerate(self._turn.id, value if isinstance(value, str) else None)
            case 'switch':
                await actions.switch(self._turn.id, 'answer', step_of(value))
            case 'delete':
                await actions.delete_version(self._turn.id, 'answer', str(value))
            case 'fork':
                await actions.fork(self._turn.answer_entry_id)
            case _:
                pass  # a page of another version


def usage_text(usage: AnswerUsage) -> str:
    """What an answer took, on one line; what is not known is left out."""
    facts = [
        _seconds_text(usage.first, 'First word after {}'),
        _seconds_text(usage.seconds, '{} in all'),
        _tokens_text(usage),
    ]
    return ' · '.join(filter(None, facts))


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


def step_of(value: object) -> int:
    """What a page says about the way to another version: one on, or one back."""
    return 1 if value == 1 else -1
