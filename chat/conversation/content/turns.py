"""A turn: one prompt and everything up to the end of its answer, as pages show it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic_ai import ModelMessage, ModelRequest, ModelResponse, ToolCallPart

from chat.conversation.content.answer_parts import NO_PROGRESS, AnswerPart, answer_parts_of
from chat.conversation.content.attachments import AttachedFiles
from chat.conversation.content.branches import SINGLE_VERSION, Version
from chat.conversation.content.message_files import files_of
from chat.conversation.content.messages import (
    attachments_of,
    author_of,
    has_content,
    has_tool_return,
    omissions,
    prompt_text,
    steered_turn,
)
from chat.conversation.content.metadata import TurnOutcome
from chat.conversation.content.output import has_output
from chat.conversation.content.tool_activity import ToolProgress
from chat.conversation.content.usage import AnswerUsage, usage_of
from chat.conversation.content.waiting import Resumption, WaitingCalls, approvals_in, unanswered_calls

TurnState = Literal['waiting', 'streaming', 'done', 'stopped', 'failed', 'needs-approval']

OPENING = ModelRequest(parts=[])
"""Stands for the question of an answer that begins a chat, such as a greeting of another program."""

INTERRUPTED_OUTCOME = TurnOutcome(kind='failed', sentence='This was interrupted before an answer arrived.')
"""What is shown when a process ended between a prompt and the first word of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One prompt with its answer, as a person sees them."""

    id: str
    prompt: ModelRequest
    answer: tuple[ModelMessage, ...] = ()
    """Responses, and requests with what tools returned or a person said meanwhile; the last may grow."""
    previous_message_count: int = 0
    """How many messages of the answer were there before the run that is answering now."""
    outcome: TurnOutcome | None = None
    is_running: bool = False
    notice: str = ''
    """What is waited for while nothing is said, in words for the page; '' if it is the first word."""
    progress: Mapping[str, ToolProgress] = field(default_factory=dict[str, ToolProgress])
    """What tools that work have told of how far they are, by the id of their calls."""
    is_excluded: bool = False
    """Whether it is the last one that the model is not given any more."""
    waiting: Mapping[str, WaitingCalls] = field(default_factory=dict[str, WaitingCalls])
    """By the id of a run of its answer, for what that has waited, and what was decided."""
    is_last: bool = False
    """Whether no other turn follows: only then a call of it can still be decided."""
    images: Mapping[str, str] = field(default_factory=dict[str, str])
    """The SHA-256 of the images of the web that were loaded into the answer, by their addresses."""
    model: str = ''
    """The name of the model that answers, if that was said for this answer alone."""
    compared: tuple['Turn', ...] = ()
    """The answers that stand side by side, each as the turn it would make; of these it has one itself."""
    entries: tuple[str, ...] = ()
    """The ids under which the prompt and then the answer are stored; those of what is not yet are missing."""
    question_version: Version = SINGLE_VERSION
    answer_version: Version = SINGLE_VERSION
    _made: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False, compare=False)
    """Holds `answer_parts` and `usage` once somebody has looked."""

    @property
    def is_opening(self) -> bool:
        """Whether nobody has asked for the answer; another version of it can be shown, and nothing else."""
        return self.prompt is OPENING

    @property
    def version_id(self) -> str:
        """Names this answer to this question: the run that said its end, or the turn if nothing was said."""
        return next(reversed(self.run_ids), '') or self.id

    @property
    def run_ids(self) -> list[str]:
        """The ids of the runs that have said something of the answer, by response."""
        return [message.run_id or '' for message in self.answer if isinstance(message, ModelResponse)]

    @property
    def prompt_entry_id(self) -> str:
        """The id under which the prompt is stored, or '' as long as it is not."""
        return self.entries[0] if self.entries else ''

    @property
    def place(self) -> str | None:
        """Where its versions are, as `Branches` is asked: below its prompt; `None` if nobody has asked."""
        return None if self.is_opening else self.prompt_entry_id

    @property
    def answer_entry_id(self) -> str:
        """The id under which the end of the answer is stored, or '' as long as it is not."""
        return self.entries[-1] if len(self.entries) == 1 + len(self.answer) else ''

    @property
    def first_answer_entry_id(self) -> str:
        """The id under which the beginning of the answer is stored, or '' as long as it is not."""
        return self.entries[1] if len(self.entries) > 1 else ''

    @property
    def question(self) -> str:
        """The text of the prompt."""
        return prompt_text(self.prompt)

    @property
    def attachments(self) -> AttachedFiles:
        """The files of the prompt; one that is lost has no content."""
        return attachments_of(self.prompt)

    @property
    def author(self) -> str:
        """The name of the guest who has asked, or '' if it was the owner."""
        return author_of(self.prompt)

    @property
    def steering_prompts(self) -> list[ModelRequest]:
        """What its run was given while it was at work, oldest first."""
        requests = (message for message in self.answer if isinstance(message, ModelRequest))
        return [request for request in requests if steered_turn(request)]

    @property
    def answer_parts(self) -> list[AnswerPart]:
        """What the model said, thought and did, over all its responses; made once for all who look."""
        if 'answer_parts' not in self._made:
            self._made['answer_parts'] = self._make_parts()
        return self._made['answer_parts']

    def _make_parts(self) -> list[AnswerPart]:
        parts = answer_parts_of(
            self.answer,
            failed_calls=self.outcome.call if self.outcome else '',
            progress=self.progress,
            approvals=approvals_in(self.answer, self.waiting, is_left=not self.is_last),
        )
        if not self.images:
            return parts
        return [replace(part, images=self.images) if part.kind == 'text' else part for part in parts]

    @property
    def text(self) -> str:
        """The answer as Markdown, without thinking and tool calls; values are JSON in fences."""
        return '\n\n'.join(part.markdown for part in self.answer_parts if part.kind in ('text', 'output'))

    @property
    def usage(self) -> AnswerUsage:
        """Which model gave the answer, and what it took; made once for all who look."""
        if 'usage' not in self._made:
            self._made['usage'] = usage_of(self.answer)
        return self._made['usage']

    @property
    def state(self) -> TurnState:
        """How far it is; found once for all who look."""
        if 'state' not in self._made:
            self._made['state'] = self._find_state()
        return self._made['state']

    def _find_state(self) -> TurnState:
        if self.is_running:
            is_heard = any(has_content(message) for message in self.answer[self.previous_message_count :])
            is_at_work = is_heard or bool(unanswered_calls(self.answer))
            return 'streaming' if is_at_work else 'waiting'
        if self.outcome:
            return self.outcome.kind
        if self.pending:
            return 'needs-approval' if self.is_last else 'stopped'
        last = self.answer[-1] if self.answer else None
        if last and has_output(last):
            return 'done'
        if not isinstance(last, ModelResponse):
            return 'failed'
        return 'stopped' if last.state == 'interrupted' else 'done'

    @property
    def outline(self) -> object:
        """A mark of all that is shown of it but the words at its end: the same while only these grow."""
        return self._made.setdefault('outline', object())

    def share_outline(self, before: 'Turn') -> None:
        """Have the mark of an earlier state of this turn, if nothing but its last part is another by now."""
        if self._is_growth_of(before):
            self._made['outline'] = before.outline

    def _is_growth_of(self, before: 'Turn') -> bool:
        old, new = before.answer_parts, self.answer_parts
        return (
            bool(new)
            and self.state == before.state
            and old[:-1] == new[:-1]
            and len(old) == len(new)
            and _call_id(old[-1]) == _call_id(new[-1])
            and old[-1].kind == new[-1].kind
            and replace(self, answer=before.answer, progress=before.progress) == before
        )

    @property
    def pending(self) -> list[ToolCallPart]:
        """The calls at its end that have waited for a person and have no result, decided or not."""
        calls = [] if self.is_running else unanswered_calls(self.answer)
        known = self.waiting.get(self.version_id) if calls else None
        return calls if known and any(known.kind(call.tool_call_id) for call in calls) else []

    @property
    def undecided(self) -> list[ToolCallPart]:
        """The calls about which something is to be decided now; none if the conversation went on."""
        if not self.is_last or not (calls := self.pending):
            return []
        known = self.waiting[self.version_id]
        return [call for call in calls if known.is_open(call.tool_call_id)]

    @property
    def resumption(self) -> Resumption:
        """With what its run goes on, once all its calls are decided."""
        call_ids = tuple(call.tool_call_id for call in self.pending)
        waiting = self.waiting[self.version_id].with_begun(call_ids, begun=True)
        return Resumption(waiting=waiting, run_id=self.version_id, call_ids=call_ids)

    @property
    def failure(self) -> str | None:
        """Why there is no whole answer, in words for the page, or `None` if nothing failed."""
        return (self.outcome or INTERRUPTED_OUTCOME).sentence if self.state == 'failed' else None

    @property
    def can_continue(self) -> bool:
        """Whether there is a beginning of an answer, and it has ended early."""
        is_full = self.outcome is not None and self.outcome.full is not None
        is_begun = bool(self.text.strip()) or (bool(self.answer) and has_tool_return(self.answer[-1]))
        return self.state in ('stopped', 'failed') and is_begun and not is_full and not self.pending

    @property
    def can_resume(self) -> bool:
        """Whether all calls for which it has waited are decided, and that was not begun."""
        return self.is_last and bool(self.pending) and not self.undecided

    def asked_without(self, key: str) -> list[str]:
        """Return the names of what the model was asked without; `messages.py` has the keys of the kinds."""
        return omissions(self.answer, key)

    def while_running(
        self,
        messages: Sequence[ModelMessage],
        *,
        previous_message_count: int,
        notice: str = '',
        progress: Mapping[str, ToolProgress] = NO_PROGRESS,
    ) -> 'Turn':
        """Return this turn while a run answers it, with what the run has said so far."""
        return replace(
            self,
            answer=(*self.answer, *messages),
            previous_message_count=previous_message_count,
            outcome=None,
            is_running=True,
            notice=notice,
            progress=progress,
        )


def _call_id(part: AnswerPart) -> str:
    return part.tool_call.request.tool_call_id if part.tool_call else ''


def blobs_in(turns: Iterable[Turn]) -> set[str]:
    """Return the SHA-256 of every file that everybody sees: of prompts and answers."""
    turns = [each for turn in turns for each in (turn, *turn.compared)]
    made = {
        file.attachment.blob
        for turn in turns
        for message in turn.answer
        for file in files_of(message)
        if file.attachment and not file.source
    }
    loaded = {blob for turn in turns for blob in turn.images.values()}
    prompts = (prompt for turn in turns for prompt in (turn.prompt, *turn.steering_prompts))
    return made | loaded | {file.blob for prompt in prompts for file in attachments_of(prompt)}
