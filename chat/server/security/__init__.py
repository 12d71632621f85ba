"""Security: the middleware that every request and websocket passes before a page or a route."""
