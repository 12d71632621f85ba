"""The page of an answer that has grown is the page of the same answer loaded anew."""

import pytest
from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage
from tests.support.gates import Gate
from tests.support.process import Parlour
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import Reply

DOCUMENT = r"""# A *heading* with `code`

A paragraph with **bold**, *emphasis*, ~~struck~~ words, a [link](https://example.com/a), `<b>` & more.
It goes on in a second line\
and after a hard break, with $\sum_{k=1}^n k = \frac{n(n+1)}{2}$ in it and a price of $5.

1. one
   - nested `x`
     > a quote in a list

     and a second paragraph
2. two
3. three

- [x] done
- [ ] to do

| name | value |
| :--- | ----: |
| a | 1 |
| b | **2** |

```python
def count(values: list[int]) -> int:
    return sum(1 for value in values if value < 2)  # & so on
```

```mermaid
graph LR
  A[Question] --> B{Known?}
  B -- no --> A
```

- In a list:
  ```mermaid
  this cannot be drawn
  ```

> A quotation
> of two lines
>
> and a second paragraph.

$$
E = m c^2
$$

A reference to [the end], and a note[^1].

[the end]: https://example.com/end
[^1]: The note.

Setext
======

---

中文、العربية, עברית. 🙂 The end."""


ENDS = ('heading', 'bold', 'nested', 'cell', 'count', 'quotation')
SELECTED = """# A heading

A paragraph with **bold** words and $x^2$.

1. one
   - nested

| a cell | another |
|--------|---------|
| 1 | 2 |

```python
count = 1
```

> A quotation.

"""


async def html(answer: Locator) -> str:
    """What is in an answer once its diagram is drawn; the drawing itself stands in a tree of its own."""
    await expect(answer.locator('figure[data-drawn] svg')).to_be_visible()
    await expect(answer.locator('figure[data-problem]')).to_have_count(1)
    return await answer.locator('.prose').inner_html()


@pytest.mark.parametrize('size', [only_long(1), 7, only_long(40)])
async def test_grown_and_loaded_are_the_same(
    app: Parlour, provider: Provider, chat: ChatPage, size: int
) -> None:
    pieces = [DOCUMENT[start : start + size] for start in range(0, len(DOCUMENT), size)]
    provider.reply(Reply(pieces=pieces, pause=0.002))
    await chat.open(app.url)
    await chat.send('Show me everything')
    await chat.expect_state('done')
    await expect(chat.answers).to_contain_text('The end.')
    grown = await html(chat.answers)
    await chat.page.reload()
    await expect(chat.answers).to_contain_text('The end.')
    assert await html(chat.answers) == grown


async def test_a_selection_in_what_is_finished_stays(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """From the first heading to the last note of all that has been said, while more is being said."""
    provider.reply(Reply(pieces=[SELECTED, *(f'Word {number} ' for number in range(60))], pause=0.02))
    await chat.open(app.url)
    await chat.send('Talk')
    await expect(chat.answers).to_contain_text('Word 3 ')
    selected = await chat.answers.locator('.prose').evaluate(
        """(prose) => {
            const quote = prose.querySelector("blockquote");
            getSelection().setBaseAndExtent(prose.firstElementChild, 0, quote, quote.childNodes.length);
            return getSelection().toString();
        }"""
    )
    assert [word for word in ENDS if word not in selected] == []
    await chat.expect_state('done')
    assert await chat.page.evaluate('getSelection().toString()') == selected


async def test_what_has_not_changed_is_not_drawn_again(app: Parlour, chat: ChatPage) -> None:
    """NiceGUI draws all elements of a page when one has changed: here those that it is in, and no other."""
    await chat.open(app.url)
    await chat.send('Hello')
    await chat.expect_state('done')
    await chat.page.evaluate(
        """() => {
            window.drawn = [];
            for (const [id, element] of Object.entries(Vue.toRaw(mounted_app.elements))) {
                const { tag } = element;
                Object.defineProperty(element, "tag", { get: () => (drawn.push(Number(id)), tag) });
            }
        }"""
    )
    await chat.send('Again')
    await expect(chat.answers).to_have_count(2)
    await chat.expect_state('done')
    [number, ids] = await chat.page.evaluate('[Object.keys(mounted_app.elements).length, [...drawn]]')
    first = await chat.page.get_by_test_id('turn').first.get_attribute('id')
    assert len(ids) < number, ids
    assert first not in [f'c{each}' for each in ids]


async def test_while_an_answer_grows_no_element_is_sent_again(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """One that is sent has the browser compare all that are on the page.

    Also when an answer is stopped: it would be told before the last words, which are messages.
    """
    frames: list[str] = []
    chat.page.on(
        'websocket', lambda socket: socket.on('framereceived', lambda frame: frames.append(str(frame)))
    )
    first, last = Gate(), Gate()
    words = [f'Word {number} ' for number in range(80)]
    provider.reply(Reply(pieces=words, gates={10: first, 71: last}, pause=0.02))
    await chat.open(app.url)
    await chat.send('Talk')
    await expect(chat.answers).to_contain_text('Word 9')
    begun = len(frames)
    first.release()
    await expect(chat.answers).to_contain_text('Word 70')
    grown = frames[begun:]
    last.release()
    await chat.expect_state('done')
    assert grown
    assert not [frame for frame in grown if frame.startswith('42["update"')]

    provider.reply(Reply(pieces=words, gates={10: Gate()}, pause=0.02))
    await chat.send('Talk')
    await expect(chat.answers).to_have_count(2)
    await expect(chat.answers.last).to_contain_text('Word 9')
    begun = len(frames)
    await chat.stop.click()
    await chat.expect_state('stopped')
    assert frames[begun:]
    assert not [frame for frame in frames[begun:] if '"data-role":"assistant"' in frame]
