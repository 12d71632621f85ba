"""The types of values in each protocol: JSON values of another type are coerced, or left out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypeAlias, TypeGuard, cast

from chat.lone_surrogates import replace_lone_surrogates

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object that others wrote."""

MAX_TIMESTAMP = 2**33
"""The latest valid time, in seconds since 1970."""


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Return whether this is a JSON object."""
    return isinstance(value, dict)


def objects_in(value: object) -> list[JsonObject]:
    """Return the objects in a list; anything else is left out."""
    return (
        [item for item in cast('list[object]', value) if is_object(item)] if isinstance(value, list) else []
    )


def as_text(value: object) -> str:
    """Return a text, or how JSON writes what is there instead; '' for `None`."""
    if value is None:
        return ''
    return replace_lone_surrogates(value if isinstance(value, str) else json.dumps(value))


def nested_text(value: object) -> str:
    """Return the words in a value that should be a text, also those in lists and objects."""
    match value:
        case None | False | True:
            return ''
        case str():
            return value
        case int() | float():
            return json.dumps(value)
        case list():
            return ''.join(nested_text(item) for item in cast('list[object]', value))
        case dict():
            part = cast('JsonObject', value)
            if part.get('type') == 'thinking':
                return ''
            words = [nested_text(part.get(name)) for name in ('text', 'content', 'refusal')]
            return next(filter(None, words), '')  # to decline is an answer too
        case _:
            return ''


def as_count(value: object) -> int | None:
    """Return a whole number from 0 on; `None` if the value is none."""
    match value:
        case bool():
            return None
        case str():
            return as_count(_number(value))
        case int() | float() if isfinite(value) and value >= 0:
            return int(value)
        case _:
            return None


def as_timestamp(value: object) -> int:
    """Return a time in seconds since 1970; 0 if the value is none."""
    seconds = as_count(value) or 0
    return seconds if seconds < MAX_TIMESTAMP else 0


def parse_usage(value: Mapping[str, object]) -> JsonObject | None:
    """Return the usage; `None` if tokens are not counted. Only costs and times may be fractions."""
    if any(as_count(value.get(name)) is None for name in ('prompt_tokens', 'completion_tokens')):
        return None
    usage: JsonObject = {}
    for name, amount in value.items():
        if name.endswith('tokens_details'):
            usage[name] = _counts_in(amount) if is_object(amount) else None
        elif 'tokens' in name:
            usage[name] = as_count(amount)
        elif not isinstance(amount, bool | str | list) and not (
            isinstance(amount, float) and not isfinite(amount)
        ):
            usage[name] = amount
    return usage


def _counts_in(details: Mapping[str, object]) -> JsonObject:
    return {name: count for name, value in details.items() if (count := as_count(value)) is not None}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


Fit: TypeAlias = Callable[[object], object]
"""Returns what was meant by a value; `None` if nothing was."""


@dataclass(frozen=True, slots=True)
class Fields:
    """An object; fields that are not named stay as they are."""

    fits: Mapping[str, Fit]
    needed: JsonObject = field(default_factory=dict[str, object])
    """Values of fields that are missing, or without a meaning."""

    def __call__(self, value: object) -> JsonObject | None:
        if not is_object(value):
            return None
        fitted = {name: self.fits[name](item) if name in self.fits else item for name, item in value.items()}
        return {**self.needed, **{name: item for name, item in fitted.items() if item is not None}}


def each(fit: Fit) -> Fit:
    """Return what fits a list; items without a meaning are left out."""

    def fitted(value: object) -> object:
        items = cast('list[object]', value) if isinstance(value, list) else []
        return [item for item in map(fit, items) if item not in (None, {})]

    return fitted


def text(value: object) -> str | None:
    """Fit a name or an id."""
    return as_text(value) or None


def flag(value: object) -> bool | None:
    """Fit a boolean."""
    return value if isinstance(value, bool) else None


def thing(value: object) -> object:
    """Fit an object of which no more is known."""
    return value if is_object(value) else None


def nothing(_: object) -> None:
    """Drop what nobody here reads, and what breaks an answer when it is odd."""


COUNTS = ('input_tokens', 'output_tokens')
CACHED = ('cache_creation_input_tokens', 'cache_read_input_tokens')

_NO_TOKENS: JsonObject = dict.fromkeys(COUNTS, 0)
_USAGE = Fields(
    {
        **dict.fromkeys((*COUNTS, *CACHED), as_count),
        **dict.fromkeys(('cache_creation', 'server_tool_use', 'output_tokens_details'), thing),
        'service_tier': text,
        'inference_geo': text,
    },
    _NO_TOKENS,
)
_NO_OUTPUT: JsonObject = {'output_tokens': 0}
_END_USAGE = Fields(_USAGE.fits, _NO_OUTPUT)
"""What else the end of a message does not count, it has counted at its beginning."""
_BLOCK = Fields(
    {
        'type': text,
        **dict.fromkeys(('text', 'thinking'), nested_text),
        **dict.fromkeys(('id', 'name', 'signature', 'data', 'partial_json'), text),
    },
    {'type': 'text'},
)
BEGINNING: JsonObject = {
    'id': '', 'type': 'message', 'role': 'assistant', 'model': '', 'content': [], 'usage': _NO_TOKENS,
}  # fmt: skip
"""The beginning of a message of Anthropic."""
_MESSAGE = Fields(
    {
        **dict.fromkeys(('id', 'model', 'stop_reason', 'stop_sequence'), text),
        **dict.fromkeys(('type', 'role', 'container', 'stop_details'), nothing),
        'content': each(_BLOCK),
        'usage': _USAGE,
    },
    BEGINNING,
)
_END = Fields(
    {**dict.fromkeys(('stop_reason', 'stop_sequence'), text), 'stop_details': thing, 'container': thing}
)

ANTHROPIC: Mapping[str, Fields] = {
    'message_start': Fields({'message': _MESSAGE}, {'message': BEGINNING}),
    'content_block_start': Fields({'index': as_count, 'content_block': _BLOCK}, {'index': 0}),
    'content_block_delta': Fields({'index': as_count, 'delta': _BLOCK}, {'index': 0}),
    'content_block_stop': Fields({'index': as_count}, {'index': 0}),
    'message_delta': Fields({'delta': _END, 'usage': _END_USAGE}, {'delta': {}, 'usage': _NO_OUTPUT}),
}
"""The data of events, by their `type`."""

ANTHROPIC_NEEDS = {'content_block_start': 'content_block', 'content_block_delta': 'delta'}
"""Fields without which an event is dropped, by its type."""

_KINDS = each(Fields({'modality': text, 'tokenCount': as_count}))
_THINGS = (
    'executableCode', 'codeExecutionResult', 'fileData', 'functionResponse', 'toolCall', 'toolResponse',
)  # fmt: skip
_PARTS = Fields(
    {
        'text': nested_text,
        'thought': flag,
        'thoughtSignature': text,
        'functionCall': Fields({'id': text, 'name': text, 'args': thing}),
        'inlineData': Fields({'mimeType': text, 'data': text, 'displayName': text}),
        **dict.fromkeys(_THINGS, thing),
    }
)


def _part(value: object) -> JsonObject | None:
    """Fit a part of a kind that is known."""
    part = _PARTS(value)
    return part if part and part.keys() & _PARTS.fits.keys() else None


_CANDIDATE = Fields(
    {
        'content': Fields({'role': text, 'parts': each(_part)}),
        **dict.fromkeys(('finishReason', 'finishMessage'), text),
        **dict.fromkeys(('index', 'tokenCount'), as_count),
        **dict.fromkeys(('avgLogprobs', 'logprobsResult'), nothing),
        **dict.fromkeys(('citationMetadata', 'groundingMetadata', 'urlContextMetadata'), thing),
        'safetyRatings': each(Fields({'category': text, 'probability': text, 'blocked': flag})),
    }
)
_USED = (
    'promptTokenCount', 'candidatesTokenCount', 'totalTokenCount', 'thoughtsTokenCount',
    'cachedContentTokenCount', 'toolUsePromptTokenCount',
)  # fmt: skip
_KINDS_OF = (
    'promptTokensDetails',
    'candidatesTokensDetails',
    'cacheTokensDetails',
    'toolUsePromptTokensDetails',
)

GOOGLE = Fields(
    {
        'candidates': each(_CANDIDATE),
        **dict.fromkeys(('modelVersion', 'responseId'), text),
        **dict.fromkeys(('createTime', 'automaticFunctionCallingHistory', 'parsed'), nothing),
        'promptFeedback': Fields({'blockReason': text, 'blockReasonMessage': text}),
        'usageMetadata': Fields(
            {**dict.fromkeys(_USED, as_count), **dict.fromkeys(_KINDS_OF, _KINDS), 'trafficType': text}
        ),
    }
)

_COUNTED = Fields(
    {
        **dict.fromkeys((*COUNTS, 'total_tokens'), as_count),
        'input_tokens_details': Fields({'cached_tokens': as_count}, {'cached_tokens': 0}),
        'output_tokens_details': Fields({'reasoning_tokens': as_count}, {'reasoning_tokens': 0}),
    },
    {**_NO_TOKENS, 'total_tokens': 0},
)
_RESPONSE = Fields(
    {
        **dict.fromkeys(('id', 'model', 'status', 'service_tier'), text),
        **dict.fromkeys(('error', 'incomplete_details', 'conversation'), thing),
        'created_at': as_timestamp,
        'output': each(thing),
        'usage': _COUNTED,
    },
    {'id': '', 'model': '', 'created_at': 0, 'output': []},
)
RESPONSES = Fields(
    {
        **dict.fromkeys(('item_id', 'type'), text),
        **dict.fromkeys(('output_index', 'content_index', 'summary_index', 'sequence_number'), as_count),
        **dict.fromkeys(('item', 'part'), thing),
        'delta': nested_text,
        'response': _RESPONSE,
    }
)
