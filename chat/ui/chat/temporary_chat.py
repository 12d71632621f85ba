"""How a chat becomes a temporary one, and what its pages say about it."""

from collections.abc import Callable

from chat.conversation.content.attachments import format_size
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import AttachmentStorage, DraftStorage
from chat.conversation.temporary.memory_conversations import MAX_FILE_BYTES
from chat.nicegui_compat import DeletionHook
from chat.sharing.presence import Presence
from chat.ui.conversation_actions import ConversationActions
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, icon_html, span_html
from chat.ui.javascript import COMPONENTS
from chat.ui.notifications import notify_on_error
from chat.ui.page_messages import send_props

EXPLANATION = 'Nothing of it is saved, and it is gone when you leave it or Parlour ends.'

EXPLANATION_FOR_TEAM = (
    'Nothing of it is saved. It lives in the memory of one computer of your team alone, and is gone when you '
    'leave it, or when that computer is updated or fails.'
)

MORE_EXPLANATION = (
    f'Files are held in memory, up to {format_size(MAX_FILE_BYTES)}. '
    'Models and tools still get what you send.'
)


class TemporaryButton(HtmlElement):
    """Stands in a chat that has not begun: has it be temporary, or not any more."""

    def __init__(
        self,
        live: LiveConversation,
        registry: ConversationRegistry,
        attachments: AttachmentStorage,
        drafts: DraftStorage,
        on_toggled: Callable[[], None],
    ) -> None:
        content = icon_html('visibility_off') + span_html('Temporary chat')
        super().__init__('button', 'temporary-button', content, type='button', data_testid='temporary')
        self._live = live
        self._registry = registry
        self._attachments = attachments
        self._drafts = drafts
        self._on_toggled = on_toggled
        self.props['aria-pressed'] = 'false'
        self.on('click', self._toggle, args=[])

    def show(self) -> None:
        """Say whether it is temporary."""
        send_props(self, **{'aria-pressed': str(self._live.place.is_temporary).lower()})

    async def _toggle(self) -> None:
        if self._live.turns:
            return  # it has just begun
        if self._live.place.is_temporary:
            await notify_on_error(self._registry.keep(self._live, self._attachments, self._drafts))
        else:
            self._registry.temporary.begin(self._live)
        if not self.is_deleted:  # the person may have gone elsewhere meanwhile
            self._on_toggled()


class TemporaryBanner(DeletionHook, component=COMPONENTS / 'temporary_banner.js'):
    """Says what temporary means, keeps the chat, asks before it is left; nothing is seen of it elsewhere."""

    def __init__(
        self,
        live: LiveConversation,
        registry: ConversationRegistry,
        presence: Presence,
        conversation_actions: ConversationActions,
        *,
        user: str,
    ) -> None:
        """`user` is whose chat it is, in a team."""
        super().__init__()
        self._live = live
        self._temporary = registry.temporary
        self._keep = conversation_actions.keep
        self._has_joined = False
        explanation = f'{EXPLANATION_FOR_TEAM if user else EXPLANATION} {MORE_EXPLANATION}'
        self.props.update(explanation=explanation, chat=live.id)
        self.on('keep', self._on_keep, args=[])
        self.on('leave', self._on_leave, args=[])
        self.set_visibility(False)
        with self:
            follow(self._temporary.changed, self.show)
            follow(presence.changed, self.show)

    @property
    def is_connected(self) -> bool:
        """Whether the browser is there."""
        return self.client.has_socket_connection and not self.is_deleted

    def show(self) -> None:
        """Bring it up to date."""
        if self.is_deleted:
            return
        is_temporary = self._live.place.is_temporary and self._temporary.has(self._live.id)
        if is_temporary != self._has_joined:
            self._has_joined = is_temporary
            self.set_visibility(is_temporary)
            if is_temporary:
                self._temporary.join(self, self._live.id)
        if is_temporary:
            send_props(
                self,
                begun=bool(self._live.turns),
                family=self._temporary.family_of(self._live.id),
                asks=self._temporary.is_last(self),
            )
        else:
            send_props(self, asks=False)

    def on_delete(self) -> None:
        self._temporary.leave(self)

    async def _on_keep(self) -> None:
        await self._keep(self._live.id)

    def _on_leave(self) -> None:
        self._temporary.end_now(self)
