"""What a page can have done with the turns of its conversation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from chat.agent.model_catalog import ModelCatalog
from chat.conversation.content.branches import TurnHalf
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.error_messages import error_message
from chat.conversation.image_loader import ImageLoader
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationCatalog
from chat.errors import ChatError
from chat.ui.chat.call_actions import CallActions
from chat.ui.formatting import title_of
from chat.ui.model_menu import ModelGroup, groups_of
from chat.ui.notifications import notifying_errors


class TurnActions:
    """The verbs behind the buttons of a page; what is refused is said there."""

    def __init__(
        self,
        live: LiveConversation,
        registry: ConversationRegistry,
        catalog: ConversationCatalog,
        models: ModelCatalog,
        preferences: PreferencesStore,
        images: ImageLoader,
    ) -> None:
        self._live = live
        self._registry = registry
        self._catalog = catalog
        self._models = models
        self._preferences = preferences
        self._images = images
        self._offer: Callable[[list[ModelGroup]], object] | None = None
        self._offered: list[ModelGroup] | None = None

    def continue_answer(self) -> None:
        """Have the last answer continued."""
        with notifying_errors():
            self._live.continue_answer()

    @property
    def can_exclude_older(self) -> bool:
        """Whether there are older turns that the model could be given no more."""
        return self._live.can_exclude_older

    async def exclude_older(self) -> None:
        """Have the model be given older turns no more, and go on."""
        with notifying_errors():
            await self._live.exclude_older()

    async def include_all(self) -> None:
        """Have the model be given all turns again."""
        with notifying_errors():
            await self._live.include_all()

    def regenerate(self, turn_id: str, model: str | None = None) -> None:
        """Have another answer to a question, maybe by another model."""
        with notifying_errors():
            self._live.regenerate(turn_id, model=model)

    def compare(self, turn_id: str, models: Sequence[str]) -> None:
        """Have several models answer a question again, at once."""
        with notifying_errors():
            self._live.comparing.answer_again(turn_id, models)

    def stop_compared(self, turn_id: str, place: int, model: str) -> None:
        """Stop one of several answers."""
        with notifying_errors():
            self._live.comparing.stop(turn_id, place, model)

    async def keep_compared(self, turn_id: str, place: int, model: str) -> None:
        """Go on with one of several answers."""
        with notifying_errors():
            await self._live.comparing.keep(turn_id, place, model)

    def resume(self, turn_id: str) -> None:
        """Have an answer go on with what was decided, if it could not before."""
        with notifying_errors():
            self._live.decisions.resume(turn_id)

    def edit(self, turn_id: str, text: str) -> None:
        """Ask a question in other words."""
        with notifying_errors():
            self._live.edit(turn_id, text)

    async def switch(self, turn_id: str, side: TurnHalf, step: int) -> None:
        """Show the version before or after the one that is shown."""
        with notifying_errors():
            await self._live.switch(turn_id, side, step)

    async def delete_version(self, turn_id: str, side: TurnHalf, seen: str = '') -> None:
        """Erase the version that the page shows, with all that followed it; `seen` ends an answer."""
        with notifying_errors():
            await self._live.delete_version(turn_id, side, seen)

    async def load_image(self, turn_id: str, url: str) -> str:
        """Have an image of the web shown in an answer, or in all compared ones; return why not, or ''."""
        from chat.rendering.markdown import image_addresses

        turn = next((turn for turn in self._live.turns if turn.id == turn_id and not turn.is_running), None)
        answers = (turn.compared or (turn,)) if turn else ()
        entries = [each.first_answer_entry_id for each in answers if url in image_addresses(each.text)]
        if not entries:
            return ChatError.sentence  # no page of ours asks for that
        try:
            for entry_id in entries:
                await self._images.load(self._live, entry_id, url)
        except (ChatError, OSError) as error:
            return error_message(error)
        return ''

    async def fork(self, entry_id: str) -> None:
        """Open a new conversation that begins as this one up to a message."""
        with notifying_errors():
            fork = await self._registry.fork(self._live, entry_id)
            ui.navigate.to(f'/c/{fork.id}')

    def origin_of(self, turn: Turn) -> tuple[str, str | None] | None:
        """Which conversation shares all up to this turn: its title, and its address if it is still there."""
        origin = self._live.origin
        if origin is None or origin.entry_id not in turn.entries:
            return None
        temporary = self._registry.temporary.get(origin.conversation_id)
        summary = temporary or self._catalog.get(origin.conversation_id)
        return (title_of(summary), f'/c/{summary.conversation_id}') if summary else ('a deleted chat', None)

    async def offer_models(self, offer: Callable[[list[ModelGroup]], object]) -> None:
        """Offer the models that can answer now, and until `end_offer` again whenever there are others."""
        self._offer, self._offered = offer, None
        self.show_models()
        await self._models.refresh()

    def end_offer(self, offer: Callable[[list[ModelGroup]], object]) -> None:
        """Offer them no more, unless they are offered elsewhere by now."""
        if self._offer == offer:
            self._offer = None

    def show_models(self) -> None:
        """Bring the models up to date that were offered last."""
        if self._offer is None:
            return
        known, recent = self._models.snapshot, self._preferences.current.recent_models
        if (
            groups := groups_of(known.choices, recent, known.troubles, self._live.metadata.agent)
        ) != self._offered:
            self._offered = groups
            self._offer(groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnViewer:
    """Who sees the turns of a page, and what they can have done with them."""

    name: Callable[[], str]
    """Their name of now."""
    owner: str
    """The name of the owner of the chat for others."""
    actions: TurnActions | None
    """Without any there is no button for one, and no handler behind it."""
    sees_tool_details: bool
    switch_actions: TurnActions | None = None
    """By which another version can be shown where there are no other actions."""
    call_actions: Callable[[Turn], CallActions] | None = None
    """Makes what they can have done with the calls of a turn."""

    def author_name(self, guest: str) -> str:
        """Return the name of who has asked, by that of the guest, if it was one; '' for the one who looks."""
        author = guest or self.owner
        return '' if author == self.name() else author
