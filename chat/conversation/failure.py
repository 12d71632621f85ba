"""Why a run ended early, in words for the page."""

import logging

from pydantic_ai import exceptions as x
from pydantic_ai.conversation_store import ConversationConflict

from chat.conversation.context import Full, told_in
from chat.conversation.details import Ending
from chat.conversation.models import Models
from chat.conversation.refused import refused, too_long
from chat.conversation.unreached import unreached
from chat.errors import ChatError

log = logging.getLogger(__name__)

EMPTY_ANSWER = 'The model gave an empty answer.'
LENGTH_LIMIT = 'The answer reached the length limit of the model before it was complete.'
CONTENT_FILTER = 'The provider blocked this answer (content filter).'


def failed(error: Exception, models: Models, name: str | None, filled: Full | None = None) -> Ending:
    """The end of a turn that the model with this name could not answer.

    Args:
        error: What ended the run.
        models: The models that can answer.
        name: The name of the one that was asked.
        filled: What the answer has filled, in case it was ended for its length.
    """
    full = filled if isinstance(error, x.OutputTokenLimitExceeded) else told_in(error)
    sentence = too_long(full) if full else explain(error, models.advice(name or ''))
    return Ending(kind='failed', sentence=models.hide(sentence), full=full)


def explain(error: Exception, advice: str = 'Check the network.') -> str:
    """A sentence for the person who asked; an error that nobody foresaw is logged with its traceback.

    Args:
        error: What ended the run.
        advice: What to look at when the model cannot be reached.
    """
    return (
        _on_our_side(error)
        or unreached(error, advice)
        or _about_the_answer(error)
        or refused(error)
        or _on_our_disk(error)
        or _bug(error)
    )


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
        case _:
            return None


def _about_the_answer(error: Exception) -> str | None:
    match error:
        case x.ContentFilterError():
            return CONTENT_FILTER
        case x.OutputTokenLimitExceeded():
            return LENGTH_LIMIT
        case x.UnexpectedModelBehavior():
            return EMPTY_ANSWER
        case _:
            return None


def _on_our_disk(error: Exception) -> str | None:
    if isinstance(error, OSError):
        return f'This could not be saved: {error.strerror or error}. Make room on the disk, then try again.'
    return None


def _bug(error: Exception) -> str:
    log.error('A run ended in an unexpected way', exc_info=error)
    return 'Something went wrong here; the log says what.'
