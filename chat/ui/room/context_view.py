"""What the model is not given of a chat, and what is offered when it holds no more."""

from collections.abc import Callable

from nicegui import ui
from nicegui.element import Element

from chat.conversation.turns import Turn
from chat.ui.markup import Tag, Text
from chat.ui.room.acts import Acts
from chat.ui.words import listed

LEFT_OUT = 'The model is not given what stands above this line.'


class ContextFull(Tag):
    """Says that the model holds no more, and offers what helps."""

    def __init__(self, turn: Turn, acts: Acts | None) -> None:
        super().__init__('div', 'context-full', data_testid='context-full')
        with self:
            Text('p', turn.failure or '', 'ending')
            if acts and acts.can_leave_out:
                _button('Go on without the older turns', 'context-trim', acts.leave_out_older)
            if acts:
                ui.link('New chat', '/').classes('text-button').props('data-testid=context-new')


class ContextLine(Tag):
    """A line below the last turn that the model is not given; who may change that moves or removes it."""

    def __init__(self, acts: Acts | None) -> None:
        super().__init__('div', 'context-line', data_testid='context-line')
        with self:
            Text('span', LEFT_OUT)
            if acts:
                _button('Leave out more', 'context-more', acts.leave_out_older)
                _button('Give it all again', 'context-restore', acts.give_all)


def answered_without(turn: Turn) -> str:
    """Which files the model was asked without."""
    pdf = [name for name in turn.refused_files if name.lower().endswith('.pdf')]
    others = [name for name in turn.refused_files if name not in pdf]
    sentences = [
        f'The model does not take {listed(others)}: it was asked without.' if others else '',
        f'The model does not take PDF: of {listed(pdf)} it was given the text, if there is some.'
        if pdf
        else '',
    ]
    return ' '.join(filter(None, sentences))


def _button(label: str, testid: str, act: Callable[[], object]) -> Element:
    button = Text('button', label, 'text-button', type='button', data_testid=testid)
    return button.on('click', lambda: act(), args=[])
