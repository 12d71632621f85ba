"""Messages grouped into turns: one prompt and everything up to the end of its answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic_ai import ModelMessage, ModelRequest, ModelResponse

from chat.conversation.attachment import Attached
from chat.conversation.details import Ending
from chat.conversation.messages import (
    Passage,
    attached_to,
    begins_turn,
    id_of,
    passages_of,
    says_something,
    text_in,
)

TurnState = Literal['waiting', 'streaming', 'done', 'stopped', 'failed']

CUT_OFF = Ending(kind='failed', sentence='This was cut off before an answer came.')
"""What is shown when a process ended between a prompt and the first word of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One prompt with its answer, as a person sees them."""

    id: str
    prompt: ModelRequest
    answer: tuple[ModelMessage, ...] = ()
    """Responses, and requests that carry what tools returned, oldest first; the last may still grow."""
    said_before: int = 0
    """How many messages of the answer were there before the run that is answering now."""
    ending: Ending | None = None
    is_running: bool = False

    @property
    def question(self) -> str:
        """The text of the prompt."""
        return text_in(self.prompt)

    @property
    def attached(self) -> Attached:
        """The files of the prompt; one that is lost has no content."""
        return attached_to(self.prompt)

    @property
    def passages(self) -> list[Passage]:
        """What the model said and thought, over all its responses."""
        return passages_of(self.answer)

    @property
    def text(self) -> str:
        """The answer as Markdown, without thinking and tool calls."""
        return '\n\n'.join(passage.text for passage in self.passages if passage.kind == 'text')

    @property
    def state(self) -> TurnState:
        if self.is_running:
            is_heard = any(says_something(message) for message in self.answer[self.said_before :])
            return 'streaming' if is_heard else 'waiting'
        if self.ending:
            return self.ending.kind
        last = self.answer[-1] if self.answer else None
        if not isinstance(last, ModelResponse):
            return 'failed'
        return 'stopped' if last.state == 'interrupted' else 'done'

    @property
    def failure(self) -> str | None:
        """Why there is no whole answer, in words for the page, or `None` if nothing failed."""
        return (self.ending or CUT_OFF).sentence if self.state == 'failed' else None

    @property
    def can_go_on(self) -> bool:
        """Whether there is a beginning of an answer, and it has ended early."""
        return self.state in ('stopped', 'failed') and bool(self.text.strip())

    def growing(self, said: Sequence[ModelMessage], *, said_before: int) -> 'Turn':
        """This turn while a run answers it, with what the run has said so far."""
        return replace(
            self,
            answer=(*self.answer, *said),
            said_before=said_before,
            ending=None,
            is_running=True,
        )


def turns_of(messages: Iterable[ModelMessage], endings: Mapping[str, Ending]) -> list[Turn]:
    """Every message in exactly one turn, in order; what comes before the first prompt is left out."""
    groups: list[tuple[ModelRequest, list[ModelMessage]]] = []
    for message in messages:
        if isinstance(message, ModelRequest) and begins_turn(message):
            groups.append((message, []))
        elif groups:
            groups[-1][1].append(message)
    return [_turn(place, prompt, answer, endings) for place, (prompt, answer) in enumerate(groups)]


def _turn(
    place: int, prompt: ModelRequest, answer: list[ModelMessage], endings: Mapping[str, Ending]
) -> Turn:
    turn_id = id_of(prompt) or str(place)
    return Turn(id=turn_id, prompt=prompt, answer=tuple(answer), ending=endings.get(turn_id))
