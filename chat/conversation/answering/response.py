"""Checks of a response: how long it is, and whether it is complete."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from pydantic_ai import (
    AgentStreamEvent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPartDelta,
    ToolReturnPart,
)
from pydantic_ai.exceptions import ContentFilterError, OutputTokenLimitExceeded
from pydantic_ai.messages import FinishReason

from chat.conversation.content.waiting import returned_ids
from chat.errors import AnswerUnfinished

UNFINISHED_MESSAGE = 'The provider ended this answer before it was complete ({}).'

WORDS_BY_FINISH_REASON: Mapping[FinishReason, str] = {
    'stop': 'eos eos_token end end_turn ended complete completed done finish finished success normal '
    'stop_sequence stop_token stop_string stop_str',
    'tool_call': 'tool tool_call tool_use',
    'length': 'max_tokens max_length max_output_tokens max_new_tokens model_length token_limit',
    'content_filter': 'content_filtered filtered safety sensitive guardrail_intervened recitation moderation',
}

FINISH_REASON_BY_WORD = {
    word: reason for reason, words in WORDS_BY_FINISH_REASON.items() for word in words.split()
}
"""Reasons for an end in words that pydantic-ai 2.68 does not know, in small letters; any other is no end."""


def added_length(event: AgentStreamEvent) -> int:
    """Return how many characters an event adds to the response."""
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


def with_tool_results(
    messages: Sequence[ModelMessage], returned: Mapping[str, ToolReturnPart]
) -> list[ModelMessage]:
    """Return the messages of a run with what its tools have returned so far: it has that only at their end.

    Results of calls that stand in earlier messages, for which the run has waited, come first. The ids may be
    those of calls before the last response: what these have returned is in the messages.
    """
    since = [*takewhile(lambda message: isinstance(message, ModelRequest), reversed(messages))]
    known = {call_id for message in since for call_id in returned_ids(message)}
    missing = {call_id: part for call_id, part in returned.items() if call_id not in known}
    last = messages[-1] if messages else None
    calls = last.tool_calls if isinstance(last, ModelResponse) else []
    own = [missing.pop(call.tool_call_id) for call in calls if call.tool_call_id in missing]
    before: list[ModelMessage] = [ModelRequest(parts=[*missing.values()])] if missing else []
    after: list[ModelMessage] = [ModelRequest(parts=own)] if own else []
    return [*before, *messages, *after]


def validate_end(messages: Sequence[ModelMessage]) -> None:
    """Check that the last of these, a response, is complete.

    Raises:
        OutputTokenLimitExceeded: If the model was not allowed to say more.
        ContentFilterError: If the provider did not let it.
        AnswerUnfinished: If it ended for another reason that is no end.
    """
    response = messages[-1] if messages else None
    if not isinstance(response, ModelResponse) or is_refusal(response):
        return
    reason = _finish_reason_of(response)
    match response.finish_reason or FINISH_REASON_BY_WORD.get(reason.lower()):
        case 'length':
            raise OutputTokenLimitExceeded('the answer is not complete')
        case 'content_filter' if words := _refusal_text(response):
            raise AnswerUnfinished(f'The provider blocked this answer (content filter). It says: {words}')
        case 'content_filter':
            raise ContentFilterError('the answer is not complete')
        case 'error':
            raise AnswerUnfinished(UNFINISHED_MESSAGE.format(reason or 'error'))
        case None if reason:
            raise AnswerUnfinished(UNFINISHED_MESSAGE.format(reason))
        case _:
            pass


def validate_empty_end(messages: Sequence[ModelMessage]) -> None:
    """Check that a model without text has declined to answer, which is an answer.

    Raises:
        Exception: The one that is being handled, or as `validate_end` for a reason that says more.
    """
    validate_end(messages)
    if not (messages and isinstance(messages[-1], ModelResponse) and is_refusal(messages[-1])):
        raise  # the one that is being handled


def is_refusal(response: ModelResponse) -> bool:
    """Return whether a response is no more than the words by which the model declines to answer."""
    return bool(_refusal_text(response)) and not (response.text or '').strip()


def with_refusal_text(message: ModelMessage) -> ModelMessage:
    """Return the message with the words of its refusal as text, if it has no other text."""
    if not isinstance(message, ModelResponse) or not is_refusal(message):
        return message
    return replace(message, parts=[*message.parts, TextPart(_refusal_text(message))])


def _finish_reason_of(response: ModelResponse) -> str:
    """Return why a response ended, in the provider's own word; '' if it gave none."""
    reason = (response.provider_details or {}).get('finish_reason')
    return reason if isinstance(reason, str) else ''


def _refusal_text(response: ModelResponse) -> str:
    words = (response.provider_details or {}).get('refusal')
    return words.strip() if isinstance(words, str) else ''
