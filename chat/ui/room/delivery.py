"""The way of a prompt from the box of a page into its conversation, and the word that it has arrived."""

import asyncio
from collections.abc import Callable

from chat.conversation.failure import explain
from chat.conversation.live import LiveConversation
from chat.errors import ChatError
from chat.share.visitor import Guest, Visitor
from chat.ui.house import House
from chat.ui.notices import notify
from chat.ui.room.composer import Composer, Sent, UnsentBox


class Delivery:
    """Makes the box, and takes what is sent from it; what a guest sends carries their name."""

    def __init__(
        self,
        live: LiveConversation,
        house: House,
        unsent: UnsentBox,
        visitor: Visitor,
        *,
        sent: Callable[[], None],
    ) -> None:
        """`sent` is called after each prompt that has arrived."""
        self._live = live
        self._house = house
        self._visitor = visitor
        self._sent = sent
        self._sending = asyncio.Lock()
        self.composer = Composer(live, unsent, house.models, send=self._send, recall=self._recall)

    async def _send(self, sent: Sent) -> None:
        """Send a prompt, and confirm it; if it has to wait, not before it is stored."""
        by = self._visitor.name if isinstance(self._visitor, Guest) else ''
        try:
            async with self._sending:  # files are read first; what was sent first stays first
                attached = await self._house.folder.attachments.read(sent.attachments)
                self._live.send(sent.text, attached, turn_id=sent.id, seen=sent.seen or None, by=by)
        except ChatError as error:
            self.composer.refuse(sent.id, str(error))
            return
        try:
            await self._live.keep_details()
        except OSError as error:
            notify(explain(error))
        self.composer.accept(sent.id)
        self._sent()

    async def _recall(self, prompts: list[Sent]) -> None:
        """Confirm those that were sent, and have the others put back into the box."""
        for sent in prompts:
            if await self._was_sent(sent):
                self.composer.accept(sent.id)
            else:
                self.composer.refuse(sent.id, 'The connection was lost before this was sent. Send it again.')

    async def _was_sent(self, sent: Sent) -> bool:
        if not self._visitor.may_see(sent.conversation):
            return False
        try:
            return (await self._house.opened.open(sent.conversation)).knows(sent.id)
        except ChatError:
            return False
