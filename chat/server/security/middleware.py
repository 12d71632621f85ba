"""The ASGI middleware that every request and websocket passes, made of one station for each check."""

from starlette.types import ASGIApp, Receive, Scope, Send

from chat.server.security.authentication import Authentication, Authenticator
from chat.server.security.csp import SecurityHeaders
from chat.server.security.error_page import RejectionResponses
from chat.server.security.lock import LockedPages
from chat.server.security.pages import PageLimit
from chat.server.security.rate_limit import RequestRateLimit, TokenBucket
from chat.server.security.request_head import HeadCheck
from chat.server.security.request_limits import ActiveRequests, RequestLimits
from chat.sharing.lock import Lock


class SecurityMiddleware:
    """Passes a request on to the app if it is valid and the authenticator admits it.

    Each station is a plain ASGI app around the next one, since Starlette's `BaseHTTPMiddleware` ignores
    websockets. The first four never see a session, the others do.
    """

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        *,
        request_rate: TokenBucket | None = None,
        lock: Lock | None = None,
        socket_lifetime: float | None = None,
    ) -> None:
        """Put the stations together.

        Args:
            app: Answers.
            authenticator: Says who sends a request.
            request_rate: Delays the requests of each session.
            lock: Without one there is no passcode.
            socket_lifetime: Seconds after which a websocket ends.
        """
        self.app = app  # NiceGUI looks for its own app behind attributes of this name
        self.active = ActiveRequests()
        served: ASGIApp = PageLimit(app)
        if request_rate:
            served = RequestRateLimit(served, request_rate)
        unlocked = LockedPages(served, lock or Lock())
        authenticated = Authentication(RequestLimits(unlocked, self.active, socket_lifetime), authenticator)
        answered = SecurityHeaders(RejectionResponses(authenticated))
        self._stations = HeadCheck(answered, authenticator.names, authenticator.proxy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stations = self.app if scope['type'] == 'lifespan' else self._stations
        await stations(scope, receive, send)
