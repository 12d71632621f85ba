"""Nothing that a page shows is fetched from elsewhere."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply

MARKDOWN = r"""
Some `code`, **bold** words and $\frac{1}{2}$ of a [link](https://example.com/).

```python
def half(number: float) -> float:
    return number / 2
```

$$
\sum_{k=1}^{n} k = \frac{n(n+1)}{2}
$$

| name | value |
| --- | ---: |
| one | 1 |

![far away](https://example.com/far.png)

The end.
"""


async def test_no_request_leaves_this_computer(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    provider.reply(Reply(pieces=MARKDOWN.splitlines(keepends=True)))
    await chat.open(app.url)
    await chat.send('Show me all')
    await chat.expect_state('done')
    answer = chat.answers.last
    await expect(answer).to_contain_text('The end.')
    await expect(answer.locator('table td').first).to_have_text('one')
    await expect(answer.locator('pre')).to_contain_text('return number / 2')
    await expect(answer.locator('math')).to_have_count(2)
    await chat.page.wait_for_load_state('networkidle')
    assert watch.outside == []
