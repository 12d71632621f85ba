"""The types of values in each protocol: a value of another type is coerced, or left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from chat.agent.wire.json_coercion import JsonObject, as_count, as_text, as_timestamp, is_object, nested_text

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
    'message_delta': Fields({'delta': _END, 'usage': _USAGE}, {'delta': {}, 'usage': {'output_tokens': 0}}),
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
