"""Retention: chats go to the trash once nothing was said in them for as many days as the owner has set."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.storage import ConversationCatalog, ConversationStorage, ConversationSummary
from chat.errors import ChatError

log = logging.getLogger(__name__)

START_DELAY = 15
"""Seconds after the start of Parlour in which pages come back, and with them the chats that are open."""

RUN_INTERVAL = timedelta(days=1)

CHECK_INTERVAL = timedelta(hours=1)
"""How often it is looked whether a day has passed: timers do not advance while a computer sleeps."""


def now_in_utc() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Retention:
    """Finds the chats that are older than the preferences say, and moves them to the trash as deleting does.

    Left alone are those that are pinned, open, being answered or shared, and those in which a decision about
    a tool call or a prompt waits.
    """

    def __init__(
        self,
        registry: ConversationRegistry,
        catalog: ConversationCatalog,
        store: ConversationStorage,
        preferences: PreferencesStore,
        *,
        is_shared: Callable[[str], bool],
        clock: Callable[[], datetime] = now_in_utc,
    ) -> None:
        """`is_shared` says of a conversation whether guests have a link to it."""
        self._registry = registry
        self._catalog = catalog
        self._store = store
        self._preferences = preferences
        self._is_shared = is_shared
        self._clock = clock

    async def due(self, days: int) -> list[str]:
        """Return the ids of the conversations that would go now, the one used last first."""
        found = list[str]()
        for summary in self._catalog.summaries:
            if self._is_due(summary, days) and not await self._has_queue(summary.conversation_id):
                found.append(summary.conversation_id)
        return found

    def is_old(self, conversation_id: str) -> bool:
        """Return whether a conversation goes to the trash as soon as nobody has it open."""
        summary = self._catalog.get(conversation_id)
        days = self._preferences.current.retention_days
        return bool(days and summary and self._is_older(summary, days))

    async def clean_up(self) -> int:
        """Move what is due to the trash; return how many that were.

        Raises:
            OSError: If the disk fails; the rest stays.
        """
        count = 0
        days = self._preferences.current.retention_days
        for conversation_id in await self.due(days) if days else ():
            summary = self._catalog.get(conversation_id)
            if summary and self._is_due(summary, days):  # something may have happened since it was found
                await self._registry.delete(conversation_id)
                count += 1
        if count:
            log.info('%d chats without a word for %d days are in the trash now', count, days)
        return count

    async def clean_up_daily(self) -> None:
        """Do so after the start, each day, and when the days have been set to others."""
        await asyncio.sleep(START_DELAY)
        days, done_at = 0, self._clock()
        while True:
            seen = self._preferences.changed.count
            if self._preferences.current.retention_days != days or self._clock() - done_at >= RUN_INTERVAL:
                days, done_at = self._preferences.current.retention_days, self._clock()
                await self._clean_up_if_possible()
            try:
                async with asyncio.timeout(CHECK_INTERVAL.total_seconds()):
                    await self._preferences.changed.wait(seen)
            except TimeoutError:
                pass  # it is time to look again

    async def _clean_up_if_possible(self) -> None:
        try:
            await self.clean_up()
        except (ChatError, OSError) as error:
            log.warning('Old chats could not be moved to the trash: %s', error)

    def _is_due(self, summary: ConversationSummary, days: int) -> bool:
        return (
            self._is_older(summary, days)
            and not summary.is_waiting
            and not self._registry.is_open(summary.conversation_id)
            and not self._is_shared(summary.conversation_id)
        )

    def _is_older(self, summary: ConversationSummary, days: int) -> bool:
        return not summary.is_pinned and summary.updated_at < self._clock() - timedelta(days=days)

    async def _has_queue(self, conversation_id: str) -> bool:
        return bool((await self._store.read_metadata(conversation_id)).queue)
