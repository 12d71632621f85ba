"""What the pieces of a response add up to: how long it is, and whether it is complete."""

from pydantic_ai import (
    AgentStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPartDelta,
)
from pydantic_ai.exceptions import ContentFilterError, OutputTokenLimitExceeded
from pydantic_ai.run import AgentRun


def length_of(event: AgentStreamEvent) -> int:
    """How many characters a piece of a response adds to it."""
    match event:
        case PartStartEvent(part=TextPart(content=str(text)) | ThinkingPart(content=str(text))):
            return len(text)
        case PartDeltaEvent(delta=TextPartDelta(content_delta=str(text))):
            return len(text)
        case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=str(text))):
            return len(text)
        case PartDeltaEvent(delta=ToolCallPartDelta(args_delta=str(text))):
            return len(text)
        case _:
            return 0


def check_end(run: AgentRun[None, str]) -> None:
    """See that the last response ended because all was said.

    Raises:
        OutputTokenLimitExceeded: If the model was not allowed to say more.
        ContentFilterError: If the provider did not let it.
    """
    match run.result and run.result.response.finish_reason:
        case 'length':
            raise OutputTokenLimitExceeded('the answer is not complete')
        case 'content_filter':
            raise ContentFilterError('the answer is not complete')
        case _:
            pass
