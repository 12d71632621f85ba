"""Hand the prompts of one conversation over to whoever answers in it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from pydantic import TypeAdapter
from pydantic_ai import ModelRequest
from pydantic_ai.conversation_store import ConversationConflict

from chat.cluster.coordinator import Coordinator
from chat.conversation.branch_switcher import BranchSwitcher
from chat.conversation.content.comparison import compared_models
from chat.conversation.content.messages import turn_id_of, without_queue_keys
from chat.conversation.conversation_log import ConversationLog
from chat.errors import ChatError
from chat.store.postgres.adoption import CONTINUE
from chat.store.tinydb_storage.tables import Json

logger = logging.getLogger(__name__)

_PROMPTS = TypeAdapter(list[ModelRequest])


class PromptHandover:
    """Stores prompts as commands, in the order in which they were given; each is asked once."""

    def __init__(
        self,
        log: ConversationLog,
        switcher: BranchSwitcher,
        coordinator: Coordinator,
        *,
        on_failed: Callable[[str], None],
    ) -> None:
        """Join the parts; `on_failed` gets the id of a prompt that could not be stored: it may come again."""
        self._log = log
        self._switcher = switcher
        self._coordinator = coordinator
        self._on_failed = on_failed
        self._begun: dict[str, asyncio.Future[None]] = {}
        """By the ids of their prompts: commands that are not stored yet."""
        self._in_order = asyncio.Lock()

    @property
    def is_under_way(self) -> bool:
        """Whether any prompt is being handed over."""
        return bool(self._begun)

    def __contains__(self, turn_id: str) -> bool:
        """Return whether a prompt is being handed over."""
        return turn_id in self._begun

    async def wait(self, turn_id: str) -> None:
        """Wait until a prompt is handed over, if it is being.

        Raises:
            Exception: Whatever has kept it from being stored.
        """
        if begun := self._begun.get(turn_id):
            await asyncio.shield(begun)

    def begin(
        self, prompt: ModelRequest, seen: str | None = None, *, after: Awaitable[None] | None = None
    ) -> None:
        """Give a prompt to whoever answers, once it was looked what is stored if that is to come first.

        `seen` is as for `LiveConversation.send`.
        """
        turn_id = turn_id_of(prompt)
        self._begun[turn_id] = begun = asyncio.get_running_loop().create_future()

        async def work() -> None:
            try:
                if after:
                    await sync_if_possible(after)
                async with self._in_order:
                    await self._coordinator.command(self._log.id, await self._command(prompt, seen))
                begun.set_result(None)
            except Exception as error:  # noqa: BLE001  # whoever waits is told; it can be sent again
                self._on_failed(turn_id)
                begun.set_exception(error)
                begun.exception()  # whoever sent it may be gone
            finally:
                self._begun.pop(turn_id, None)

        self._coordinator.start(work())

    async def _command(self, prompt: ModelRequest, seen: str | None) -> Json:
        """Return the command for a prompt; the first one of a conversation is stored for that."""
        if self._log.conversation.revision is None:
            if turn_id_of(prompt) not in {turn.id for turn in self._log.turns}:
                self._log.append(without_queue_keys(prompt))
            with suppress(ConversationConflict):  # another node has begun the same one
                await self._switcher.save_unsaved()
                revision, models = self._log.conversation.revision, [*compared_models(prompt)]
                return {'kind': CONTINUE, 'revision': revision, 'models': models}
        [document] = _PROMPTS.dump_python([prompt], mode='json')
        return {'kind': 'send', 'prompt': document, 'seen': seen}


async def sync_if_possible(syncing: Awaitable[None]) -> None:
    """Read what another node has stored, if that is possible; else the next beat does."""
    try:
        await syncing
    except ChatError as error:
        logger.warning('Another node was not heard: %s', error)
