"""The trash as pages know it: what is in it, and how a conversation leaves it."""

from chat.change_signal import ChangeSignal
from chat.conversation.storage_values import TrashedConversation
from chat.store.filesystem.uncancellable import UncancellableTasks
from chat.store.trash.deleting import ConversationDeleter
from chat.store.trash.trash_folder import TrashFolder


class Trash:
    """For the event loop only. What is begun is finished even if the caller is cancelled meanwhile."""

    def __init__(
        self, folder: TrashFolder, *, deletion: ConversationDeleter, finishing: UncancellableTasks
    ) -> None:
        self._folder = folder
        self._deletion = deletion
        self._finishing = finishing

    @property
    def changed(self) -> ChangeSignal:
        """Notified after each change of what is in the trash."""
        return self._folder.changed

    @property
    def conversations(self) -> list[TrashedConversation]:
        """What is in the trash, the one deleted last first."""
        return self._folder.conversations

    def has(self, conversation_id: str) -> bool:
        """Whether a conversation with this id is in the trash."""
        return self._folder.has(conversation_id)

    async def restore(self, conversation_id: str) -> None:
        """Put the conversation back that was moved to the trash last.

        Raises:
            ConversationNotFound: If there is none with this id in the trash.
            ConversationExists: If there is one with this id that is not in the trash.
            OSError: If the disk fails. Then it stays where it is.
        """
        await self._finishing.run(self._deletion.restore(conversation_id))

    async def delete_for_good(self, conversation_id: str) -> None:
        """Erase the conversation that was moved to the trash last.

        With it go its backups, and its blobs unless another conversation names them.

        Raises:
            ConversationNotFound: If there is none with this id in the trash.
            OSError: If the disk fails.
        """
        await self._finishing.run(self._deletion.delete_for_good(conversation_id))

    async def erase_expired(self) -> None:
        """Erase what has been in the trash for thirty days."""
        await self._finishing.run(self._deletion.erase_expired())
