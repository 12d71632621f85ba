"""The context window of a model: what servers say of it, and which turns fit into it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic_ai import ModelMessage, ModelRequest, ModelResponse, TextPart, ToolReturnPart, UserPromptPart
from pydantic_ai import exceptions as x

from chat.conversation.content.messages import begins_turn, text_without_attachments

FULL_CONTEXT_RATIO = 0.75
"""The share of what a model holds that older turns may take: the rest is for the answer."""

CONTEXT_FULL_ADVICE = (
    'Continue without older messages, start a new chat, or pick a model with a larger context window; '
    'if the server is yours, start it with a larger one.'
)

TOKENS_RESERVED = 32
"""Tokens below which there is no use in going on."""

_OTHER_STATUSES = (401, 403, 404, 429)

_OVERFLOW_PATTERN = re.compile(
    r'exceed_context_size|context ?window ?exceeded|context_length_exceeded'
    r'|context[ _-]?(size|length|window|limit)|context the overflows|maximum (context|model length)'
    r'|prompt is too long|input token count .* exceeds',
    re.IGNORECASE | re.DOTALL,
)
"""How llama.cpp, litellm, vLLM, Ollama, LM Studio, Anthropic and Google call it."""

_LIMIT_PATTERNS = (
    r'context (?:size|length|window)(?: of| is|:)?(?: only)? ?\(?(\d[\d,]*)',
    r'context (?:size|length|window) \(n_ctx[^\d]*(\d[\d,]*)',
    r'n_ctx: (\d[\d,]*)',
    r'maximum model length of (\d[\d,]*)',
    r'> (\d[\d,]*)',
    r'tokens allowed \((\d[\d,]*)',
    r'limit(?: of| is|:)? (\d[\d,]*)',
)
_TOKEN_PATTERNS = (
    r'request \((\d[\d,]*) tokens',
    r'n_keep: (\d[\d,]*)',
    r'passed (\d[\d,]*) input',
    r'has (\d[\d,]*) input',
    r'requested (?:about )?(\d[\d,]*)',
    r'resulted in (\d[\d,]*)',
    r'too long: (\d[\d,]*)',
    r'(?:decoder prompt|(?:total|prompt|input) length|input token count)[^\d]{0,14}(\d[\d,]*)',
    r'contains (?:at least )?(\d[\d,]*) input',
    r'first (\d[\d,]*) tokens',
    r'\((\d[\d,]*) tokens',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextOverflow:
    """A chat that fills the context window of its model, or exceeds it."""

    tokens: int = 0
    """What the chat has; 0 if that is not known."""
    limit: int = 0
    """What the model holds, answers included; 0 if that is not known."""


def overflow_in(error: Exception) -> ContextOverflow | None:
    """Return what an error says of a context that is too small; `None` if it is about something else."""
    if not isinstance(error, x.ModelAPIError):
        return None
    if isinstance(error, x.ModelHTTPError) and error.status_code in _OTHER_STATUSES:
        return None
    words = f'{error} {error.body or ""}'
    if not isinstance(error, x.ModelContextWindowExceededError) and not _OVERFLOW_PATTERN.search(words):
        return None
    return ContextOverflow(
        tokens=_field(error.body, 'n_prompt_tokens') or _number(_TOKEN_PATTERNS, words),
        limit=_field(error.body, 'n_ctx') or _number(_LIMIT_PATTERNS, words),
    )


def context_full_message(full: ContextOverflow) -> str:
    """Return the sentence for a model that holds no more."""
    if full.tokens > full.limit > 0:
        fact = f'This chat has {full.tokens:,} tokens, and the model holds {full.limit:,}.'
    elif full.limit:
        fact = f'This chat has filled the {full.limit:,} tokens that the model holds.'
    else:
        fact = 'This chat is too long for the model.'
    return f'{fact} {CONTEXT_FULL_ADVICE}'


def fills_context(messages: Sequence[ModelMessage], limit: int | None) -> ContextOverflow | None:
    """Return an overflow if the last response has taken all that the model holds; else `None`."""
    usages = [message.usage for message in messages if isinstance(message, ModelResponse)]
    if not limit or not usages or usages[-1].total_tokens < limit - TOKENS_RESERVED:
        return None
    return ContextOverflow(tokens=usages[-1].total_tokens, limit=limit)


def first_fitting_turn(turns: Sequence[Sequence[ModelMessage]], overflow: ContextOverflow) -> int:
    """Return the index of the first turn that leaves room for an answer; at least one turn is left out.

    Without numbers it is the one in the middle. The last turn may be left out too, if it is all too long.
    """
    if not overflow.tokens or not overflow.limit:
        return max(1, (len(turns) + 1) // 2)
    lengths = [sum(map(text_length, turn)) for turn in turns]
    budget = FULL_CONTEXT_RATIO * overflow.limit * (sum(lengths) or 1) / overflow.tokens
    first = len(turns)
    while first > 1 and sum(lengths[first - 1 :]) <= budget:
        first -= 1
    return first


def newer_half(messages: Sequence[ModelMessage]) -> list[ModelMessage] | None:
    """Return the newer half of the turns in these messages; `None` if there is only one."""
    starts = [place for place, message in enumerate(messages) if begins_turn(message)]
    return [*messages[starts[(len(starts) + 1) // 2] :]] if len(starts) > 1 else None


def text_length(message: ModelMessage) -> int:
    """Count the characters of a message that are text."""
    if isinstance(message, ModelRequest):
        prompts = [
            len(text_without_attachments(part)) for part in message.parts if isinstance(part, UserPromptPart)
        ]
        returns = [len(str(part.content)) for part in message.parts if isinstance(part, ToolReturnPart)]
        return sum(prompts) + sum(returns)
    texts = [len(part.content) for part in message.parts if isinstance(part, TextPart)]
    return sum(texts) + sum(len(call.args_as_json_str()) for call in message.tool_calls)


def _field(body: object, name: str) -> int:
    """Return a number from the body of an error, or from a body inside it; 0 if it is not there."""
    if not isinstance(body, Mapping):
        return 0
    fields = cast('Mapping[str, object]', body)
    number = fields.get(name)
    return number if isinstance(number, int) else _field(fields.get('error'), name)


def _number(patterns: Sequence[str], words: str) -> int:
    found = (re.search(pattern, words, re.IGNORECASE) for pattern in patterns)
    return next((int(match[1].replace(',', '')) for match in found if match), 0)
