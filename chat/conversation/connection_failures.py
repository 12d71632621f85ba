"""A model that was not reached, or whose connection broke, in words for the page."""

import socket
import ssl
from collections.abc import Iterator

import httpx2
from pydantic_ai import exceptions as x

from chat.errors import ChatError

CONNECTION_LOST_MESSAGE = 'The connection was lost in the middle of the answer.'
TIMEOUT_MESSAGE = 'The model did not answer in time.'
NO_PORT = 'The address of the model cannot be used. Its port is at most 65535.'
UNREADABLE_MESSAGE = (
    'The response of the model cannot be read. If this happens again, the problem is in its server.'
)


def connection_error_message(error: Exception, advice: str) -> str | None:
    """A sentence for what went wrong on the way, or `None` if something else did.

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
        case (
            httpx2.InvalidURL() | httpx2.RequestError() | UnicodeEncodeError()
        ):  # not by every package caught
            return _request_error_message(error) or CONNECTION_LOST_MESSAGE
        case ConnectionError() | TimeoutError():
            return CONNECTION_LOST_MESSAGE
        case ExceptionGroup() if any(isinstance(each, OverflowError) for each in error.exceptions):
            return NO_PORT
        case x.ModelAPIError() if any(isinstance(cause, ValueError) for cause in _causes(error)):
            return UNREADABLE_MESSAGE
        case _:
            return None


def _request_error_message(error: Exception) -> str | None:
    """Why a request was not sent at all, or was sent on, if that is what happened."""
    for cause in (error, *_causes(error)):
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
    causes = list(_causes(error))
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


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What led to an error, the nearest cause first."""
    cause = error.__cause__ or error.__context__
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
