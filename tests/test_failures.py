"""A provider that fails in every way it can, over real HTTP: each has its own sentence and loses nothing."""

import pytest

from chat.agent.build import build_agent
from chat.agent.models import ModelChoices
from chat.conversation.opened import OpenConversations
from tests.support import replies
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import MemoryStore, answered, preferring

CASES = {
    'a key that is refused': (replies.bad_key(), 'The API key was refused.'),
    'a key without the right': (replies.forbidden(), 'The provider does not allow this: '),
    'a model it does not know': (
        replies.unknown_model(),
        'The provider does not know the model parlour-test.',
    ),
    'a rate limit with a time': (replies.rate_limited(7), 'Too many requests. Try again in 7 s.'),
    'a rate limit': (replies.refusal(429, 'slow down'), 'Too many requests. Try again in a moment.'),
    'a quota': (replies.out_of_quota(), 'The quota or credit of this account is used up.'),
    'a long conversation': (replies.too_long(), 'The conversation is too long for this model.'),
    'a bad request': (
        replies.refusal(400, 'no such thing'),
        'The provider refused the request: no such thing',
    ),
    'an error of its own': (replies.failing(500), 'The provider has a problem at the moment.'),
    'no capacity': (replies.failing(503), 'The provider has a problem at the moment.'),
    'an overload': (replies.failing(529), 'The provider has a problem at the moment.'),
    'nothing': (Reply(pieces=[]), 'The model gave an empty answer.'),
    'only white space': (Reply(pieces=[' ', '\n']), 'The model gave an empty answer.'),
}


def conversations(url: str) -> OpenConversations:
    return OpenConversations(
        agent=build_agent(),
        models=ModelChoices(preferred='server:parlour-test', base_url=url, api_key=None, environment={}),
        store=MemoryStore(),
        preferences=preferring(),
    )


@pytest.mark.parametrize('case', CASES)
async def test_a_failure_before_the_first_word(case: str) -> None:
    """It is said at once: the client does not try again by itself, in silence."""
    reply, sentence = CASES[case]
    with Provider() as provider:
        live = conversations(provider.url).new()
        provider.say(reply)
        live.send('Hello')
        await answered(live)
        (turn,) = live.turns
        assert (turn.question, turn.text, turn.state) == ('Hello', '', 'failed')
        assert (turn.failure or '').startswith(sentence)
        assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ('reply', 'sentence'),
    [
        (
            Reply(pieces=['Half ', 'of it'], ending='cut'),
            'The connection was lost in the middle of the answer.',
        ),
        (Reply(pieces=['Half ', 'of it'], ending='malformed'), 'The provider has a problem at the moment.'),
        (Reply(pieces=['Half ', 'of it'], ending='error'), 'The provider has a problem at the moment.'),
    ],
)
async def test_a_failure_in_the_middle_keeps_what_was_said(reply: Reply, sentence: str) -> None:
    with Provider() as provider:
        live = conversations(provider.url).new()
        provider.say(reply)
        live.send('Hello')
        await answered(live)
        (turn,) = live.turns
        assert (turn.text, turn.state) == ('Half of it', 'failed')
        assert (turn.failure or '').startswith(sentence)


async def test_a_server_that_is_gone() -> None:
    with Provider() as provider:
        url = provider.url
    live = conversations(url).new()
    live.send('Hello')
    await answered(live)
    assert (
        live.turns[-1].failure
        == 'The model cannot be reached. Check that its server is running, and the network.'
    )
