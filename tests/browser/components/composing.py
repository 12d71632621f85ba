"""The composer on a stage."""

from collections.abc import Mapping

from playwright.async_api import Locator

from chat.ui.chat.composer import PROMPT_LIMITS
from tests.support.component_page import Mounted, Stage

PROPS: Mapping[str, object] = {
    'running': False,
    'warning': '',
    'limits': PROMPT_LIMITS,
    'conversation': 'this one',
    'draftKey': 'this one',
    'draft': {'text': '', 'attachments': []},
    'sendKey': 'enter',
}


async def compose(stage: Stage, **props: object) -> Mounted:
    """Show a composer of a conversation."""
    return await stage.mount('composer', {**PROPS, **props})


def box_of(stage: Stage) -> Locator:
    return stage.page.get_by_test_id('composer')


async def texts(composer: Mounted, count: int = 0) -> list[str]:
    """What was sent, in its order, once it is so many messages."""
    return [message['text'] for (message,) in await composer.emitted('send', count)]


async def messages(composer: Mounted, count: int = 0) -> list[str]:
    """The texts of what was sent, each once: what nobody confirms is sent again every four seconds."""
    told = count
    while True:
        sent = {message['id']: message['text'] for (message,) in await composer.emitted('send', told)}
        if len(sent) >= count:
            return [*sent.values()]
        told += 1
