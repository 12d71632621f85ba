"""How many requests were sent to models, and how many failed: in figures, nothing of what was said."""

from collections import Counter

import pytest

from chat.agent.request_counts import MODEL_REQUESTS
from tests.support.http_models import turn_after
from tests.support.replies import Reply


@pytest.mark.parametrize(
    ('reply', 'failed'),
    [
        (Reply(pieces=['All ', 'of it.']), Counter[str]()),
        (Reply(status=401, body='{"error": {"message": "No."}}'), Counter({'401': 1})),
        (Reply(pieces=['Half ', 'of it'], ending='cut'), Counter({'connection': 1})),
    ],
    ids=['an answer', 'a refusal', 'a connection that breaks'],
)
async def test_requests_to_models_are_counted(reply: Reply, failed: Counter[str]) -> None:
    """Those that list models are not among them."""
    sent, before = MODEL_REQUESTS.sent, MODEL_REQUESTS.failed.copy()
    await turn_after(reply)
    assert MODEL_REQUESTS.sent == sent + 1
    assert MODEL_REQUESTS.failed - before == failed
