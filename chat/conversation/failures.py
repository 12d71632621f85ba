"""Why a run ended early, in words for the page."""

import errno
import logging

from pydantic_ai import exceptions as x
from pydantic_ai.conversation_store import ConversationConflict

from chat.conversation.connection_failures import connection_error_message
from chat.conversation.context_window import ContextOverflow, overflow_in
from chat.conversation.metadata import TurnOutcome
from chat.conversation.model_source import ModelSource
from chat.conversation.provider_failures import context_full_message, provider_error_message
from chat.errors import ChatError, KeyMissing, ModelLoading, ModelMissing, ToolFailed

log = logging.getLogger(__name__)

EMPTY_ANSWER = 'The model gave an empty answer.'
ONLY_THOUGHTS = 'The model finished thinking without giving an answer.'
LENGTH_LIMIT = 'The answer reached the length limit of the model before it was complete.'
CONTENT_FILTER = 'The provider blocked this answer (content filter).'

_DISK_FULL_ADVICE = 'Make room on the disk, then try again.'
_PERMISSION_ADVICE = 'Make the data folder writable for you, then try again.'
_TOO_MANY_FILES_ADVICE = 'Close some pages or other programs, then try again.'

_ADVICE_BY_ERRNO = {
    errno.ENOSPC: _DISK_FULL_ADVICE,
    errno.EDQUOT: _DISK_FULL_ADVICE,
    errno.EFBIG: _DISK_FULL_ADVICE,
    errno.EROFS: _PERMISSION_ADVICE,
    errno.EACCES: _PERMISSION_ADVICE,
    errno.EPERM: _PERMISSION_ADVICE,
    errno.EMFILE: _TOO_MANY_FILES_ADVICE,
    errno.ENFILE: _TOO_MANY_FILES_ADVICE,
    errno.ENOENT: 'The data folder is not where it was. Put it back, or start Parlour again.',
}
"""What helps when the disk fails, by the number of the error."""


def failed_outcome(
    error: Exception, models: ModelSource, name: str | None, overflow: ContextOverflow | None = None
) -> TurnOutcome:
    """The end of a turn that the model with this name could not answer.

    Args:
        error: What ended the run.
        models: The models that can answer.
        name: The name of the one that was asked.
        overflow: What the answer has filled, in case it was ended for its length.
    """
    name = name or ''
    full = overflow if isinstance(error, x.OutputTokenLimitExceeded) else overflow_in(error)
    advice = (
        models.key_hint(name)
        if isinstance(error, x.ModelAuthenticationError)
        else models.connection_hint(name)
    )
    sentence = context_full_message(full) if full else error_message(error, advice)
    return TurnOutcome(
        kind='failed',
        sentence=models.redact(sentence),
        call=error.call_id if isinstance(error, ToolFailed) else '',
        way=_recovery_link(error, models, name),
        full=full,
    )


def _recovery_link(error: Exception, models: ModelSource, name: str) -> str:
    """Where the person can put this right, if that is known."""
    match error:
        case x.ModelHTTPError(status_code=403):
            return ''  # maybe it is the model, maybe the account
        case KeyMissing() | x.ModelAuthenticationError():
            return models.key_link(name)
        case ModelLoading():
            return ''
        case ModelMissing() | x.ModelNotFoundError():  # or its address; then the list says so
            return 'model'
        case _:
            return ''


def error_message(error: Exception, advice: str = 'Check the network.') -> str:
    """A sentence for the person who asked; an error that nobody foresaw is logged with its traceback.

    Args:
        error: What ended the run.
        advice: What to look at when the model cannot be reached, or what to do when its key is refused.
    """
    return (
        _own_error_message(error)
        or connection_error_message(error, advice)
        or _answer_error_message(error)
        or provider_error_message(error, advice)
        or _disk_error_message(error)
        or _bug_message(error)
    )


def _own_error_message(error: Exception) -> str | None:
    match error:
        case ChatError():
            return str(error)
        case ConversationConflict():
            return 'This chat was changed elsewhere. Reload the page, then try again.'
        case x.UsageLimitExceeded():
            return 'The answer was stopped: it took too many steps.'
        case x.UserError():
            return error.message.split(' To try Pydantic AI')[0]
        case _:
            return None


def _answer_error_message(error: Exception) -> str | None:
    match error:
        case x.ContentFilterError():
            return CONTENT_FILTER
        case x.OutputTokenLimitExceeded():
            return LENGTH_LIMIT
        case x.UnexpectedModelBehavior():
            return EMPTY_ANSWER
        case _:
            return None


def _disk_error_message(error: Exception) -> str | None:
    if isinstance(error, OSError):
        advice = _ADVICE_BY_ERRNO.get(error.errno or 0, 'Try again.')
        return f'This could not be saved: {error.strerror or error}. {advice}'
    return None


def _bug_message(error: Exception) -> str:
    log.error('A run ended in an unexpected way', exc_info=error)
    return 'Something went wrong. See the log for details.'
