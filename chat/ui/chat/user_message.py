"""A question on the page: its bubble, and the editor that takes its place."""

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.conversation.turns import Turn
from chat.ui.chat.answer_actions import step_of
from chat.ui.chat.attachments_view import show_attachments
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.javascript import COMPONENTS


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
            author=viewer.author_of(turn),
            files=bool(turn.attachments),
        )
        if isinstance(viewer, TurnActions):
            self.props['acts'] = True
            self.on('edit', lambda event: self._edit(event, viewer))
            self.on('switch', lambda event: self._switch(event, viewer))
            self.on('delete', lambda: viewer.delete_version(self._turn_id, 'question'), args=[])
        with self:
            show_attachments(turn.attachments)
        self.show(turn)

    def show(self, turn: Turn) -> None:
        """Bring the number of versions up to date; a question itself never changes."""
        if (shown := (turn.question_version, turn.prompt_entry_id)) != self._shown:
            self._shown = shown
            version = turn.question_version
            self.props.update(number=version.number, count=version.count, entry=turn.prompt_entry_id)

    def _edit(self, event: GenericEventArguments, actions: TurnActions) -> None:
        if isinstance(event.args, str):
            actions.edit(self._turn_id, event.args)

    async def _switch(self, event: GenericEventArguments, actions: TurnActions) -> None:
        await actions.switch(self._turn_id, 'question', step_of(event.args))
