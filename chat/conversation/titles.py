"""Generate better titles in the background."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from weakref import WeakSet

from pydantic_ai import ModelRequest, ModelSettings, RunUsage
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models import Model

from chat.change_signal import ChangeSignal
from chat.conversation.answering.model_input import REFUSAL_STATUSES
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.metadata import ConversationMetadata, first_words
from chat.conversation.content.turns import Turn
from chat.conversation.content.usage import whole_usage
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.model_source import ModelSource
from chat.conversation.title_parsing import parse_title
from chat.conversation.usage_ledger import UsageLedger

log = logging.getLogger(__name__)

TITLE_TIMEOUT = 30
"""Seconds that a model has for a title."""

MAX_READ_LENGTHS = 125, 900
"""Words, and characters where there are no spaces, of the question and of the answer that a model reads."""

TITLE_REQUEST = """\
Reply with a title of 3 to 6 words for this conversation, in the language of its user. \
Nothing else: no quotation marks, no full stop."""

TITLE_MODEL_SETTINGS = ModelSettings(max_tokens=1000, max_retries=0)
"""Some models think nevertheless, and that counts."""


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
        ledger: UsageLedger,
    ) -> None:
        """Ask models of `model_source`; `activity` is notified when `is_busy` may have changed."""
        self._ledger = ledger
        self._model_source = model_source
        self._preferences = preferences
        self._activity = activity
        self._is_busy = is_busy
        self._wanting: list[LiveConversation] = []
        self._given_up: WeakSet[LiveConversation] = WeakSet()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_looking(self) -> bool:
        """Whether a title is being found, or is to be."""
        return bool(self._wanting)

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
            self._preferences.model_of(live.metadata) or ''
        )
        if turn is None or name is None:
            return
        try:
            title, usage = await generate_title(await self._model_source.connection(name), turn)
            await self._ledger.add(name, usage, of='title')
            await live.update_metadata(lambda metadata: self._with_title(live, metadata, title))
        except Exception as error:  # noqa: BLE001  # the first words are a title too
            log.info('No title was generated for %s: %s', live.id, type(error).__name__)
        self._given_up.add(live)  # another answer is no reason to ask again

    def _with_title(
        self, live: LiveConversation, metadata: ConversationMetadata, title: str
    ) -> ConversationMetadata:
        """Return the metadata with this title, unless the conversation needs none any more."""
        return replace(metadata, title=title) if title and self._turn_for_title(live) else metadata

    def _turn_for_title(self, live: LiveConversation) -> Turn | None:
        """Return the first whole turn of a conversation that is to be named after it; else `None`."""
        is_wanted = self._preferences.current.refines_titles and live not in self._given_up
        if not is_wanted or not live.turns or not has_automatic_title(live):
            return None
        return next((turn for turn in live.turns if turn.state == 'done'), None)


def has_automatic_title(live: LiveConversation) -> bool:
    """Return whether neither a person nor a model has found a title yet."""
    return not live.metadata.has_own_title and live.metadata.title == first_words(live.turns[0].question)


async def generate_title(model: Model, turn: Turn) -> tuple[str, Mapping[str, float | None]]:
    """Ask a model for the title of a conversation with this turn, '' if none; return what it took, too.

    Raises:
        AgentRunError: If it cannot be asked.
        TimeoutError: If it takes too long.
    """
    prompt = ModelRequest.user_text_prompt(
        f'User: {truncated_text(turn.question)}\n\nAssistant: {truncated_text(turn.text)}',
        instructions=TITLE_REQUEST,
    )
    async with asyncio.timeout(TITLE_TIMEOUT):
        try:
            response = await model_request(
                model, [prompt], model_settings={**TITLE_MODEL_SETTINGS, 'thinking': False}
            )
        except ModelHTTPError as error:
            if error.status_code not in REFUSAL_STATUSES:  # else by one that cannot be told not to think
                raise
            response = await model_request(model, [prompt], model_settings=TITLE_MODEL_SETTINGS)
    usage = RunUsage(requests=1)
    usage.incr(response.usage)
    return parse_title(response.text or ''), whole_usage([response], usage)


def truncated_text(text: str) -> str:
    """Return as much of a text as a model needs to name it."""
    words, characters = MAX_READ_LENGTHS
    return ' '.join(text[: 20 * characters].split()[:words])[:characters]
