"""Why a run ended early, in words for the page."""

import errno
import logging

from pydantic_ai import exceptions as x
from pydantic_ai.conversation_store import ConversationConflict

from chat.conversation.context import Full, told_in
from chat.conversation.details import Ending
from chat.conversation.models import Models
from chat.conversation.refused import refused, too_long
from chat.conversation.unreached import unreached
from chat.errors import ChatError, KeyMissing, ModelLoading, ModelMissing, ToolBroke

log = logging.getLogger(__name__)

EMPTY_ANSWER = 'The model gave an empty answer.'
ONLY_THOUGHTS = 'The model has thought, but given no answer.'
LENGTH_LIMIT = 'The answer reached the length limit of the model before it was complete.'
CONTENT_FILTER = 'The provider blocked this answer (content filter).'

_ROOM = 'Make room on the disk, then try again.'
_RIGHTS = 'Make the data folder writable for you, then try again.'
_FILES = 'Close some pages or other programs, then try again.'

_ADVICE = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EROFS: _RIGHTS,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOENT: 'The data folder is not where it was. Put it back, or start Parlour again.',
}
"""What helps when the disk fails, by the number of the error."""


def failed(error: Exception, models: Models, name: str | None, filled: Full | None = None) -> Ending:
    """The end of a turn that the model with this name could not answer.

    Args:
        error: What ended the run.
        models: The models that can answer.
        name: The name of the one that was asked.
        filled: What the answer has filled, in case it was ended for its length.
    """
    name = name or ''
    full = filled if isinstance(error, x.OutputTokenLimitExceeded) else told_in(error)
    advice = models.key_advice(name) if isinstance(error, x.ModelAuthenticationError) else models.advice(name)
    sentence = too_long(full) if full else explain(error, advice)
    return Ending(
        kind='failed',
        sentence=models.hide(sentence),
        call=error.call_id if isinstance(error, ToolBroke) else '',
        way=_way(error, models, name),
        full=full,
    )


def _way(error: Exception, models: Models, name: str) -> str:
    """Where the person can put this right, if that is known."""
    match error:
        case x.ModelHTTPError(status_code=403):
            return ''  # maybe it is the model, maybe the account
        case KeyMissing() | x.ModelAuthenticationError():
            return models.way_to_key(name)
        case ModelLoading():
            return ''
        case ModelMissing() | x.ModelNotFoundError():  # or its address; then the list says so
            return 'model'
        case _:
            return ''


def explain(error: Exception, advice: str = 'Check the network.') -> str:
    """A sentence for the person who asked; an error that nobody foresaw is logged with its traceback.

    Args:
        error: What ended the run.
        advice: What to look at when the model cannot be reached, or what to do when its key is refused.
    """
    return (
        _on_our_side(error)
        or unreached(error, advice)
        or _about_the_answer(error)
        or refused(error, advice)
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
        advice = _ADVICE.get(error.errno or 0, 'Try again.')
        return f'This could not be saved: {error.strerror or error}. {advice}'
    return None


def _bug(error: Exception) -> str:
    log.error('A run ended in an unexpected way', exc_info=error)
    return 'Something went wrong here; the log says what.'
