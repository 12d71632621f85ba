"""What can be done with an answer: copy it, have another one, see those before, fork; and what it took."""

from functools import partial

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.agent.choice import label_of
from chat.conversation.spending import AnswerUsage
from chat.conversation.turns import Turn
from chat.ui.room.acts import Acts, Looker


class AnswerActions(ui.element, component='answer_actions.js'):
    """A row of buttons under an answer; one element for all of them, since every element costs."""

    def __init__(self, turn: Turn, looker: Looker) -> None:
        super().__init__()
        self._acts = looker if isinstance(looker, Acts) else None
        self._turn = turn
        self._shown: object = None
        self.props['acts'] = self._acts is not None
        self.on('act', self._act)
        self.show(turn)

    def show(self, turn: Turn) -> None:
        """Bring it up to date with the turn."""
        self._turn = turn
        spending = AnswerUsage() if turn.is_running else turn.usage
        shown = (turn.answer_version, turn.answer_entry_id, spending)
        if shown != self._shown:
            self._shown = shown
            version = turn.answer_version
            self.props.update(
                number=version.number,
                count=version.count,
                end=turn.answer_entry_id,
                models=list(spending.models),
                label=' + '.join(map(label_of, spending.models)),
                usage=usage_of(spending) if self._acts else '',
            )

    async def _act(self, event: GenericEventArguments) -> None:
        name, value = event.args
        if name == 'source':
            self.run_method('give', self._turn.answer_entry_id, self._turn.text)
        elif self._acts:
            await self._do(self._acts, name, value)

    async def _do(self, acts: Acts, name: object, value: object) -> None:
        match name:
            case 'models':
                await acts.offer_models(partial(self.run_method, 'offer'))
            case 'regenerate':
                acts.retry(self._turn.id, value if isinstance(value, str) else None)
            case 'switch':
                await acts.switch(self._turn.id, 'answer', step_of(value))
            case 'delete':
                await acts.delete_version(self._turn.id, 'answer', str(value))
            case 'fork':
                await acts.fork(self._turn.answer_entry_id)
            case _:
                pass  # a page of another version


def usage_of(spending: AnswerUsage) -> str:
    """What an answer took, on one line; what is not known is left out."""
    facts = [
        _timed(spending.first, 'First word after {}'),
        _timed(spending.seconds, '{} in all'),
        _tokens(spending),
    ]
    return ' · '.join(filter(None, facts))


def _timed(seconds: float | None, words: str) -> str:
    if seconds is None:
        return ''
    minutes, rest = divmod(round(seconds), 60)
    return words.format(f'{minutes} min {rest} s' if minutes else f'{seconds:.1f} s')


def _tokens(spending: AnswerUsage) -> str:
    if spending.input is None or spending.output is None:
        return ''
    cached = f' ({spending.cached:,} cached)' if spending.cached else ''
    return f'{spending.input:,} tokens in{cached}, {spending.output:,} out'


def step_of(value: object) -> int:
    """What a page says about the way to another version: one on, or one back."""
    return 1 if value == 1 else -1
