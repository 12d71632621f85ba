"""A provider that refuses in every way it can, over real HTTP: each way has its own sentence."""

import pytest

from tests.support import replies
from tests.support.http_models import turn_after
from tests.support.replies import Reply

PAGE = Reply(status=502, body='<html><h1>Bad gateway</h1></html>', headers={'content-type': 'text/html'})

CASES = {
    'a key that is refused': (
        replies.bad_key(),
        'The API key was refused. Set PARLOUR_API_KEY to the key of the server, and start Parlour again.',
    ),
    'a key without the right': (
        replies.forbidden(),
        'The provider does not allow this (status 403). It says: You are not allowed to use this model.',
    ),
    'a model it does not know': (
        replies.unknown_model(),
        'The provider does not know the model parlour-test. Pick another one. '
        'It says: The model does not exist.',
    ),
    'a wrong address': (
        replies.refusal(404, 'Not Found'),
        'The provider does not know this address (status 404). Check it. It says: Not Found',
    ),
    'a rate limit with a time': (replies.rate_limited(7), 'Too many requests. Try again in 7 s.'),
    'a long rate limit': (replies.rate_limited(1000), 'Too many requests. Try again in 17 min.'),
    'a very long rate limit': (replies.rate_limited(80_000), 'Too many requests. Try again in 23 h.'),
    'a rate limit': (replies.refusal(429, 'slow down'), 'Too many requests. Try again in a moment.'),
    'a quota': (
        replies.out_of_quota(),
        'The quota or credit of this account is used up. Check the account at the provider.',
    ),
    'a long conversation': (
        replies.too_long(),
        'This chat has filled the 8,192 tokens that the model holds. Continue without older messages, '
        'start a new chat, or pick a model with a larger context window; if the server is yours, start it '
        'with a larger one.',
    ),
    'a bad request': (
        replies.refusal(400, 'no such thing'),
        'The provider refused the request (status 400). It says: no such thing',
    ),
    'an error of its own': (
        replies.failing(500),
        'The provider has a problem (status 500). Try again in 1 s. It says: The server had an error.',
    ),
    'a page in place of an error': (PAGE, 'The provider has a problem (status 502). Try again in a moment.'),
    'an overload': (
        replies.refusal(529, 'Too much.'),
        'The provider is overloaded (status 529). Try again in a moment. It says: Too much.',
    ),
}


@pytest.mark.parametrize('case', CASES)
async def test_a_failure_before_the_first_word(case: str) -> None:
    """It is said at once: the client does not try again by itself, in silence."""
    reply, sentence = CASES[case]
    turn = await turn_after(reply)
    assert (turn.question, turn.text, turn.state) == ('Hello', '', 'failed')
    assert turn.failure == sentence


@pytest.mark.parametrize(
    'body',
    [
        'No such thing',
        '"No such thing"',
        '["No such thing"]',
        '[{"error": {"message": "No such thing"}}]',
        '{"error": "No such thing"}',
        '{"error": 5, "message": "No such thing"}',
        '{"error": null, "message": "No such thing"}',
        '{"error": {}, "detail": "No such thing"}',
        '{"errors": {"model": ["No such thing"]}}',
        '{"detail": [{"loc": ["body", "model"], "msg": "No such thing", "type": "value_error"}]}',
        '{"detail": {"error": {"message": "No such thing"}}}',
        '{"type": "about:blank", "title": "No such thing", "status": 400}',
    ],
)
async def test_the_words_of_a_server_are_told_wherever_it_puts_them(body: str) -> None:
    turn = await turn_after(Reply(status=400, body=body))
    assert turn.failure == 'The provider refused the request (status 400). It says: No such thing'


async def test_long_words_of_a_provider_are_cut() -> None:
    turn = await turn_after(replies.refusal(400, 'No. ' * 10_000))
    assert turn.failure
    assert len(turn.failure) < 500
