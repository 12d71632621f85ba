"""The size of a file, as the page says it while the file is uploaded."""

import pytest

from chat.conversation.content.attachments import format_size
from tests.support.component_page import Stage


@pytest.mark.parametrize('size', [0, 999, 1000, 1234, 45_678, 999_499, 999_999, 10**6, 20_000_001, 10**9])
async def test_it_is_the_size_that_the_server_says(stage: Stage, size: int) -> None:
    said = await stage.use('attachments', f'formatSize({size})')
    assert said == format_size(size)
    assert 'e' not in said
