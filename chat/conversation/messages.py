"""What single messages mean to a person: who begins a turn, who goes on with one, what says anything."""

from dataclasses import replace
from uuid import uuid4

from pydantic_ai import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolReturnPart,
    UserPromptPart,
)

TURN_ID = 'turn'
"""Where the metadata of a `ModelRequest` keeps the id of the turn that it begins."""

GOES_ON = 'goes_on'
"""Set in the metadata of a `ModelRequest` that asks for the rest of an answer: it begins no turn."""

GO_ON = 'Continue exactly where you stopped. Begin with the next character; repeat and explain nothing.'
"""What the model is told then; a history that ends with its own words is not answered by all models."""


def question(prompt: str, turn_id: str | None = None) -> ModelRequest:
    """A message that begins a turn."""
    return ModelRequest(parts=[UserPromptPart(prompt)], metadata={TURN_ID: turn_id or str(uuid4())})


def reworded(prompt: ModelRequest, text: str) -> ModelRequest:
    """A prompt in the place of another one, with what is attached to that."""
    contents = [part.content for part in prompt.parts if isinstance(part, UserPromptPart)]
    attached = [item for content in contents if not isinstance(content, str) for item in content]
    attached = [item for item in attached if not isinstance(item, str)]
    request = question(text)
    return replace(request, parts=[UserPromptPart([text, *attached])]) if attached else request


def id_of(prompt: ModelRequest) -> str:
    """The id of the turn that a message begins, or '' if it was not made here."""
    return str((prompt.metadata or {}).get(TURN_ID, ''))


def text_in(prompt: ModelRequest) -> str:
    """The text that a person wrote."""
    return '\n\n'.join(text_of(part) for part in prompt.parts if isinstance(part, UserPromptPart))


def request_to_go_on() -> ModelRequest:
    """A message that asks for the rest of the answer before it."""
    return ModelRequest(parts=[UserPromptPart(GO_ON)], metadata={GOES_ON: True})


def goes_on(message: ModelMessage) -> bool:
    """Whether this asks for the rest of the answer before it."""
    return isinstance(message, ModelRequest) and GOES_ON in (message.metadata or {})


def begins_turn(message: ModelMessage) -> bool:
    """Whether a person said this; a tool may have returned an image, which looks alike."""
    return (
        isinstance(message, ModelRequest)
        and any(isinstance(part, UserPromptPart) for part in message.parts)
        and not any(isinstance(part, ToolReturnPart) for part in message.parts)
        and not goes_on(message)
    )


def says_something(message: ModelMessage) -> bool:
    """Whether a person could see anything of this message, thinking included."""
    return isinstance(message, ModelResponse) and any(
        part.content.strip() if isinstance(part, TextPart | ThinkingPart) else part.has_content()
        for part in message.parts
    )


def returns(message: ModelMessage) -> bool:
    """Whether this carries what a tool has returned."""
    return isinstance(message, ModelRequest) and any(
        isinstance(part, ToolReturnPart) for part in message.parts
    )


def shortened(message: ModelMessage, longest: int) -> ModelMessage:
    """The message with no more than so many characters of text in each of its parts."""
    if not isinstance(message, ModelResponse):
        return message
    parts = [
        replace(part, content=part.content[:longest]) if isinstance(part, TextPart | ThinkingPart) else part
        for part in message.parts
    ]
    return replace(message, parts=parts)


def answers(message: ModelMessage) -> bool:
    """Whether this message says something beyond thinking."""
    return says_something(message) and any(not isinstance(part, ThinkingPart) for part in message.parts)


def text_of(part: UserPromptPart) -> str:
    """The text that a person wrote, without attachments."""
    if isinstance(part.content, str):
        return part.content
    return '\n\n'.join(item for item in part.content if isinstance(item, str))
