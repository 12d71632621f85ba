"""Load what the first question needs once the first page has gone out, and so before anybody asks."""

import logging

from chat.agent.model_catalog import ModelCatalog
from chat.change_signal import ChangeSignal
from chat.conversation.conversation_registry import ConversationRegistry
from chat.errors import ChatError
from chat.rendering.code import load_lexers

log = logging.getLogger(__name__)


async def warm_up(
    first_page: ChangeSignal, models: ModelCatalog, conversations: ConversationRegistry
) -> None:
    """Wait for the first page, then connect the model of new chats, and load lexers.

    The package of a provider takes a quarter of a second or more to be imported, which a thread does.
    """
    await first_page.wait()
    try:
        agent_model = models.agent_model(conversations.agents.first.ref)
        await models.connection(agent_model or await models.default_model())
    except ChatError as error:  # who asks is told
        log.debug('There is no model to be connected yet: %s', type(error).__name__)
    await load_lexers()
