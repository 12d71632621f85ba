"""What the provider is told to answer: texts, gates, and everything that can go wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.gates import Gate

Piece = str | Mapping[str, Any]
"""A text, or a whole delta of another kind; see `thought` and `call_in_pieces`."""

Ending = Literal['done', 'cut', 'malformed', 'error']
"""How a streamed answer ends, after its last piece.

`done` as it should; `cut` the connection closes; `malformed` with half an event; `error` with an error event.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool the model asks for, after its text."""

    name: str
    arguments: str = '{}'
    id: str = 'call-1'


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of the provider."""

    pieces: Sequence[Piece] = ()
    """What is said, piece by piece as it is streamed; none at all is an empty answer."""
    calls: Sequence[ToolCall] = ()
    before: Gate | None = None
    """Holds back even the first byte."""
    gates: Mapping[int, Gate] = field(default_factory=dict[int, Gate])
    """By n: holds after n pieces were sent."""
    pause: float = 0.0
    """Seconds between two pieces."""
    ending: Ending = 'done'
    finish: str | None = None
    """The reason for the end that is given, if it is not the usual one."""
    status: int = 200
    body: str = ''
    """The whole response, if the status is not 200 or there are no pieces."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    sent: list[float] = field(default_factory=list[float])
    """When each piece was sent, of `time.time`; more of them each time it is given."""

    @property
    def text(self) -> str:
        return ''.join(piece for piece in self.pieces if isinstance(piece, str))


def two_halves() -> tuple[Reply, Gate]:
    """An answer that is held in the middle."""
    gate = Gate()
    return Reply(pieces=['The first half ', 'and the second.'], gates={1: gate}), gate


def thought(text: str) -> Piece:
    """What a model thinks, as servers of open models send it."""
    return {'reasoning_content': text}


def call_in_pieces(name: str, *arguments: str) -> list[Piece]:
    """A tool call whose arguments come piece by piece."""
    begun = {'index': 0, 'id': 'call-1', 'type': 'function', 'function': {'name': name, 'arguments': ''}}
    rest = ({'index': 0, 'function': {'arguments': piece}} for piece in arguments)
    return [{'tool_calls': [call]} for call in (begun, *rest)]


def refusal(status: int, message: str, *, code: str | None = None, **headers: str) -> Reply:
    """An error response in OpenAI's form; `retry_after='7'` becomes the header `retry-after`."""
    error = {'message': message, 'type': 'error', 'param': None, 'code': code}
    return Reply(
        status=status,
        body=json.dumps({'error': error}),
        headers={name.replace('_', '-'): value for name, value in headers.items()},
    )


def bad_key() -> Reply:
    return refusal(401, 'Incorrect API key provided.', code='invalid_api_key')


def forbidden() -> Reply:
    return refusal(403, 'You are not allowed to use this model.', code='forbidden')


def unknown_model() -> Reply:
    return refusal(404, 'The model does not exist.', code='model_not_found')


def rate_limited(retry_after: float) -> Reply:
    """Too many requests; the OpenAI client itself tries twice again after `retry_after` seconds."""
    return refusal(429, 'Rate limit reached.', code='rate_limit_exceeded', retry_after=f'{retry_after:g}')


def out_of_quota() -> Reply:
    message = 'You exceeded your current quota, please check your plan.'
    return refusal(429, message, code='insufficient_quota', retry_after='0')


def too_long() -> Reply:
    message = "This model's maximum context length is 8192 tokens."
    return refusal(400, message, code='context_length_exceeded')


def overflow(tokens: int, limit: int) -> Reply:
    """A request is longer than the model holds, in the words of llama.cpp."""
    error = {
        'code': 400,
        'message': f'request ({tokens} tokens) exceeds the available context size ({limit} tokens), '
        'try increasing it',
        'type': 'exceed_context_size_error',
        'n_prompt_tokens': tokens,
        'n_ctx': limit,
    }
    return Reply(status=400, body=json.dumps({'error': error}))


def failing(status: Literal[500, 503, 529]) -> Reply:
    """The provider has a fault or is overloaded; the OpenAI client itself tries twice again, at once."""
    return refusal(status, 'The server had an error.', code='server_error', retry_after_ms='1')
