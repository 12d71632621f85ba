"""What the metadata of the messages of a run keeps: durations, files, omissions and what tools have taken."""

from collections.abc import Mapping, Sequence

from pydantic_ai import ModelMessage

from chat.conversation.answering.pause import WaitForPerson
from chat.conversation.content.message_files import FileKeeper, StoreFile
from chat.conversation.content.messages import with_omissions
from chat.conversation.content.tool_activity import DelegationMeter
from chat.conversation.content.usage import RunTimer


class RunMetadata:
    """Has what notes it while the agent works, and adds it to the messages."""

    def __init__(self, store_file: StoreFile) -> None:
        """Make it for one run; `store_file` stores files of tools and models."""
        self.files = FileKeeper(store_file)
        self.delegation = DelegationMeter()
        self.timer = RunTimer()
        self._omissions: Mapping[str, Sequence[str]] = {}
        self._pause: WaitForPerson | None = None

    def begin(self, omissions: Mapping[str, Sequence[str]], pause: WaitForPerson) -> None:
        """Time anew, since the model is asked now; `omissions` are as `with_omissions` takes them."""
        self.timer, self._omissions, self._pause = RunTimer(), omissions, pause

    def added_to(self, messages: Sequence[ModelMessage]) -> list[ModelMessage]:
        """Return the messages with durations, allowed calls and what the model was asked without."""
        marked = self.timer.with_durations(messages)
        marked = [self._pause.mark(message) for message in marked] if self._pause else marked
        return [
            self.delegation.with_usage(self.files.with_files(with_omissions(message, self._omissions)))
            for message in marked
        ]
