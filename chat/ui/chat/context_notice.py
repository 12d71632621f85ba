"""What the model is not given of a chat, and what is offered when it holds no more."""

from collections.abc import Callable

from nicegui import ui
from nicegui.element import Element

from chat.conversation.turns import Turn
from chat.ui.chat.turn_actions import TurnActions
from chat.ui.formatting import join_names
from chat.ui.html import HtmlElement, HtmlText

EXCLUDED_MESSAGE = 'The model no longer sees the messages above this line.'


class ContextFullNotice(HtmlElement):
    """Says that the model holds no more, and offers what helps."""

    def __init__(self, turn: Turn, actions: TurnActions | None) -> None:
        super().__init__('div', 'context-full', data_testid='context-full')
        with self:
            HtmlText('p', turn.failure or '', 'ending')
            if actions and actions.can_exclude_older:
                _button('Continue without older messages', 'context-trim', actions.exclude_older)
            if actions:
                ui.link('New chat', '/').classes('text-button').props('data-testid=context-new')


class ContextStartLine(HtmlElement):
    """A line below the last turn that the model is not given; who may change that moves or removes it."""

    def __init__(self, actions: TurnActions | None) -> None:
        super().__init__('div', 'context-line', data_testid='context-line')
        with self:
            HtmlText('span', EXCLUDED_MESSAGE)
            if actions:
                _button('Leave out more', 'context-more', actions.exclude_older)
                _button('Include all messages', 'context-restore', actions.include_all)


def excluded_files_notice(turn: Turn) -> str:
    """Which files the model was asked without."""
    pdf = [name for name in turn.refused_files if name.lower().endswith('.pdf')]
    others = [name for name in turn.refused_files if name not in pdf]
    sentences = [
        f'Not supported by this model and left out: {join_names(others)}.' if others else '',
        f"This model can't read PDF files. It got only their text, if any: {join_names(pdf)}." if pdf else '',
    ]
    return ' '.join(filter(None, sentences))


def _button(label: str, testid: str, act: Callable[[], object]) -> Element:
    button = HtmlText('button', label, 'text-button', type='button', data_testid=testid)
    return button.on('click', lambda: act(), args=[])
