"""Better titles, once there is an answer: found in the background, and in nobody's way."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakSet

from chat.change_signal import ChangeSignal
from chat.conversation.live import LiveConversation
from chat.conversation.metadata import ConversationMetadata
from chat.conversation.model_source import ModelSource
from chat.conversation.preferences import PreferencesStore
from chat.conversation.title_generation import first_words, generate_title
from chat.conversation.turns import Turn

log = logging.getLogger(__name__)


class TitleGenerator:
    """Asks for one title after the other, and only while no conversation is being answered.

    A small computer can answer one request at a time: where a person asks, the title gives way and is asked
    for again afterwards. A title that a person gave is left alone, and so is one that a model has found.
    """

    def __init__(
        self,
        *,
        model_source: ModelSource,
        preferences: PreferencesStore,
        activity: ChangeSignal,
        is_busy: Callable[[], bool],
    ) -> None:
        """`activity` tells when `is_busy`, whether a conversation is being answered, may have changed."""
        self._model_source = model_source
        self._preferences = preferences
        self._activity = activity
        self._is_busy = is_busy
        self._wanting: list[LiveConversation] = []
        self._given_up: WeakSet[LiveConversation] = WeakSet()
        self._task: asyncio.Task[None] | None = None

    def schedule(self, live: LiveConversation) -> None:
        """Find a title for a conversation that was answered, if it needs one, without waiting for it."""
        if live in self._wanting or self._turn_for_title(live) is None:
            return
        self._wanting.append(live)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name='find titles')

    def cancel(self, live: LiveConversation) -> None:
        """Find no title for a conversation, which is being deleted."""
        self._given_up.add(live)

    async def close(self) -> None:
        """End what is under way."""
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _work(self) -> None:
        while self._wanting:
            await self._wait_until(lambda: not self._is_busy())
            asking = asyncio.create_task(self._generate_title(self._wanting[0]), name='find a title')
            disturbance = asyncio.create_task(self._wait_until(self._is_busy))
            try:
                await asyncio.wait({asking, disturbance}, return_when=asyncio.FIRST_COMPLETED)
                if asking.done():
                    self._wanting.pop(0)
            finally:
                asking.cancel()
                disturbance.cancel()
                await asyncio.wait({asking, disturbance})

    async def _wait_until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await self._activity.wait()

    async def _generate_title(self, live: LiveConversation) -> None:
        turn = self._turn_for_title(live)
        name = self._preferences.current.title_model or self._model_source.small_model(
            live.metadata.model or ''
        )
        if turn is None or name is None:
            return
        try:
            title = await generate_title(await self._model_source.connection(name), turn)
            await live.update_metadata(lambda metadata: self._with_title(live, metadata, title))
        except Exception as error:  # noqa: BLE001  # the first words are a title too
            log.info('No title was generated for %s: %s', live.id, type(error).__name__)
            self._given_up.add(live)

    def _with_title(
        self, live: LiveConversation, metadata: ConversationMetadata, title: str
    ) -> ConversationMetadata:
        """The details with this title, unless a person has given one or deleted it all meanwhile."""
        return replace(metadata, title=title) if title and self._turn_for_title(live) else metadata

    def _turn_for_title(self, live: LiveConversation) -> Turn | None:
        """The first whole turn of a conversation that is to be named after it."""
        is_wanted = self._preferences.current.refines_titles and live not in self._given_up
        if not is_wanted or not live.turns or not has_automatic_title(live):
            return None
        return next((turn for turn in live.turns if turn.state == 'done'), None)


def has_automatic_title(live: LiveConversation) -> bool:
    """Whether neither a person nor a model has found a title yet."""
    return not live.metadata.has_own_title and live.metadata.title == first_words(live.turns[0].question)
