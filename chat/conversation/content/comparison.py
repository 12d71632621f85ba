"""Several answers to one question at once: how they are kept side by side until one is gone on with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic_ai import Conversation, ModelMessage, ModelRequest, ModelResponse, RunUsage
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord, ConversationStore

from chat.conversation.content.branches import Branches
from chat.conversation.content.messages import COMPARED_MODELS_KEY, begins_turn
from chat.conversation.content.metadata import ComparedAnswer, Comparison, ConversationMetadata, TurnOutcome
from chat.conversation.content.turns import Turn
from chat.conversation.content.waiting import WaitingCalls
from chat.errors import ChatError, ConversationNotFound

MIN_MODELS, MAX_MODELS = 2, 4
"""How many answer at once."""

CHECKPOINT_KEY = 'compared'
"""In a checkpoint, set in the metadata of the first message of each answer: `OVER` or `GROWING`."""

OVER, GROWING = 'over', 'growing'

StoredAnswers = Mapping[str, Sequence[ConversationEntry]]
"""The entries of answers to one question, by the id of the first of each."""


class ModelCountWrong(ChatError):
    """One model, or very many, cannot be compared."""

    sentence = f'Choose {MIN_MODELS} to {MAX_MODELS} different models.'


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAnswer:
    """What a run leaves when it has ended."""

    model: str
    messages: Sequence[ModelMessage]
    """Those worth keeping, which may be none."""
    usage: RunUsage | None
    """Of the conversation as it was when the run began, and of the run; `None` if it never began."""
    taken: Mapping[str, float | None]
    """What it has taken, as in `UsageMeter.taken`, whether or not anything is kept."""
    outcome: TurnOutcome | None
    """How it ended; `None` if by itself."""
    waiting: WaitingCalls | None
    """What it has ended for, if that is not the end of the answer."""


def validate_models(models: Sequence[str]) -> None:
    """Raise `ModelCountWrong` unless so many models can be compared."""
    if not MIN_MODELS <= len(set(models)) == len(models) <= MAX_MODELS:
        raise ModelCountWrong


def with_compared_models(prompt: ModelRequest, models: Sequence[str]) -> ModelRequest:
    """Return the prompt with the models that are to answer it at once."""
    return replace(prompt, metadata={**(prompt.metadata or {}), COMPARED_MODELS_KEY: [*models]})


def compared_models(prompt: ModelRequest) -> tuple[str, ...]:
    """Return the models that are to answer it at once; none if one answers as usual."""
    names = (prompt.metadata or {}).get(COMPARED_MODELS_KEY)
    return tuple(map(str, names)) if isinstance(names, list) else ()  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # from JSON


class ComparedAnswers:
    """The messages of the answers that stand side by side, of which the log shows one."""

    def __init__(self, stored: StoredAnswers | None = None) -> None:
        """Begin with answers that are stored."""
        self._answers = stored or {}
        self._unsaved: Sequence[Sequence[ConversationEntry]] = ()
        """Those that are not stored yet, first the one that the log shows."""

    @property
    def are_unsaved(self) -> bool:
        """Whether `save` has something to store."""
        return bool(self._unsaved)

    def add(self, question: str, answers: Sequence[SaidAnswer]) -> tuple[SaidAnswer, Comparison]:
        """Take the answers to a question; return which the log is to show, and what is stored of them all."""
        chains = [chained(answer.messages, question) for answer in answers]
        shown = next((place for place, entries in enumerate(chains) if entries), 0)
        others = [*chains[:shown], *chains[shown + 1 :]]
        self._answers = {entries[0].id: entries for entries in chains if entries}
        self._unsaved = [chains[shown], *filter(None, others)] if chains[shown] else ()
        columns = (
            ComparedAnswer(model=answer.model, entry=entries[0].id)
            if entries
            else ComparedAnswer(model=answer.model, outcome=answer.outcome)
            for answer, entries in zip(answers, chains, strict=True)
        )
        return answers[shown], Comparison(question=question, answers=tuple(columns))

    async def save(self, store: ConversationStore, conversation: Conversation, branches: Branches) -> None:
        """Store them all at once, or none, and all else that the conversation has; `branches` has it then.

        Raises:
            ConversationNotFound: If there is no such conversation any more.
        """
        if (record := await store.read_record(conversation.conversation_id)) is None:
            raise ConversationNotFound
        shown, *others = self._unsaved
        rest = conversation.messages[len(branches.path) + len(shown) :]
        path = [*shown, *chained(rest, shown[-1].id)]
        entries = [*path, *(entry for other in others for entry in other)]
        after = _record_after(record, conversation, path[-1].id, [other[-1].id for other in others])
        await store.write_record(after, new_entries=entries, expected_revision=conversation.revision)
        self._unsaved = ()
        conversation.revision = after.revision
        branches.add(entries)
        branches.activate(after.head_id, after.branches)

    def columns(self, turn: Turn, metadata: ConversationMetadata) -> list[Turn]:
        """Return the answers to the last turn, each as the turn it makes; none if nothing is compared."""
        comparison = metadata.comparison
        if comparison is None or turn.prompt_entry_id != comparison.question:
            return []
        known = [answer for answer in comparison.answers if not answer.entry or answer.entry in self._answers]
        return [self._column(turn, answer, metadata) for answer in known] if len(known) >= MIN_MODELS else []

    def _column(self, turn: Turn, answer: ComparedAnswer, metadata: ConversationMetadata) -> Turn:
        entries = self._answers.get(answer.entry, ())
        column = replace(
            turn,
            model=answer.model,
            answer=tuple(entry.message for entry in entries),
            entries=(turn.prompt_entry_id, *(entry.id for entry in entries)),
        )
        waiting = {run: metadata.waiting[run] for run in column.run_ids if run in metadata.waiting}
        outcome = metadata.endings.get(column.version_id) if entries else answer.outcome
        return replace(column, outcome=outcome, waiting=waiting)


def chained(messages: Iterable[ModelMessage], parent_id: str | None) -> list[ConversationEntry]:
    """Return messages as entries, each after the one before it."""
    entries: list[ConversationEntry] = []
    for message in messages:
        entries.append(ConversationEntry(parent_id=parent_id, message=message))
        parent_id = entries[-1].id
    return entries


def _record_after(
    record: ConversationRecord,
    conversation: Conversation,
    head_id: str,
    tips: Sequence[str],
) -> ConversationRecord:
    """Return the record of a conversation that has another end, and branches beside it."""
    return ConversationRecord(
        conversation_id=record.conversation_id,
        head_id=head_id,
        usage=conversation.usage,
        deferred_tool_requests=conversation.deferred_tool_requests,
        scope=record.scope,
        forked_from=record.forked_from,
        forked_at=record.forked_at,
        branches=[*record.branches, *tips],
    )


def with_compared(
    metadata: ConversationMetadata, others: Iterable[SaidAnswer], comparison: Comparison
) -> ConversationMetadata:
    """Return the metadata with a comparison, and with how the answers ended that the log does not show."""
    said = [answer for answer in others if answer.messages]
    endings = {_version_id(answer): answer.outcome for answer in said if answer.outcome}
    waiting = {_version_id(answer): answer.waiting for answer in said if answer.waiting}
    return replace(
        metadata,
        endings={**metadata.endings, **endings},
        waiting={**metadata.waiting, **waiting},
        comparison=comparison,
    )


def _version_id(answer: SaidAnswer) -> str:
    """Return what `Turn.version_id` is with this answer."""
    runs = (message.run_id for message in reversed(answer.messages) if isinstance(message, ModelResponse))
    return next(runs, None) or ''


async def read_compared(
    store: ConversationStore, branches: Branches, comparison: Comparison | None
) -> StoredAnswers:
    """Read the answers that were left side by side; what is not there any more is left out."""
    stored: dict[str, Sequence[ConversationEntry]] = {}
    for answer in comparison.answers if comparison else ():
        tip = branches.tip_with(answer.entry) if answer.entry in branches else None
        if tip is not None:
            history = await store.read_history(tip)
            start = next(place for place, entry in enumerate(history) if entry.id == answer.entry)
            stored[answer.entry] = _until_question(history[start:])
    return stored


def _until_question(entries: Iterable[ConversationEntry]) -> list[ConversationEntry]:
    answer: list[ConversationEntry] = []
    for entry in entries:
        if begins_turn(entry.message):
            break
        answer.append(entry)
    return answer


def joined_answers(answers: Iterable[tuple[Sequence[ModelMessage], str]]) -> list[ModelMessage]:
    """Return several answers as one list for a checkpoint; with each, `OVER` or `GROWING`."""
    return [
        _with_mark(message, state) if place == 0 else message
        for messages, state in answers
        for place, message in enumerate(messages)
    ]


def separated_answers(messages: Iterable[ModelMessage]) -> list[tuple[list[ModelMessage], str]]:
    """Take apart what a checkpoint has: one answer, or several as `joined_answers` has put them together."""
    answers: list[tuple[list[ModelMessage], str]] = []
    for message in messages:
        mark = (message.metadata or {}).get(CHECKPOINT_KEY)
        if mark or not answers:
            answers.append(([], OVER if mark == OVER else GROWING))
        answers[-1][0].append(_without_mark(message) if mark else message)
    return answers


def _with_mark(message: ModelMessage, state: str) -> ModelMessage:
    return replace(message, metadata={**(message.metadata or {}), CHECKPOINT_KEY: state})


def _without_mark(message: ModelMessage) -> ModelMessage:
    metadata: dict[str, Any] = {**(message.metadata or {})}
    metadata.pop(CHECKPOINT_KEY, None)
    return replace(message, metadata=metadata or None)
