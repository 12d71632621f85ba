"""An app with the chats that are shown, and what takes pictures of its pages."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser

from tests.screenshots.sample_chats import STORED_CHATS
from tests.screenshots.scenes import SCENES, Stage
from tests.screenshots.sharing import VISITS, Visit
from tests.support.browser_contexts import CONTEXT_OPTIONS, Device
from tests.support.chat_page import ChatPage
from tests.support.launching import Launch, start_process
from tests.support.mcp_servers import SMALL
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.stored_chats import write_chats

Theme = Literal['light', 'dark']
THEMES: Sequence[Theme] = ('light', 'dark')
MCP_SERVERS = {
    'notes': {'command': sys.executable, 'args': [SMALL], 'alwaysAllow': ['echo', 'ask', 'visit']},
    'calendar': {'command': sys.executable, 'args': [SMALL, 'exits']},
    'search': {'url': 'http://127.0.0.1:9/mcp'},
}
"""One that works, one that ends and one that is not there."""

AGENT = ('--agent', 'chat.examples.tasks:agent', '--model', 'a-model')
"""What is given to the app of the scenes with an agent."""


class ScreenshotTaker:
    """Takes pictures into a folder, in one of the four ways in which a page can look."""

    def __init__(self, folder: Path, device: Device, theme: Theme) -> None:
        self._folder = folder
        self._device: Device = device
        self._theme: Theme = theme

    @asynccontextmanager
    async def page(self, browser: Browser) -> AsyncGenerator[ChatPage]:
        context = await browser.new_context(
            **CONTEXT_OPTIONS[self._device], color_scheme=self._theme, reduced_motion='reduce'
        )
        yield ChatPage(await context.new_page())
        await context.close()

    async def take(self, chat: ChatPage, scene: str) -> None:
        await chat.page.evaluate('document.fonts.ready')
        await chat.page.wait_for_load_state('networkidle')
        path = self._folder / f'{scene}-{self._device}-{self._theme}.png'
        await chat.page.screenshot(path=path, animations='disabled')

    async def take_alone(self, browser: Browser, scenes: Collection[str]) -> None:
        """What the owner sees."""
        with Provider() as provider:
            provider.models = ['a-model']
            of_agents = [scene for scene in scenes if scene.startswith('agent')]
            others = [scene for scene in scenes if scene not in of_agents]
            for flags, wanted in ((), others), (AGENT, of_agents):
                if wanted:
                    async with running(*flags, base_url=provider.url) as app:
                        for scene in wanted:
                            async with self.page(browser) as chat:
                                await SCENES[scene](Stage(chat=chat, url=app.url, provider=provider))
                                await self.take(chat, scene)

    async def take_together(self, owners: Browser, guests: Browser, launch: Launch, scene: str) -> None:
        """What owner and guest see of each other."""
        async with (
            running('--model', 'demo', '--port', '8080', launch=launch) as app,
            self.page(owners) as owner,
            self.page(guests) as guest,
        ):
            await owner.open(f'{app.url}/c/{STORED_CHATS[0].id}')
            await self.take(await VISITS[scene](Visit(owner=owner, guest=guest)), scene)


@asynccontextmanager
async def running(
    *flags: str, base_url: str | None = None, launch: Launch = start_process
) -> AsyncGenerator[Parlour]:
    with tempfile.TemporaryDirectory() as home:
        write_chats(Path(home) / 'data', STORED_CHATS)
        if '--agent' not in flags:
            (Path(home) / 'data' / 'mcp.json').write_text(json.dumps({'mcpServers': MCP_SERVERS}))
        with Parlour(Path(home) / 'data', *flags, base_url=base_url, launch=launch) as app:
            await asyncio.to_thread(app.wait_until_ready)
            yield app
