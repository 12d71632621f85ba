"""A question on the page: its bubble with its files, and the editor that takes its place."""

from collections.abc import Awaitable
from functools import partial

from nicegui import ui

from chat.conversation.content.turns import Turn
from chat.ui.chat.answer_actions import VERSION_STEP, VersionStep
from chat.ui.chat.attached_files import show_attachments
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import TEXT, parse_event
from chat.ui.page_messages import send_props


class UserMessage(ui.element, component=COMPONENTS / 'user_message.js'):
    """Shows a question and its versions; what is written anew stays in the browser until it is sent."""

    def __init__(self, turn: Turn, viewer: TurnViewer) -> None:
        super().__init__()
        self.element = turn.question
        self._turn_id = turn.id
        self._shown: object = None
        self.props.update(
            turn=turn.id,
            text=turn.question,
            author=viewer.author_name(turn.author),
            files=bool(turn.attachments),
        )
        if viewer.actions:
            self._offer(viewer.actions)
        with self:
            show_attachments(turn.attachments)
        self.show(turn)

    def show(self, turn: Turn) -> None:
        """Bring the number of versions up to date; a question itself never changes."""
        if (shown := (turn.question_version, turn.prompt_entry_id)) != self._shown:
            self._shown = shown
            version = turn.question_version
            send_props(self, number=version.number, count=version.count, entry=turn.prompt_entry_id)

    def _offer(self, actions: TurnActions) -> None:
        """Have what can be done with it done."""

        def switch(step: VersionStep) -> Awaitable[None]:
            return actions.switch(self._turn_id, 'question', step)

        self.props['canAct'] = True
        self.on('edit', parse_event(TEXT, partial(actions.edit, self._turn_id)))
        self.on('switch', parse_event(VERSION_STEP, switch))
        self.on('delete', partial(actions.delete_version, self._turn_id, 'question'), args=[])
