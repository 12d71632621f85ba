"""Messages grouped into turns: one prompt and everything up to the end of its answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic_ai import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ThinkingPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.conversation.details import Ending

TurnState = Literal['waiting', 'streaming', 'done', 'stopped', 'failed']

CUT_OFF = Ending(kind='failed', sentence='This was cut off before an answer came.')
"""What is shown when a process ended between a prompt and the first word of its answer."""

TURN_ID = 'turn'
"""Where the metadata of a `ModelRequest` keeps the id of the turn that it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One prompt with its answer, as a person sees them."""

    id: str
    prompt: ModelRequest
    answer: tuple[ModelMessage, ...] = ()
    """Responses, and requests that carry what tools returned, oldest first; the last may still grow."""
    ending: Ending | None = None
    is_running: bool = False

    @property
    def question(self) -> str:
        """The text of the prompt."""
        return '\n\n'.join(text_of(part) for part in self.prompt.parts if isinstance(part, UserPromptPart))

    @property
    def parts(self) -> list[ModelResponsePart]:
        """What the model said, over all its responses."""
        return [
            part for message in self.answer if isinstance(message, ModelResponse) for part in message.parts
        ]

    @property
    def text(self) -> str:
        """The answer as Markdown, without thinking and tool calls."""
        return '\n\n'.join(part.content for part in self.parts if isinstance(part, TextPart))

    @property
    def state(self) -> TurnState:
        if self.is_running:
            return 'streaming' if any(part.has_content() for part in self.parts) else 'waiting'
        if self.ending:
            return self.ending.kind
        if any(
            isinstance(message, ModelResponse) and message.state == 'interrupted' for message in self.answer
        ):
            return 'stopped'
        return 'done' if self.answer else 'failed'

    @property
    def failure(self) -> str | None:
        """Why there is no whole answer, in words for the page, or `None` if nothing failed."""
        return (self.ending or CUT_OFF).sentence if self.state == 'failed' else None

    def growing(self, said: Sequence[ModelMessage]) -> 'Turn':
        """This turn while a run answers it, with what the run has said so far."""
        return replace(self, answer=(*self.answer, *said), ending=None, is_running=True)


def turns_of(messages: Iterable[ModelMessage], endings: Mapping[str, Ending]) -> list[Turn]:
    """Every message in exactly one turn, in order; what comes before the first prompt is left out."""
    groups: list[tuple[ModelRequest, list[ModelMessage]]] = []
    for message in messages:
        if isinstance(message, ModelRequest) and begins_turn(message):
            groups.append((message, []))
        elif groups:
            groups[-1][1].append(message)
    return [_turn(place, prompt, answer, endings) for place, (prompt, answer) in enumerate(groups)]


def begins_turn(message: ModelMessage) -> bool:
    """Whether a person said this, and not a tool that returned an image."""
    return (
        isinstance(message, ModelRequest)
        and any(isinstance(part, UserPromptPart) for part in message.parts)
        and not any(isinstance(part, ToolReturnPart) for part in message.parts)
    )


def says_something(message: ModelMessage) -> bool:
    """Whether a person could see anything of this message, thinking included."""
    return isinstance(message, ModelResponse) and any(
        part.content.strip() if isinstance(part, TextPart | ThinkingPart) else part.has_content()
        for part in message.parts
    )


def answers(message: ModelMessage) -> bool:
    """Whether this message says something beyond thinking."""
    return says_something(message) and any(not isinstance(part, ThinkingPart) for part in message.parts)


def text_of(part: UserPromptPart) -> str:
    """The text that a person wrote, without attachments."""
    if isinstance(part.content, str):
        return part.content
    return '\n\n'.join(item for item in part.content if isinstance(item, str))


def _turn(
    place: int, prompt: ModelRequest, answer: list[ModelMessage], endings: Mapping[str, Ending]
) -> Turn:
    turn_id = str((prompt.metadata or {}).get(TURN_ID, place))
    return Turn(id=turn_id, prompt=prompt, answer=tuple(answer), ending=endings.get(turn_id))
