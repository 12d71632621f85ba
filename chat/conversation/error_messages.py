"""Sentences for failures: why a run ended early, in words for the page."""

import errno
import logging
import socket
import ssl
from math import ceil

import httpx2
from pydantic_ai import exceptions as x
from pydantic_ai.conversation_store import ConversationConflict

from chat.conversation.content.context_window import ContextOverflow, context_full_message, overflow_in
from chat.conversation.content.metadata import TurnOutcome
from chat.conversation.model_source import ModelSource
from chat.error_body import causes_of, message_in_body, quoted_message
from chat.errors import ChatError, KeyMissing, LimitReached, ModelLoading, ModelMissing, ToolFailed

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

CONNECTION_LOST_MESSAGE = 'The connection was lost in the middle of the answer.'
TIMEOUT_MESSAGE = 'The model did not answer in time.'
NO_PORT = 'The address of the model cannot be used. Its port is at most 65535.'
UNREADABLE_MESSAGE = (
    'The response of the model cannot be read. If this happens again, the problem is in its server.'
)


def failed_outcome(
    error: Exception,
    models: ModelSource,
    name: str | None,
    overflow: ContextOverflow | None = None,
    *,
    is_private: bool = False,
) -> TurnOutcome:
    """Return the outcome of a turn that the model with this name could not answer.

    `overflow` is what the answer has filled, in case it was ended for its length.
    """
    name = name or ''
    full = overflow if isinstance(error, x.OutputTokenLimitExceeded) else overflow_in(error)
    advice = (
        models.key_hint(name)
        if isinstance(error, x.ModelAuthenticationError)
        else models.connection_hint(name)
    )
    sentence = context_full_message(full) if full else error_message(error, advice, is_private=is_private)
    return TurnOutcome(
        kind='failed',
        sentence=models.redact(sentence),
        call=error.call_id if isinstance(error, ToolFailed) else '',
        way=_recovery_link(error, models, name),
        full=full,
    )


def _recovery_link(error: Exception, models: ModelSource, name: str) -> str:
    """Return where the person can put this right; '' if that is not known."""
    match error:
        case x.ModelHTTPError(status_code=403) | ModelLoading():
            return ''  # maybe it is the model, maybe the account; or it takes time
        case KeyMissing() | x.ModelAuthenticationError():
            return models.key_link(name)
        case ModelMissing() | x.ModelNotFoundError():  # or its address; then the list says so
            return 'model'
        case LimitReached():
            return 'limits'
        case _:
            return ''


def error_message(error: Exception, advice: str = 'Check the network.', *, is_private: bool = False) -> str:
    """Return a sentence for the person who asked; log an unforeseen error with its traceback.

    Args:
        error: What ended the run.
        advice: What to look at when the model cannot be reached, or what to do when its key is refused.
        is_private: Whether only the kind of the error may be logged, and nothing that it says.
    """
    return (
        _own_error_message(error)
        or _connection_error_message(error, advice)
        or _answer_error_message(error)
        or _provider_error_message(error, advice)
        or _disk_error_message(error)
        or _bug_message(error, is_private)
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


def _bug_message(error: Exception, is_private: bool) -> str:
    log.error('A run has failed: %s', type(error).__name__, exc_info=None if is_private else error)
    return 'Something went wrong. See the log for details.'


def _connection_error_message(error: Exception, advice: str) -> str | None:
    """Return a sentence for a connection that failed; `None` if something else did.

    Args:
        error: What ended the run.
        advice: What to look at when there is no connection.
    """
    match error:
        case x.ModelTimeoutError(phase='connect'):
            return _connect_error_message(error, advice)
        case x.ModelTimeoutError() | x.ModelRequestTimeout():
            return TIMEOUT_MESSAGE
        case x.ModelConnectionError():
            return _request_error_message(error) or (
                _connect_error_message(error, advice) if error.phase == 'connect' else CONNECTION_LOST_MESSAGE
            )
        case httpx2.InvalidURL() | httpx2.RequestError() | UnicodeEncodeError():  # not all packages catch it
            return _request_error_message(error) or CONNECTION_LOST_MESSAGE
        case ConnectionError() | TimeoutError():
            return CONNECTION_LOST_MESSAGE
        case ExceptionGroup() if any(isinstance(each, OverflowError) for each in error.exceptions):
            return NO_PORT
        case x.ModelAPIError() if any(isinstance(cause, ValueError) for cause in causes_of(error)):
            return UNREADABLE_MESSAGE
        case _:
            return None


def _request_error_message(error: Exception) -> str | None:
    """Return why a request was not sent, or was redirected without end; `None` if neither happened."""
    for cause in (error, *causes_of(error)):
        match cause:
            case ChatError():
                return str(cause)
            case httpx2.ProxyError():
                return 'The proxy does not let the request through. Check HTTPS_PROXY and ALL_PROXY.'
            case httpx2.UnsupportedProtocol() | httpx2.InvalidURL():
                return 'The address of the model cannot be used. It must begin with http:// or https://.'
            case httpx2.LocalProtocolError() | UnicodeEncodeError():
                return 'The key or the address has an invalid character. Enter it again.'
            case httpx2.TooManyRedirects():
                return 'The server keeps redirecting. Check its address.'
            case _:
                pass
    return None


def _connect_error_message(error: Exception, advice: str) -> str:
    causes = list(causes_of(error))
    host = next((cause.request.url.host for cause in causes if isinstance(cause, httpx2.RequestError)), '')
    for cause in causes:
        match cause:
            case ssl.SSLCertVerificationError():
                return (
                    f'The certificate of {host} is not trusted ({cause.verify_message}). '
                    'If it is your own, name its file in SSL_CERT_FILE and start Parlour again.'
                )
            case ssl.SSLError():
                return f'No encrypted connection to {host}. Should its address begin with http://?'
            case socket.gaierror() if host:
                return f'No computer named {host} was found. Check the address and the network.'
            case _:
                pass
    return f'The model cannot be reached. {advice}'


def _provider_error_message(error: Exception, advice: str) -> str | None:
    """Return a sentence for what the provider answered; `None` if the error did not come from there."""
    if full := overflow_in(error):
        return context_full_message(full)
    match error:
        case x.ModelRequestRejectedError():
            return _status_message(error, advice)
        case x.ModelQuotaExceededError():
            return 'The quota or credit of this account is used up. Check the account at the provider.'
        case x.ModelRateLimitError():
            return f'Too many requests. Try again {_retry_advice(error.retry_after)}.'
        case x.ModelAPIError():
            wait = _retry_advice(error.retry_after)
            return f'{_server_error_message(error)}{_status(error)}. Try again {wait}.{_quote(error)}'
        case _:
            return None


def _status_message(error: x.ModelRequestRejectedError, advice: str) -> str:
    match error:
        case x.ModelHTTPError(status_code=403):  # pyright: ignore[reportUnnecessaryComparison]  # it may be both
            return f'The provider does not allow this (status 403).{_quote(error)}'
        case x.ModelAuthenticationError():
            return f'The API key was refused. {advice}'
        case x.ModelNotFoundError() if not _is_about_model(error):
            return f'The provider does not know this address (status 404). Check it.{_quote(error)}'
        case x.ModelNotFoundError():
            sentence = f'The provider does not know the model {error.model_name}. Pick another one.'
            return f'{sentence}{_quote(error)}'
        case _:
            return f'The provider refused the request{_status(error)}.{_quote(error)}'


def _is_about_model(error: x.ModelNotFoundError) -> bool:
    """Return whether it must be the model that was not found; a wrong address gets the same answer."""
    words = message_in_body(error.body).lower()
    return (
        error.provider_error_code == 'model_not_found'
        or 'model' in words
        or error.model_name.lower() in words
    )


def _quote(error: x.ModelAPIError) -> str:
    """Return what the provider said itself; the packages of providers keep only a part of it in `error`."""
    response = getattr(error.__cause__, 'response', None)
    if (quote := quoted_message(error.body)) or not isinstance(response, httpx2.Response):
        return quote
    try:
        return quoted_message(response.json())
    except (ValueError, httpx2.StreamError):
        return ''


def _server_error_message(error: x.ModelAPIError) -> str:
    match error:
        case x.ModelOverloadedError():
            return 'The provider is overloaded'
        case x.ModelUnavailableError():
            return 'The provider is not available'
        case _:
            return 'The provider has a problem'


def _status(error: x.ModelAPIError) -> str:
    return f' (status {error.status_code})' if isinstance(error, x.ModelHTTPError) else ''


def _retry_advice(seconds: float | None) -> str:
    """Return when to try again; `seconds` is the wait that the provider asks for, if it does."""
    if not seconds:
        return 'in a moment'
    if seconds < 120:
        return f'in {ceil(seconds)} s'
    return f'in {ceil(seconds / 60)} min' if seconds < 7200 else f'in {ceil(seconds / 3600)} h'
