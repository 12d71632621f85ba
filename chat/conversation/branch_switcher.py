"""Show another branch of a conversation, and erase versions."""

import asyncio
from collections.abc import Callable, Coroutine

from chat.change_signal import ChangeSignal
from chat.conversation.content.branches import BranchPoint, TurnHalf
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.erasure import without_erased
from chat.conversation.error_messages import error_message
from chat.conversation.prompt_queue import PromptQueue
from chat.errors import ChatError, ConversationBusy, TurnMissing


class BranchSwitcher:
    """Moves one conversation from branch to branch, one move after the other.

    Which branch is shown is stored, so it is the same on all pages and after a restart. A move is done to its
    end even if the page that wants it goes: memory must know what is stored.
    """

    def __init__(self, log: ConversationLog, queue: PromptQueue, changed: ChangeSignal) -> None:
        self._log = log
        self._queue = queue
        self._changed = changed
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_switching(self) -> bool:
        """Whether something is being stored, after which another branch may be shown."""
        return self._lock.locked()

    async def show(self, tip: str, is_running: Callable[[], bool]) -> None:
        """Show the branch that ends here.

        Args:
            tip: The last entry of the branch.
            is_running: Asked when it is the turn of this move; holds the conversation until its end.

        Raises:
            ConversationBusy: If an answer is under way.
            TurnMissing: If there is no such branch any more.
        """
        await self._complete(self._show(tip, is_running))

    async def delete_version(
        self, turn_id: str, side: TurnHalf, seen: str, is_running: Callable[[], bool]
    ) -> None:
        """Erase a version, as `LiveConversation.delete_version` says; `is_running` is as in `show`."""
        await self._complete(self._delete_version(turn_id, side, seen, is_running))

    async def go_to(self, point: BranchPoint) -> None:
        """Show the place where a run is to answer, and store what is there.

        The prompt of the point is in the conversation then, even if an error is raised.
        """
        async with self._lock:
            await self._move(point)

    async def save_unsaved(self) -> bool:
        """Store what could not be, before what is sent meanwhile; return whether there was anything."""
        async with self._lock:
            is_any = await self._log.save_unsaved()
            if is_any and self._queue.forget_stored():
                await self._log.save_metadata()
            return is_any

    async def until_stored(self) -> None:
        """Return when nothing is being stored any more of what was here before."""
        async with self._lock:
            pass

    async def close(self) -> None:
        """Wait until nothing is moving any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _complete(self, move: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(move, name=f'switch branch in {self._log.id}')
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await asyncio.shield(task)
        except OSError as error:
            raise ChatError(error_message(error)) from error

    async def _show(self, tip: str, is_running: Callable[[], bool]) -> None:
        async with self._lock:
            if is_running():
                raise ConversationBusy
            if tip not in self._log.branches:
                raise TurnMissing
            await self._move(BranchPoint(from_entry=tip))
        self._changed.notify()

    async def _delete_version(
        self, turn_id: str, side: TurnHalf, seen: str, is_running: Callable[[], bool]
    ) -> None:
        async with self._lock:
            if is_running():
                raise ConversationBusy
            turn = self._log.turn(turn_id)
            if side == 'answer' and turn.answer_entry_id != seen:
                raise TurnMissing
            try:
                await self._log.save_unsaved()
                await self._delete(turn, side)
            finally:
                self._changed.notify()

    async def _delete(self, turn: Turn, side: TurnHalf) -> None:
        branches, prompt_id = self._log.branches, self._log.turn(turn.id).prompt_entry_id
        other = branches.sibling_tip(prompt_id, side, -1) or branches.sibling_tip(prompt_id, side, 1)
        if other is None:
            raise TurnMissing
        erased_tips, before = branches.tips(prompt_id, side), self._log.turns
        await self._move(BranchPoint(from_entry=other))
        await self._log.prune(erased_tips)
        self._log.set_metadata(without_erased(self._log, before))
        await self._log.save_metadata()

    async def _move(self, point: BranchPoint) -> None:
        try:
            if self._log.is_elsewhere(point):
                await self._log.save_unsaved()
                if self._queue.pin():
                    await self._log.save_metadata()
                await self._log.branch_at(point)
        finally:
            if point.prompt:
                self._log.append(point.prompt)
        await self._log.save()
