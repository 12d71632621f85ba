"""An open conversation, and everything that can be done with it: send, stop, regenerate, edit and more."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from weakref import ref

from pydantic_ai import Conversation, ModelRequest

from chat.agent_config import AgentRoster
from chat.change_signal import ChangeSignal
from chat.conversation.answering.answerer import Answerer
from chat.conversation.answering.comparing import Comparing
from chat.conversation.answering.decisions import Decisions
from chat.conversation.answering.history_limit import HistoryLimit
from chat.conversation.answering.run_rights import NoRivals, RunRights
from chat.conversation.answering.steering import Steering
from chat.conversation.branch_switcher import BranchSwitcher
from chat.conversation.content.attachments import NO_ATTACHMENTS, AttachedFiles
from chat.conversation.content.branches import BranchPoint, Origin, TurnHalf
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.messages import prompt_message, turn_id_of, validate_prompt, with_new_text
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.model_source import ModelSource
from chat.conversation.prompt_queue import KeepPrompt, PromptQueue
from chat.conversation.usage_ledger import UsageLedger
from chat.documents.reader import DocumentReader
from chat.errors import ConversationBusy, TurnMissing


class LiveConversation:
    """One conversation, shared by all who view it, and its only writer.

    Views read `turns` and wait for `changed`; they never write. A run belongs to the conversation, not
    to the page that asked: it goes on when that page is closed, and any page can stop it.
    What changes turns that are there, or shows others, raises `ConversationBusy` while an answer is under way
    or the branch is changing, and `TurnMissing` if what it is asked for is not shown any more.
    """

    def __init__(
        self,
        log: ConversationLog,
        *,
        agents: AgentRoster,
        model_source: ModelSource,
        preferences: PreferencesStore,
        ledger: UsageLedger,
        documents: DocumentReader,
        origin: Origin | None = None,
        rights: RunRights | None = None,
        on_run_changed: Callable[['LiveConversation'], None] = lambda _: None,
    ) -> None:
        """Join the parts; `on_run_changed` is called when a run has begun and when it has ended."""
        self.changed, self.origin, self.place = ChangeSignal(), origin, log.place
        self._log, self._queue = log, PromptQueue(log)
        self._viewers = viewers = set[object]()  # the pages in view that show this conversation
        whole = ref(self)  # to which no part refers, so that it is freed when no page and no run holds it
        self._switcher = switcher = BranchSwitcher(log, self._queue, self.changed)
        self._answerer = answerer = Answerer(
            log=log,
            queue=self._queue,
            switcher=switcher,
            agents=agents,
            model_source=model_source,
            preferences=preferences,
            ledger=ledger,
            documents=documents,
            changed=self.changed,
            rights=rights or NoRivals(),
            is_viewed=lambda: bool(viewers),
            on_run_changed=lambda: on_run_changed(live) if (live := whole()) else None,
        )
        self._history_limit = HistoryLimit(log, answerer, self.changed)
        self.decisions = Decisions(log, answerer, switcher, self.changed)
        self.steering = Steering(log, self._queue, answerer, self.changed)
        self.comparing = Comparing(log, answerer, switcher, self.changed)
        self._sent_ids = {turn.id for turn in log.turns} | set(map(turn_id_of, self.queue))  # of all ever

    @property
    def id(self) -> str:
        return self._log.id

    @property
    def conversation(self) -> Conversation:
        """The messages and the usage of the branch that is shown, without what is being said."""
        return self._log.conversation

    @property
    def metadata(self) -> ConversationMetadata:
        return self._log.metadata

    @property
    def turns(self) -> list[Turn]:
        """Every turn that is shown, oldest first; one that has not changed is the same object as before."""
        return self._answerer.turns

    @property
    def queue(self) -> list[ModelRequest]:
        """The prompts that wait for their turn, the next first."""
        return self._queue.prompts

    @property
    def shown_queue(self) -> list[ModelRequest]:
        """The prompts of the queue that are stored: only these may be shown as waiting."""
        return [prompt for prompt in self.queue if turn_id_of(prompt) in self._log.stored_queue_ids]

    @property
    def is_answering(self) -> bool:
        return self._answerer.is_running

    @property
    def is_running(self) -> bool:
        """Whether an answer is under way, here or in another process."""
        return self.is_answering

    @property
    def is_halted(self) -> bool:
        """Whether the queue waits until somebody sends something, and not just for an answer."""
        return bool(self.queue) and (self._queue.is_halted or not self.is_running)

    @property
    def can_exclude_older(self) -> bool:
        return self._history_limit.can_exclude_older

    def has_prompt(self, turn_id: str) -> bool:
        return turn_id in self._sent_ids

    def has_entry(self, entry_id: str) -> bool:
        """Return whether a message is stored on any branch, shown or not."""
        return entry_id in self._log.branches

    def send(
        self,
        text: str,
        attached: AttachedFiles = NO_ATTACHMENTS,
        *,
        turn_id: str | None = None,
        seen: str | None = None,
        by: str = '',
    ) -> None:
        """Add a prompt and begin to answer it, or put it into the queue if an answer is under way.

        Args:
            text: What a person wrote.
            attached: The files with it.
            turn_id: A second prompt with this id is ignored: a page may send again if it has no reply.
            seen: The last `Turn.answer_entry_id` that the person saw. If another branch is shown by now, it
                goes to the end of the one that they saw; what has been added to that meanwhile stays.
            by: The name of the guest who sends it; '' if it is the owner.

        Raises:
            PromptEmpty, PromptTooLong, AttachmentRefused: See `validate_prompt`.
        """
        validate_prompt(text, attached)
        prompt = prompt_message(text, turn_id, attached, author=by)
        if not self.has_prompt(turn_id := turn_id_of(prompt)):
            self._sent_ids.add(turn_id)
            self._add_prompt(prompt if by else self.comparing.with_models(prompt), seen)

    def send_now(self, turn_id: str) -> None:
        """Ask a prompt of the queue next, and stop the running answer for it."""
        if self.is_running and (prompt := self._queue.remove(turn_id)):
            self._answerer.stop()
            self._add_prompt(prompt)
        elif prompt := self._queue.get(turn_id):
            self._answerer.ask(prompt)  # it leaves the stored queue once it is stored as a message

    async def remove_from_queue(self, turn_id: str, keep: KeepPrompt | None = None) -> ModelRequest | None:
        """Take a prompt out of the queue; return `None` if it is not there."""
        if (prompt := self._queue.remove(turn_id)) and keep:
            await keep(prompt)
        self.changed.notify()
        await self.save_metadata()
        return prompt

    async def stop(self) -> None:
        """End the run, if there is one, and wait until what it has said is stored; the queue waits."""
        self._answerer.stop()
        await self._answerer.wait()

    async def close(self) -> None:
        """End what is under way, and wait until it is stored."""
        await asyncio.gather(self._answerer.close(), self._switcher.close())

    def edit(self, turn_id: str, text: str) -> None:
        """Ask a question in other words; the old one, with all that followed, stays as another version.

        Raises:
            PromptEmpty, PromptTooLong: As for `send`.
        """
        self._raise_if_busy()
        turn = self._log.turn(turn_id)
        validate_prompt(text, turn.attachments)
        prompt = with_new_text(turn.prompt, text)
        self._answerer.begin(BranchPoint(entry_id=self._log.index_of(turn.prompt), prompt=prompt))

    def regenerate(self, turn_id: str | None = None, *, model: str | None = None) -> None:
        """Answer a question again, by default the last one, maybe by another model; its answer stays."""
        self._raise_if_busy()
        if self._log.turns:
            turn = self._log.turn(turn_id) if turn_id else self._log.turns[-1]
            self._queue.release_after_failure(turn)
            self._answerer.asker.forget_refused_files()
            self._answerer.answer_again(turn, models=[model] if model else [])

    def continue_answer(self) -> None:
        """Continue the last answer where it was stopped or broke off."""
        self._raise_if_busy()
        if self._log.turns and self._log.turns[-1].can_continue:
            self._answerer.continue_last()

    async def exclude_older(self) -> None:
        """Give the model older turns no more, so that there is room; then go on where it was full."""
        self._raise_if_busy()
        self._history_limit.exclude_older()
        if not self.is_running:  # a run stores it
            await self.save_metadata()

    async def include_all(self) -> None:
        self._raise_if_busy()
        self._history_limit.include_all()
        await self.save_metadata()

    async def switch(self, turn_id: str, side: TurnHalf, step: int) -> None:
        """Show the version of a question or an answer that is so many steps on, with all that followed it."""
        if (tip := self._log.branches.sibling_tip(self._log.turn(turn_id).place, side, step)) is not None:
            await self._switcher.show(tip, lambda: self.is_running)

    async def show_entry(self, entry_id: str) -> str:
        """Show the branch that has a message, if it is another one, and return the id of its turn."""
        if (tip := self._log.branches.tip_with(entry_id)) is None:
            raise TurnMissing
        if entry_id not in self._log.branches.path:
            await self._switcher.show(tip, lambda: self.is_running)
        return next((turn.id for turn in self._log.turns if entry_id in turn.entries), '')

    async def delete_version(self, turn_id: str, side: TurnHalf, seen: str = '') -> None:
        """Erase the version of a question or answer that is shown, with all that followed it; show another.

        `seen` is the `Turn.answer_entry_id` of the answer that the person saw: no other one is erased.

        Raises:
            TurnMissing: Also if it is the only version.
        """
        await self._switcher.delete_version(turn_id, side, seen, lambda: self.is_running)

    async def add_viewer(self, page: object) -> None:
        """Count a page among the viewers until `remove_viewer`, and mark the conversation as read."""
        self._viewers.add(page)
        await self.update_metadata(lambda metadata: replace(metadata, is_unread=False))

    def remove_viewer(self, page: object) -> None:
        """Remove a page that is hidden, or shows something else, from the viewers."""
        self._viewers.discard(page)

    async def update_metadata(self, change: Callable[[ConversationMetadata], ConversationMetadata]) -> None:
        """Change what is kept besides the messages, which leaves its place in the list as it is."""
        if (metadata := change(self.metadata)) != self.metadata:
            self._log.set_metadata(metadata)
            self.changed.notify()
            await self.save_metadata()

    async def save_metadata(self) -> None:
        """Store the metadata, including the queue."""
        shown = self._log.stored_queue_ids
        try:
            await self._log.save_metadata()
        finally:
            if self._log.stored_queue_ids != shown:
                self.changed.notify()

    async def wait_until_stored(self, turn_id: str) -> None:
        """Wait until a prompt that was sent is stored, or is shown with the reason why it is not.

        Raises:
            OSError: If the queue, in which it may be, could not be stored.
        """
        await self.save_metadata()
        while self.is_running and not self._is_stored(turn_id):
            await self.changed.wait()

    def _add_prompt(self, prompt: ModelRequest, seen: str | None = None) -> None:
        """Ask a prompt, or queue it if an answer is under way."""
        if self.is_running:
            self._queue.add(prompt, seen, is_tip_open=self._answerer.is_prompt_stored)
            self.changed.notify()
        else:
            self._answerer.ask(prompt, seen)

    def _is_stored(self, turn_id: str) -> bool:
        """Return whether a prompt is stored; call it when the metadata is, since that comes first."""
        if turn := next((turn for turn in self._log.turns if turn.id == turn_id), None):
            return bool(turn.prompt_entry_id)
        return self._answerer.is_prompt_stored and bool(self._log.branches.path)

    def _raise_if_busy(self) -> None:
        if self.is_running or self._switcher.is_switching:  # soon another branch may be shown
            raise ConversationBusy
