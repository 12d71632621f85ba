"""How many requests this process has sent to models over HTTP, and how many failed; not what was said."""

from collections import Counter

CONNECTION = 'connection'
"""Why a request failed that got no response, or one that broke off."""


class RequestCounts:
    """Counts requests for answers, titles and whatever else, each time that one is tried again as well."""

    def __init__(self) -> None:
        self.sent = 0
        self.failed = Counter[str]()
        """By the status of the response, or `CONNECTION`. What was stopped has not failed."""


MODEL_REQUESTS = RequestCounts()
"""Those of all connections, whoever has them."""
