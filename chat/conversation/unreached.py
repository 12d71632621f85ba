"""A model that was not reached, or whose connection broke, in words for the page."""

import socket
from collections.abc import Iterator

import httpx2
from pydantic_ai import exceptions as x

CUT = 'The connection was lost in the middle of the answer.'
SILENT = 'The model did not answer in time.'
UNREADABLE = 'What came from the model cannot be read. If this happens again, its server is at fault.'


def unreached(error: Exception, advice: str) -> str | None:
    """A sentence for what went wrong on the way, or `None` if something else did.

    Args:
        error: What ended the run.
        advice: What to look at when there is no connection.
    """
    match error:
        case x.ModelConnectionError(phase='connect'):
            return _no_connection(error, advice)
        case x.ModelTimeoutError() | x.ModelRequestTimeout():
            return SILENT
        case x.ModelConnectionError() | ConnectionError() | TimeoutError():
            return CUT
        case x.ModelAPIError() if any(isinstance(cause, ValueError) for cause in _causes(error)):
            return UNREADABLE
        case _:
            return None


def _no_connection(error: Exception, advice: str) -> str:
    causes = list(_causes(error))
    host = next((cause.request.url.host for cause in causes if isinstance(cause, httpx2.RequestError)), '')
    if host and any(isinstance(cause, socket.gaierror) for cause in causes):
        return f'There is no computer with the name {host}. Check the address, and the network.'
    return f'The model cannot be reached. {advice}'


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What led to an error, the nearest cause first."""
    cause = error.__cause__ or error.__context__
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
