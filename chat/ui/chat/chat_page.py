"""The page of one conversation: top bar, transcript, composer; for the owner and for guests."""

from collections.abc import Callable
from typing import TypeVar

from nicegui import ui
from pydantic_ai import ModelRequest

from chat.agent_config import OWNER_NAME
from chat.conversation.content.messages import attachments_of, prompt_text
from chat.conversation.content.turns import Turn
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import Draft, DraftStorage
from chat.sharing.access import Guest, Visitor
from chat.ui.chat.call_actions import CallActions
from chat.ui.chat.chat_header import ChatHeader, ChatTitle
from chat.ui.chat.chat_parts import AppShell, ChatParts
from chat.ui.chat.chat_settings_dialog import ChatSettingsButton, ChatSettingsDialog
from chat.ui.chat.composer import Composer
from chat.ui.chat.context_gauge import ContextGauge
from chat.ui.chat.elicitation_view import ElicitationList
from chat.ui.chat.find_bar import OPEN_FIND_SCRIPT, FindBar
from chat.ui.chat.getting_started import GettingStarted
from chat.ui.chat.message_list import JumpButton, LiveRegion, MessageList
from chat.ui.chat.model_picker import AgentNotice, CompareNotice, ModelNotice, ModelPicker
from chat.ui.chat.permissions import ChatPermissions
from chat.ui.chat.presence import GuestName, PageVisibility, TypingIndicator, ViewerList
from chat.ui.chat.prompt_queue import PromptQueueView
from chat.ui.chat.prompt_sender import PromptSender
from chat.ui.chat.temporary_chat import TemporaryBanner
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.follow_changes import PageView, follow
from chat.ui.formatting import title_outside
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.layout import TopBar, theme_toggle
from chat.ui.notifications import notifying_errors

CHECK_MESSAGE = 'Answers can be wrong. Check what matters.'


PartView = TypeVar('PartView', bound=PageView)


class ChatPage(HtmlElement):
    """Follows one conversation for as long as its page is open."""

    def __init__(
        self,
        live: LiveConversation,
        parts: ChatParts,
        *,
        visitor: Visitor,
        permissions: ChatPermissions,
        drafts: DraftStorage,
        shell: AppShell | None = None,
        on_begun: Callable[[], None] = lambda: None,
    ) -> None:
        """`drafts` are those of the visitor; without a shell there is no way to anywhere else.

        `on_begun` is called after each prompt that was sent from here, and when the chat becomes temporary.
        """
        super().__init__('div', 'page')
        self._live = live
        self._parts = parts
        self._visitor = visitor
        self._permissions = permissions
        self._on_begun = on_begun
        self._title = ''
        self._shown: object = None
        self._settings: ChatSettingsDialog | None = None
        self._shows: list[Callable[[], None]] = []
        """What brings each part up to date."""
        with self:
            self._viewers = self._build_own_bar(shell) if shell else self._build_guest_bar()
            viewer = self._turn_viewer()
            self._messages = MessageList(live, viewer, parts.streams)
            self._add(FindBar(live, self._messages))
            with HtmlElement('div', 'dock'):
                self._build_dock(drafts)
            self._status = LiveRegion()
        if permissions.can_manage_chat:
            self._build_chat_management(drafts)
        with self:
            follow(live.changed, self._show)
            if viewer.actions:
                follow(parts.models.changed, viewer.actions.show_models)
            if permissions.can_manage_chat and self._composer:
                self._follow_what_is_written(self._composer, drafts)

    def _follow_what_is_written(self, composer: Composer, drafts: DraftStorage) -> None:
        """Show what is written, and set, on other pages."""
        follow(drafts.changed, composer.show_draft)
        follow(self._parts.preferences.changed, self._show_send_key)
        prompts = self._parts.library.prompts
        follow(prompts.changed, lambda: composer.show_prompts(prompts.entries))

    def scroll_to_message(self, entry_id: str) -> None:
        """Lead the reader to a message, on whatever branch it is."""
        self._messages.scroll_to_message(entry_id)

    def _turn_viewer(self) -> TurnViewer:
        parts = self._parts
        actions = TurnActions(
            self._live, parts.registry, parts.catalog, parts.models, parts.preferences, parts.images
        )
        return TurnViewer(
            name=lambda: self._viewers.visitor.name,
            owner=parts.user or OWNER_NAME,
            actions=actions if self._permissions.can_manage_turns else None,
            sees_tool_details=self._permissions.sees_tool_details,
            call_actions=self._call_actions if self._permissions.can_decide else None,
        )

    def _call_actions(self, turn: Turn) -> CallActions:
        agents = self._parts.registry.agents
        return CallActions(
            live=self._live,
            turn_id=turn.id,
            is_for_guest=bool(turn.author),
            by=self._visitor.name,
            has_agent=lambda ref: agents.find(ref) is not None,
        )

    def _build_own_bar(self, shell: AppShell) -> ViewerList:
        live, parts = self._live, self._parts
        with TopBar(shell.open_sidebar).classes('chat-bar'):
            if self._permissions.can_manage_chat:
                self._add(ChatHeader(live, shell.actions, parts.preferences.folders))
            HtmlElement('span', 'spacer')
            viewers = ViewerList(live, parts.presence, self._visitor)
            if self._permissions.can_manage_chat:
                self._add(ModelPicker(live, parts.models, parts.preferences))
                self._add(ChatSettingsButton(live, self._open_settings))
            theme_toggle()
            if self._permissions.can_share and shell.share:
                share_button = IconButton(
                    'ios_share', 'Share on this network', 'share-button', data_testid='share'
                )
                share_button.on('click', shell.share, args=[])
        if self._permissions.can_manage_chat:
            self._add(TemporaryBanner(live, parts.registry, parts.presence, shell.actions, user=parts.user))
        return viewers

    def _build_guest_bar(self) -> ViewerList:
        with HtmlElement('header', 'topbar guest-bar'):
            self._add(ChatTitle(self._live))
            HtmlElement('span', 'spacer')
            find = IconButton('search', 'Find in this chat', data_testid='find-open')
            find.on('click', js_handler=OPEN_FIND_SCRIPT)
            viewers = ViewerList(self._live, self._parts.presence, self._visitor)
            theme_toggle()
        return viewers

    def _build_dock(self, drafts: DraftStorage) -> None:
        """Build what stands below the messages: it ends with the box, if there is one."""
        live, parts, permissions = self._live, self._parts, self._permissions
        JumpButton()
        if permissions.can_decide:
            ElicitationList(parts.elicitations, live.id, parts.user)
        if permissions.can_manage_chat:
            self._add(AgentNotice(live, parts.registry))
            self._add(ModelNotice(live, parts.models, parts.preferences, parts.registry.agents))
            self._add(CompareNotice(live))
        self._add(PromptQueueView(live, edit=self._edit if permissions.can_manage_turns else None))
        TypingIndicator(live, parts.presence, self._viewers, can_type=permissions.can_send)
        self._composer = None
        if permissions.can_send:
            sender = PromptSender(
                live,
                parts.registry,
                parts.attachments,
                parts.models,
                drafts,
                parts.uploads,
                visitor=lambda: self._viewers.visitor,
                can_attach_any_file=permissions.can_attach_any_file,
                model=lambda: parts.preferences.model_of(live.metadata),
                on_sent=self._after_sending,
            )
            self._composer = self._add(sender.composer)
        if isinstance(self._visitor, Guest):
            GuestName(self._viewers, parts.presence, parts.sharing, can_send=permissions.can_send)
            return
        with HtmlElement('div', 'fine-print'):
            HtmlText('p', CHECK_MESSAGE)
            self._add(ContextGauge(live))

    def _build_chat_management(self, drafts: DraftStorage) -> None:
        live, parts = self._live, self._parts
        if not live.turns:
            with self._messages.thread:
                self._add(
                    GettingStarted(
                        live,
                        parts.models,
                        parts.preferences,
                        parts.registry,
                        parts.library,
                        parts.attachments,
                        drafts,
                        send=self._send_first_prompt,
                        on_place_changed=self._on_begun,
                        can_add_keys=not parts.user,
                    )
                )
        with self:
            self._add(PageVisibility(live))

    def _open_settings(self) -> None:
        """Open the settings of the chat, which are a third of a page, and built when they are asked for."""
        live, parts = self._live, self._parts
        if self._settings is None:
            with self:
                self._settings = self._add(
                    ChatSettingsDialog(
                        live,
                        parts.preferences,
                        parts.registry.agents,
                        parts.sharing,
                        can_choose_folder=self._permissions.can_choose_folder,
                    )
                )
        self._settings.open()

    def _add(self, view: PartView) -> PartView:
        """Have a view brought up to date after each change of the conversation."""
        self._shows.append(view.show)
        return view

    def _show(self) -> None:
        live = self._live
        turns = live.turns
        # All else is about other things than words, of which an answer has several times a second.
        shown = live.changed.count_without_growth, len(live.queue), turns[-1].outline if turns else None
        if shown == self._shown:
            self._messages.grow(turns)
            return
        self._shown = shown
        self._messages.show(turns)
        self._status.show(turns)
        for show in self._shows:
            show()
        title = title_outside(live) or 'Parlour'
        last = turns[-1:] if self._permissions.can_decide else []
        undecided = sum(len(turn.undecided) for turn in last)
        self._show_title(f'({undecided}) {title}' if undecided else title)

    def _show_send_key(self) -> None:
        if self._composer:
            self._composer.show_send_key(self._parts.preferences.current.send_key)

    def _show_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            ui.page_title(title)

    async def _edit(self, turn_id: str) -> None:
        """Take a prompt out of the queue and put it into the box."""
        if composer := self._composer:

            async def keep(prompt: ModelRequest) -> None:
                draft = Draft(text=prompt_text(prompt), attachments=tuple(attachments_of(prompt)))
                await composer.return_to_box(draft)

            await self._live.remove_from_queue(turn_id, keep)

    def _send_first_prompt(self, prompt: str) -> None:
        if self._live.is_running:
            return  # a second click, before the suggestions have gone
        with notifying_errors():
            self._live.send(prompt)
        self._on_begun()

    def _after_sending(self) -> None:
        if not self.is_deleted:  # the person may have gone elsewhere while the prompt was being stored
            self._parts.presence.stopped_typing(self._viewers)
            self._on_begun()
