"""RemoteAnswer: an answer that another node gives, as far as its frames say."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic_ai import ModelMessage

from chat.conversation.comparison import compared_models, separated_answers
from chat.conversation.turns import Turn
from chat.store.conversations.document_repair import load_message
from chat.store.tinydb_storage.tables import Json, parsed


class RemoteAnswer:
    """What a run of another node has said, or several whose models are compared."""

    def __init__(self, run: int) -> None:
        self.run = run
        """Its number; the frames of another run are not mistaken for its own."""
        self.is_shown = False
        """Whether its prompt is known here."""
        self.seq = 0
        """The number of the last frame that was read."""
        self._text = ''
        self._answers: Sequence[Sequence[ModelMessage]] = ([],)
        self._shown: list[Turn] = []
        self._shown_of: tuple[object, ...] = (None, 0)

    def add(self, frames: Iterable[tuple[int, int, str]]) -> None:
        """Take frames by their numbers, what they keep and what follows, in order."""
        for seq, keep, tail in frames:
            if seq > self.seq:
                self.seq, self._text = seq, self._text[:keep] + tail
        documents: list[Json] = parsed(self._text) if self._text else []
        messages = [load_message('of another node', {'parent_id': '', 'message': each}) for each in documents]
        self._answers = [said for said, _ in separated_answers(messages)] or [[]]

    def turns(self, stored: list[Turn]) -> list[Turn]:
        """Return the turns of the log with what is being said, made once for all who look."""
        if self._shown_of[0] is not stored or self._shown_of[1] != self.seq:
            self._shown_of = stored, self.seq
            self._shown = [*stored[:-1], self._growing(stored[-1])]
        return self._shown

    def _growing(self, turn: Turn) -> Turn:
        count = len(turn.answer)
        made = [turn.while_running(said, previous_message_count=count) for said in self._answers]
        if len(made) == 1:
            return made[0]
        names = [*compared_models(turn.prompt), *[turn.model] * len(made)]
        columns = [replace(each, model=name) for each, name in zip(made, names, strict=False)]
        return replace(columns[0], is_running=True, compared=tuple(columns))
