"""Errors as sentences for the person who asked."""

import logging

import pytest
from pydantic_ai import exceptions as x

from chat.conversation.error_messages import error_message
from chat.errors import ModelMissing


@pytest.mark.parametrize(
    ('error', 'sentence'),
    [
        (ModelMissing('Set OPENAI_API_KEY.'), 'Set OPENAI_API_KEY.'),
        (x.ModelConnectionError('m', 'refused', phase='connect'), 'The model cannot be reached.'),
        (x.ModelConnectionError('m', 'cut', phase='read'), 'The connection was lost in the middle'),
        (x.UnexpectedModelBehavior('nothing'), 'The model gave an empty answer.'),
        (x.ContentFilterError('no'), 'The provider blocked this answer'),
        (x.UsageLimitExceeded('50'), 'The answer was stopped: it took'),
        (OSError(28, 'No space left on device'), 'This could not be saved: No space left on device.'),
    ],
)
def test_what_a_person_reads(error: Exception, sentence: str) -> None:
    assert error_message(error).startswith(sentence)


def test_what_nobody_foresaw_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        sentence = error_message(ZeroDivisionError('secret-key-in-a-message'))
    assert sentence == 'Something went wrong. See the log for details.'
    assert 'ZeroDivisionError' in caplog.text
