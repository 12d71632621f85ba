"""Limit the body of a request: the announced length, and what really arrives."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.server.security.error_page import RequestRejected
from chat.server.security.request_head import RequestHead

MEGABYTE_BYTES = 1024 * 1024


def validate_length(head: RequestHead, limit: int) -> None:
    """Check that a request does not announce more bytes than the limit.

    Raises:
        RequestRejected: If it does.
    """
    announced = head.headers.get('content-length', '0')
    if not (announced.isascii() and announced.isdigit()):
        raise RequestRejected(400, 'The request has no valid Content-Length.')
    if len(announced) > len(str(limit)) or int(announced) > limit:
        raise _too_large(limit)


async def run_with_body_limit(app: ASGIApp, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    """Run the app on a request, and stop reading its body at the limit.

    Raises:
        RequestRejected: If more arrived before the response began. A response to half a body is not sent.
    """
    received = 0
    has_begun = False

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get('body', b''))
        if received > limit:
            raise _too_large(limit)
        return message

    async def send_unless_refused(message: Message) -> None:
        nonlocal has_begun
        if received <= limit or has_begun:
            has_begun = True
            await send(message)

    try:
        await app(scope, receive_limited, send_unless_refused)
    except Exception:
        if received <= limit:
            raise
    if received > limit and not has_begun:
        raise _too_large(limit)


def _too_large(limit: int) -> RequestRejected:
    return RequestRejected(
        413, f'This is too large: at most {limit // MEGABYTE_BYTES} MB can be sent at once.'
    )
