"""Why a run ended early, in words for the page."""

import logging
from typing import cast

from pydantic_ai import exceptions as x
from pydantic_ai.conversation_store import ConversationConflict

from chat.errors import ChatError

log = logging.getLogger(__name__)

LONGEST_QUOTE = 300
"""Characters of a provider's own words that are shown."""

EMPTY_ANSWER = 'The model gave an empty answer.'


def explain(error: Exception) -> str:
    """A sentence for the person who asked; an error that nobody foresaw is logged with its traceback."""
    return _on_our_side(error) or _on_the_way(error) or _at_the_provider(error) or _bug(error)


def _on_our_side(error: Exception) -> str | None:
    match error:
        case ChatError():
            return str(error)
        case ConversationConflict():
            return 'This conversation was changed elsewhere. Reload the page, then try again.'
        case x.UsageLimitExceeded():
            return 'This answer took more steps than one answer may take.'
        case x.UserError():
            return error.message.split(' To try Pydantic AI')[0]
        case ConnectionError() | TimeoutError():
            return 'The connection was lost in the middle of the answer.'
        case OSError():
            return (
                f'This could not be saved: {error.strerror or error}. Make room on the disk, then try again.'
            )
        case _:
            return None


def _on_the_way(error: Exception) -> str | None:
    match error:
        case x.ModelTimeoutError() | x.ModelRequestTimeout():
            return 'The model did not answer in time.'
        case x.ModelConnectionError(phase='connect'):
            return 'The model cannot be reached. Check that its server is running, and the network.'
        case x.ModelConnectionError():
            return 'The connection was lost in the middle of the answer.'
        case x.ContentFilterError():
            return 'The provider blocked this answer (content filter).'
        case x.OutputTokenLimitExceeded():
            return 'The answer reached the length limit before it was complete.'
        case x.UnexpectedModelBehavior():
            return EMPTY_ANSWER
        case _:
            return None


def _at_the_provider(error: Exception) -> str | None:
    match error:
        case x.ModelRequestRejectedError():
            return _rejection(error)
        case x.ModelQuotaExceededError():
            return 'The quota or credit of this account is used up.'
        case x.ModelRateLimitError():
            return _rate_limit(error.retry_after)
        case x.ModelAPIError():
            return 'The provider has a problem at the moment. Try again in a while.'
        case _:
            return None


def _rejection(error: x.ModelRequestRejectedError) -> str:
    match error:
        case x.ModelHTTPError(status_code=403):  # pyright: ignore[reportUnnecessaryComparison]  # it may be both
            return f'The provider does not allow this: {_words_of(error)}'
        case x.ModelAuthenticationError():
            return 'The API key was refused. Check the key of this provider.'
        case x.ModelNotFoundError():
            return f'The provider does not know the model {error.model_name}. Pick another one.'
        case x.ModelContextWindowExceededError():
            return 'The conversation is too long for this model. Start a new chat or pick a larger model.'
        case _:
            return f'The provider refused the request: {_words_of(error)}'


def _rate_limit(seconds: float | None) -> str:
    """The sentence for 429; `seconds` is what the provider asks to wait, or `None` if it does not say."""
    return 'Too many requests. Try again ' + (f'in {seconds:.0f} s.' if seconds else 'in a moment.')


def _words_of(error: x.ModelRequestRejectedError) -> str:
    body = getattr(error, 'body', None)  # only the errors that came with an HTTP status have one
    if isinstance(body, dict):
        body = cast('dict[str, object]', body).get('message', '')  # providers send JSON of any shape
    return ' '.join(str(body or '').split())[:LONGEST_QUOTE] or 'it gave no reason.'


def _bug(error: Exception) -> str:
    log.error('A run ended in an unexpected way', exc_info=error)
    return 'Something went wrong here; the log says what.'
