"""The way of a prompt from the box in which it was written into its conversation."""

import asyncio
from collections.abc import Callable, Iterable

from chat.agent.model_catalog import ModelCatalog
from chat.conversation.content.attachments import Attachment, attachment_missing
from chat.conversation.content.turns import blobs_in
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.error_messages import error_message
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import AttachmentStorage, DraftStorage
from chat.errors import ChatError
from chat.sharing.access import Guest, Owner, Visitor
from chat.sharing.uploads import Uploads
from chat.ui.chat.composer import Composer, SentPrompt
from chat.ui.notifications import notify

LOST_MESSAGE = 'Not sent: the connection was lost. Send it again.'
"""Pages say it too, where they know it before: `NOT_SENT` in connection.js."""


class PromptSender:
    """Makes the box, and takes what is sent from it; what a guest sends carries their name."""

    def __init__(
        self,
        live: LiveConversation,
        registry: ConversationRegistry,
        attachments: AttachmentStorage,
        models: ModelCatalog,
        drafts: DraftStorage,
        uploads: Uploads,
        *,
        visitor: Callable[[], Visitor],
        can_attach_any_file: bool,
        model: Callable[[], str | None],
        on_sent: Callable[[], None],
    ) -> None:
        """`model` names who answers; `on_sent` is called after each prompt that has arrived."""
        self._live = live
        self._registry = registry
        self._attachments, self._uploads = attachments, uploads
        self._visitor = visitor
        self._can_attach_any_file = can_attach_any_file
        self._on_sent = on_sent
        self._sending = asyncio.Lock()
        self.composer = Composer(
            live, drafts, models, model=model, send=self._send, reconcile=self._reconcile
        )
        self.composer.props['user'] = who.user if isinstance(who := visitor(), Owner) else ''

    async def _send(self, sent: SentPrompt) -> None:
        """Send a prompt, and confirm it when it is stored: the page forgets it then.

        One that was written for another conversation is never asked in this one.
        """
        if sent.conversation != self._live.id:
            await self._reconcile([sent])
            return
        by = guest.name if isinstance(guest := self._visitor(), Guest) else ''
        try:
            self._validate_attachments(sent.attachments)
            async with self._sending:  # files are read first; what was sent first stays first
                attached = await self._attachments.read(sent.attachments)
                self._live.send(sent.text, attached, turn_id=sent.id, seen=sent.seen or None, by=by)
        except ChatError as error:
            self.composer.refuse(sent.id, str(error))
            return
        self._uploads.mark_sent(self._visitor(), (file.blob for file in attached))
        await self._confirm(self._live, sent.id)
        await self.composer.move_draft()
        self._on_sent()

    async def _confirm(self, live: LiveConversation, prompt_id: str) -> None:
        try:
            await live.wait_until_stored(prompt_id)
        except (ChatError, OSError) as error:
            if live.has_prompt(prompt_id):
                notify(error_message(error))
            else:  # another process was to ask it, and has not heard of it
                self.composer.refuse(prompt_id, 'Not sent: it could not be stored. Send it again.')
        self.composer.accept(prompt_id)

    def _validate_attachments(self, attachments: Iterable[Attachment]) -> None:
        """See that people attach what they may: a page can name any file there is.

        Raises:
            AttachmentMissing: If they name another, as if there were no such file.
        """
        if self._can_attach_any_file:
            return
        theirs = self._uploads.blobs(self._visitor()) | blobs_in(self._live.turns)
        for attachment in attachments:
            if attachment.blob not in theirs:
                raise attachment_missing(attachment)

    async def _reconcile(self, prompts: list[SentPrompt]) -> None:
        """Confirm those that were sent, and have the others put back into the box."""
        for sent in prompts:
            if live := await self._sent_in(sent):
                await self._confirm(live, sent.id)
            else:
                self.composer.refuse(sent.id, LOST_MESSAGE)

    async def _sent_in(self, sent: SentPrompt) -> LiveConversation | None:
        """Return the conversation that a prompt has reached."""
        if not self._visitor().can_view(sent.conversation):
            return None
        try:
            live = await self._registry.open(sent.conversation)
        except ChatError:
            return None
        return live if live.has_prompt(sent.id) else None
