"""The metadata of a conversation: everything that is stored of it besides its messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic_ai import ModelRequest

from chat.agent_config import ToolOptions
from chat.conversation.content.context_window import ContextOverflow
from chat.conversation.content.model_parameters import ModelParameters
from chat.conversation.content.waiting import AllowedTool, WaitingCalls

MAX_FIRST_WORDS_LENGTH = 60
"""Characters that a row of the sidebar can show without being cut by the browser."""

MAX_TITLE_LENGTH = 200
"""Characters of a title that a person gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOutcome:
    """How a turn ended, if not by itself."""

    kind: Literal['stopped', 'failed']
    sentence: str = ''
    """The failure, in words for the page; empty when a person stopped the run."""
    call: str = ''
    """The id of the call of the tool that failed, if it was one."""
    way: str = ''
    """Where it can be put right: 'key:PREFIX' for the key of a provider, 'server:NAME' for that of an added
    server, 'model' for the list of models, 'limits' for those of the settings."""
    full: ContextOverflow | None = None
    """That the model holds no more, if it has failed for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedAnswer:
    """One of several answers to a question that stand side by side."""

    model: str
    """The name of the model that gave it."""
    entry: str = ''
    """The id of its first entry; '' if nothing was said."""
    outcome: TurnOutcome | None = None
    """How it ended, if nothing was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The answers to the last question that stand side by side, until one of them is gone on with."""

    question: str
    """The id of the entry of the question."""
    answers: tuple[ComparedAnswer, ...]
    """From left to right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedImage:
    """An image of the web that is shown in an answer, since somebody wanted to see it."""

    url: str
    """As the answer has it."""
    blob: str
    """The SHA-256 of its bytes, in hexadecimal; the collector of unused files finds it by this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMetadata(ModelParameters):
    """Title, model, settings, outcomes, queue and place in the list of one conversation."""

    title: str = ''
    has_own_title: bool = False
    """Whether a person gave the title; then no other takes its place."""
    is_pinned: bool = False
    """Whether it stands above all that are not, however old it is."""
    is_archived: bool = False
    """Whether it is out of the list, but not deleted."""
    is_unread: bool = False
    """Whether an answer has ended that nobody has seen."""
    agent: str = ''
    """The name of the agent that answers here, as in `AgentConfig.ref`; '' for the first one."""
    assistant: str = ''
    """The id of the assistant with which it began; '' if it was none."""
    model: str | None = None
    """The name of the `ModelChoice` that answers here, or `None` for the default."""
    folder: str = ''
    """The id of the `ChatFolder` that it is in; '' or an unknown one if it is in none."""
    instructions: str = ''
    """What the model is told here; empty for what the preferences say."""
    left_out: str = ''
    """The `Turn.id` of the last turn that the model is not given any more; '' if it is given all."""
    endings: Mapping[str, TurnOutcome] = field(default_factory=dict[str, TurnOutcome])
    """By `Turn.version_id`: the answers that were stopped or failed."""
    waiting: Mapping[str, WaitingCalls] = field(default_factory=dict[str, WaitingCalls])
    """By the id of a run that has ended to wait for a person: for what, and what was decided."""
    allowed: tuple[AllowedTool, ...] = ()
    """The tools that need no approval here any more."""
    tools: Mapping[str, ToolOptions] = field(default_factory=dict[str, ToolOptions])
    """The built-in tools that are switched on here, by `BuiltInTool.name`, each with what is set of it."""
    images: Mapping[str, tuple[LoadedImage, ...]] = field(default_factory=dict[str, tuple[LoadedImage, ...]])
    """By the id of the first entry of an answer: the images in it that were loaded."""
    comparison: Comparison | None = None
    """What is compared; `None` if nothing is."""
    queue: tuple[ModelRequest, ...] = ()
    """The prompts that were sent while an answer was under way, the next one first."""


def image_blobs(metadata: ConversationMetadata) -> set[str]:
    """Return the SHA-256 of every image that was loaded."""
    return {image.blob for images in metadata.images.values() for image in images}


def first_words(prompt: str) -> str:
    """Return the beginning of a prompt on one line, cut between words where there are any."""
    text = ' '.join(prompt.split())
    if len(text) <= MAX_FIRST_WORDS_LENGTH:
        return text
    whole_words = text[:MAX_FIRST_WORDS_LENGTH].rpartition(' ')[0]
    return (whole_words or text[: MAX_FIRST_WORDS_LENGTH - 1]).rstrip('.,;:!?-') + '…'


def clean_title(text: str) -> str:
    """Return a title that a person has written on one line; empty if nothing of it can be seen."""
    return ' '.join(text.split())[:MAX_TITLE_LENGTH].strip()
