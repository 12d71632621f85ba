"""One page of Parlour, as a person uses it."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from playwright.async_api import Error, Locator, Page, expect

from tests.support.timeouts import WAIT_TIMEOUT

ANSWER_STATE = Literal['waiting', 'streaming', 'done', 'stopped', 'failed', 'needs-approval']
IN_CONVERSATION = re.compile(r'/c/[^/?#]+')
CONNECTED = """(timeout) => new Promise((resolve, reject) => {
  const look = () => (window.socket?.connected ? resolve() : setTimeout(look, 10));
  look();
  setTimeout(() => reject(new Error("The page is not connected.")), timeout);
})"""


class ChatPage:
    """A page, and what is found on it by its test ids."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.composer = page.get_by_test_id('composer')
        self.send_button = page.get_by_test_id('send')
        self.stop = page.get_by_test_id('stop')
        self.attachments = page.locator('.composer').get_by_test_id('attachment')
        self.picker = page.locator('.composer input[type=file]')
        self.queued = page.get_by_test_id('queued')
        self.queue_note = page.get_by_test_id('queue-note')
        self.retry = page.get_by_test_id('retry')
        self.notice = page.get_by_test_id('notice')
        self.links = page.get_by_test_id('conversation-link')
        self.answers = page.get_by_test_id('answer')

    def turns(self, role: Literal['user', 'assistant']) -> Locator:
        return self.page.get_by_test_id('turn').and_(self.page.locator(f'[data-role="{role}"]'))

    async def open(self, url: str) -> None:
        try:
            await self.page.goto(url)
        except Error as error:  # a page whose server was started anew may just be reloading itself
            if 'ERR_ABORTED' not in str(error):
                raise
            await self.page.goto(url)
        await self._wait_until_usable()

    async def leave(self) -> None:
        """Leave the app while its server is away, so that it can be opened again afterwards.

        A page loads itself anew as soon as its server is there again, and what is opened at that moment may
        seem never to have been loaded.
        """
        await self.page.goto('about:blank')

    async def reload(self) -> None:
        """Load the page anew and wait until it can be used: it is shown before it is connected."""
        await self.page.reload()
        await self._wait_until_usable()

    async def _wait_until_usable(self) -> None:
        await wait_until_connected(self.page)
        await expect(self.composer).to_be_editable()

    async def send(self, prompt: str) -> None:
        await self.composer.fill(prompt)
        await self.composer.press('Enter')

    async def wait_until_saved(self) -> None:
        """Wait until the server has confirmed that it keeps what stands in the box."""
        await expect(self.page.locator('.composer')).to_have_attribute('data-saved', 'true')

    async def wait_for_prop(self, name: str, *, is_set: bool) -> None:
        """Wait until the browser has heard that a property of some element is true, or of none."""
        await self.page.wait_for_function(
            '([name, isSet]) => Object.values(mounted_app.elements).some((it) => it.props?.[name]) === isSet',
            arg=[name, is_set],
        )

    async def expect_answer(self, text: str) -> None:
        """Wait until the last answer has this text and no other; it may not be done yet: `expect_state`."""
        await expect(self.answers.last).to_have_text(text)

    async def expect_answer_with(self, text: str) -> None:
        """Wait until the last answer has this in its text."""
        await expect(self.answers.last).to_contain_text(text)

    async def expect_state(self, *states: ANSWER_STATE) -> None:
        """Wait until the last turn is an answer in one of these; that of the prompt before does not count."""
        last = self.page.get_by_test_id('turn').last
        wanted = re.compile(f'^({"|".join(states)})$')
        await expect(last.and_(self.turns('assistant'))).to_have_attribute('data-state', wanted)

    async def end_answer(self) -> None:
        """Stop the answer, unless it comes to its end by itself meanwhile."""
        await self.page.keyboard.press('Escape')  # which does nothing then
        await self.expect_state('stopped', 'done')

    async def address(self) -> str:
        """The address of the conversation, once it has one."""
        await expect(self.page).to_have_url(IN_CONVERSATION)
        return self.page.url


async def wait_until_connected(page: Page) -> None:
    """Wait until the server hears what is done on a page: it is shown before, and may load itself anew.

    Playwright's `wait_for_function` brings a script of its own into each page: 15 % more work for Chromium.
    """
    while True:
        try:
            return await page.evaluate(CONNECTED, 1000 * WAIT_TIMEOUT)
        except Error as error:
            if 'because of a navigation' not in error.message:
                raise


OpenChatPage = Callable[..., Awaitable[ChatPage]]
"""Opens a page in a browser of its own, as of another person, as `BrowserContexts.open`."""


def request_messages(request: dict[str, Any]) -> list[tuple[str, str]]:
    """Role and text of each message in a provider's request, without the instructions."""
    messages = ((message['role'], text_of(message['content'])) for message in request['messages'])
    return [(role, text) for role, text in messages if role not in {'system', 'developer'}]


def text_of(content: str | list[dict[str, str]]) -> str:
    """The text of a message, which comes as text or as parts."""
    return content if isinstance(content, str) else ''.join(part.get('text', '') for part in content)
