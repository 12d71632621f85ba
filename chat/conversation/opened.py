"""The conversations that are open in this process: one live object per id."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakValueDictionary

from pydantic_ai import Agent, Conversation
from pydantic_ai.exceptions import UserError

from chat.change import Change
from chat.conversation.branches import Branches, Origin, origin_of, read_branches
from chat.conversation.details import Details
from chat.conversation.live import LiveConversation
from chat.conversation.models import Models
from chat.conversation.preferences import LivePreferences
from chat.conversation.store import Store
from chat.conversation.titles import Titles
from chat.errors import ConversationNotFound, MessagesMissing, TurnMissing

FORKED = ' (fork)'
"""What tells the title of a fork from that of where it comes from."""


class OpenConversations:
    """Opens conversations when asked for; who looks at the same one shares the same object.

    A conversation is closed when nobody holds it any more and no run answers in it.
    """

    def __init__(
        self, *, agent: Agent[None, str], models: Models, store: Store, preferences: LivePreferences
    ) -> None:
        self.activity = Change()
        """Notified when a run begins or ends, in whichever conversation."""
        self._agent = agent
        self._models = models
        self._store = store
        self._preferences = preferences
        self._live: WeakValueDictionary[str, LiveConversation] = WeakValueDictionary()
        self._running: set[LiveConversation] = set()
        self._opening: dict[str, asyncio.Task[LiveConversation]] = {}
        self._titles = Titles(
            models=models,
            preferences=preferences,
            activity=self.activity,
            is_busy=lambda: bool(self._running),
        )

    @property
    def running(self) -> frozenset[str]:
        """The ids of the conversations that are being answered."""
        return frozenset(live.id for live in self._running)

    def find(self, conversation_id: str) -> LiveConversation | None:
        """The conversation if it is open now, stored or not."""
        return self._live.get(conversation_id)

    def new(self, conversation_id: str | None = None, *, title: str = '') -> LiveConversation:
        """A conversation that is stored with its first prompt, which gives the title if there is none."""
        conversation = Conversation(conversation_id=conversation_id) if conversation_id else Conversation()
        return self._keep(conversation, Details(title=title), Branches())

    async def open(self, conversation_id: str) -> LiveConversation:
        """The live object of a conversation, read from the store if it is not open yet.

        Raises:
            ConversationNotFound: If the store does not have it.
        """
        if live := self.find(conversation_id):
            return live
        if conversation_id not in self._opening:
            opening = asyncio.create_task(self._read(conversation_id))
            opening.add_done_callback(lambda _: self._opening.pop(conversation_id, None))
            self._opening[conversation_id] = opening
        return await asyncio.shield(self._opening[conversation_id])

    async def fork(self, live: LiveConversation, entry_id: str) -> LiveConversation:
        """A new conversation that begins as this one up to a message, which may be on any branch of it.

        Raises:
            TurnMissing: If no branch has it.
        """
        if entry_id not in live.branches:
            raise TurnMissing
        try:
            conversation = await self._store.fork(live.id, from_entry=entry_id)
        except UserError:  # it is being erased
            raise TurnMissing from None
        title = f'{live.details.title.removesuffix(FORKED)}{FORKED}'
        details = replace(
            live.details,
            title=title,
            has_own_title=False,
            is_pinned=False,
            is_archived=False,
            is_unread=False,
            queue=(),
        )
        await self._store.write_details(conversation.conversation_id, details)
        return await self.open(conversation.conversation_id)

    async def amend(self, conversation_id: str, change: Callable[[Details], Details]) -> None:
        """Change the details of any conversation; `LiveConversation` writes them, as it does all else.

        Raises:
            ConversationNotFound: If the store does not have it.
        """
        await (await self.open(conversation_id)).amend(change)

    async def delete(self, conversation_id: str) -> None:
        """End the answer that is under way, keep what it has said, and move all of it to the trash.

        Raises:
            ConversationNotFound: If the store does not have it.
        """
        if reading := self._opening.get(conversation_id):
            await asyncio.wait({reading})
        if live := self.find(conversation_id):
            self._titles.forget(live)
            await live.stop()
        await self._store.move_to_trash(conversation_id)
        self._live.pop(conversation_id, None)  # once restored, it is read anew

    async def close(self) -> None:
        """Stop every run, wait until what was said is stored, and look for no more titles."""
        await asyncio.gather(*(live.stop() for live in list(self._running)))
        await self._titles.close()

    async def _read(self, conversation_id: str) -> LiveConversation:
        try:
            conversation = await self._store.load(conversation_id)
            record = await self._store.read_record(conversation_id)
            if conversation is None or record is None:
                raise ConversationNotFound
            branches = await read_branches(self._store, record)
        except LookupError as error:
            if await self._store.read_record(conversation_id) is None:  # it was deleted meanwhile
                raise ConversationNotFound from None
            raise MessagesMissing from error
        details = await self._store.read_details(conversation_id)
        return self.find(conversation_id) or self._keep(conversation, details, branches, origin_of(record))

    def _keep(
        self,
        conversation: Conversation,
        details: Details,
        branches: Branches,
        origin: Origin | None = None,
    ) -> LiveConversation:
        live = LiveConversation(
            conversation=conversation,
            details=details,
            branches=branches,
            origin=origin,
            agent=self._agent,
            models=self._models,
            store=self._store,
            preferences=self._preferences,
            turned=self._turned,
        )
        self._live[live.id] = live
        return live

    def _turned(self, live: LiveConversation) -> None:
        """Hold a conversation while a run answers in it, also when every page has been closed."""
        (self._running.add if live.is_running else self._running.discard)(live)
        if not live.is_running:
            self._titles.consider(live)
        self.activity.notify()
