"""The input of a run: how much of a conversation the model is given, and less after it refuses something."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile, pairwise

from pydantic_ai import (
    BinaryContent,
    Conversation,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ThinkingPart,
    UsageLimits,
    UserPromptPart,
)
from pydantic_ai import exceptions as x
from pydantic_ai.profiles import ModelProfile

from chat.agent_config import OWNER_NAME, Asking, ToolOptions
from chat.conversation.answering.file_fallback import accepts, file_key, name_of
from chat.conversation.content.attachments import TEXT_MEDIA_TYPE
from chat.conversation.content.chat_settings import Preferences, allowed_tools, effective_instructions
from chat.conversation.content.context_window import (
    ContextOverflow,
    first_fitting_turn,
    newer_half,
    overflow_in,
)
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.messages import (
    EXCLUDED_FILES_KEY,
    OMITTED_PARAMETERS_KEY,
    author_of,
    begins_turn,
    is_continuation,
    is_placeholder,
)
from chat.conversation.content.model_parameters import ModelParameters
from chat.conversation.content.turns import Turn
from chat.conversation.content.waiting import AllowedScope, Resumption, with_closed_calls
from chat.conversation.conversation_log import ConversationLog
from chat.documents.kinds import goes_as_text

log = logging.getLogger(__name__)

MAX_MODEL_REQUESTS = 50
"""Model requests that one answer may take; the limit of pydantic-ai would count the whole conversation."""

REFUSAL_STATUSES = (400, 415, 422)
"""The status of a request with something that the model does not take."""

SERVER_ERROR_STATUS = 500
"""With this one, llama.cpp says that images are not supported."""

IMPORTED_KEY = 'imported'
"""Set in the metadata of a message of another program: what there is no place for in it."""

_UNSUPPORTED_PATTERN = re.compile(r'not supported|unsupported|does not support|mmproj', re.IGNORECASE)

_PROVIDER_TOOL_PATTERN = re.compile(r'web[_ ]?(search|fetch)|google_search|url_context', re.IGNORECASE)
"""How providers name their tools for the web, which some models, or accounts, do not have."""

_FILE_PATTERN = re.compile(
    r'image|file|document|pdf|vision|multimodal|multi-modal|mmproj|content', re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """What a model is asked."""

    conversation: Conversation
    """The last of its messages is the question."""
    instructions: str = ''
    """What the model is told besides what the agent tells it."""
    parameters: ModelParameters
    omitted_parameters: tuple[str, ...] = ()
    """The names of those that it has refused."""
    refused_files: frozenset[str] = frozenset()
    """Of `excluded_files`, those that it has refused now."""
    asker: str = ''
    """The name of the guest who asks; '' if it is the owner."""
    excluded_files: frozenset[str] = frozenset()
    """By `file_key`, the files in whose place a line stands."""
    allowed: Mapping[str, AllowedScope] = field(default_factory=dict[str, AllowedScope])
    """By name, the tools that need no approval any more, and where."""
    tools: Mapping[str, ToolOptions] = field(default_factory=dict[str, ToolOptions])
    """The built-in tools that are switched on, by name."""
    has_provider_tools: bool = True
    """Whether tools that run at the provider of the model may take the place of ours."""
    resumption: Resumption | None = None
    """With what the run goes on, if it has waited for a person; then the last message has calls."""
    token_limit: int = 0
    """Tokens that the answer may take; 0 for any number."""
    is_private: bool = False
    """Whether it is of a temporary chat, so that no words of it are logged or traced."""
    may_shorten: bool = False
    """Whether older turns may be left out, half of them at a time, until the model takes the rest."""

    @property
    def asking(self) -> Asking:
        """Return what functions that give deps, and servers of tools, may know of who asks."""
        return Asking(
            user=self.asker or OWNER_NAME,
            conversation_id=self.conversation.conversation_id,
            is_guest=bool(self.asker),
        )

    @property
    def limits(self) -> UsageLimits:
        """Return the limits of the run; pydantic-ai counts the whole conversation."""
        before = self.conversation.usage
        return UsageLimits(
            request_limit=before.requests + MAX_MODEL_REQUESTS,
            total_tokens_limit=before.total_tokens + self.token_limit if self.token_limit else None,
        )

    def omissions(self, profile: ModelProfile) -> dict[str, Sequence[str]]:
        """Return the names of what such a model is asked without, by the key of their kind."""
        return {
            EXCLUDED_FILES_KEY: sorted(name_of(file) for file in self.refused_files),
            OMITTED_PARAMETERS_KEY: [*self.omitted_parameters, *self.parameters.ignored_by(profile)],
        }

    def reduced_after(self, error: x.ModelAPIError, profile: ModelProfile) -> 'RunInput | None':
        """Return what to ask instead after this refusal; `None` if nothing would help."""
        if overflow_in(error):
            return self._with_newer_half()
        if self._is_about_provider_tools(error):
            log.info('%s is asked again without the tools of its provider', error.model_name)
            return replace(self, has_provider_tools=False)
        if not _is_refusal(error):
            return None
        files = {file_key(file) for file in files_in(self.conversation.messages) if _is_sent(file, profile)}
        files -= self.excluded_files
        is_about_files = bool(files) and _FILE_PATTERN.search(f'{error} {error.body}')
        if self.parameters.are_set and not is_about_files:
            return self._with_fewer_parameters(error)
        if not files:
            return None
        log.info('%s is asked again without files', error.model_name)
        return replace(
            self, excluded_files=self.excluded_files | files, refused_files=self.refused_files | files
        )

    def _is_about_provider_tools(self, error: x.ModelAPIError) -> bool:
        is_refused = isinstance(error, x.ModelHTTPError) and error.status_code in (*REFUSAL_STATUSES, 403)
        may_be = is_refused and self.has_provider_tools and bool(self.tools)
        return may_be and bool(_PROVIDER_TOOL_PATTERN.search(f'{error} {error.body}'))

    def _with_fewer_parameters(self, error: x.ModelAPIError) -> 'RunInput':
        refused = self.parameters.refused_by(f'{error} {getattr(error, "body", "")}')
        log.info('%s is asked again without %s', error.model_name, ', '.join(refused))
        return replace(
            self,
            parameters=self.parameters.without(refused),
            omitted_parameters=(*self.omitted_parameters, *refused),
        )

    def _with_newer_half(self) -> 'RunInput | None':
        messages = newer_half(self.conversation.messages) if self.may_shorten else None
        return replace(self, conversation=replace(self.conversation, messages=messages)) if messages else None


def files_in(messages: Iterable[ModelMessage]) -> Iterator[BinaryContent]:
    """Yield everything attached to prompts that is no text."""
    parts = (part for message in messages if isinstance(message, ModelRequest) for part in message.parts)
    for part in parts:
        if isinstance(part, UserPromptPart) and not isinstance(part.content, str):
            yield from (item for item in part.content if isinstance(item, BinaryContent))


def _is_sent(file: BinaryContent, profile: ModelProfile) -> bool:
    """Return whether a file goes out as a file."""
    is_text = file.media_type == TEXT_MEDIA_TYPE or goes_as_text(file.media_type)
    return bool(file.data) and not is_text and accepts(profile, file.media_type)


def _is_refusal(error: x.ModelAPIError) -> bool:
    if not isinstance(error, x.ModelHTTPError):
        return False
    is_fault = error.status_code == SERVER_ERROR_STATUS and _UNSUPPORTED_PATTERN.search(
        f'{error} {error.body}'
    )
    return error.status_code in REFUSAL_STATUSES or bool(is_fault)


def run_input(
    log: ConversationLog,
    preferences: Preferences,
    *,
    agent: str,
    resumption: Resumption | None,
    excluded_files: frozenset[str],
    folder: ChatFolder,
) -> RunInput:
    """Return what a model is asked to answer the last turn.

    Every call without a result gets one, but for those with which a run is resumed: it would execute them.
    """
    metadata = log.metadata
    messages = with_closed_calls(
        model_history(log.conversation.messages, log.turns, metadata.left_out),
        metadata.waiting,
        except_for=resumption.call_ids if resumption else (),
    )
    asker = author_of(log.turns[-1].prompt)
    return RunInput(
        conversation=replace(log.conversation, messages=messages, deferred_tool_requests=None),
        instructions=effective_instructions(metadata, preferences, folder),
        parameters=metadata.parameters,
        asker=asker,
        allowed={} if asker else allowed_tools(agent, metadata, preferences),
        tools=metadata.tools,
        resumption=resumption,
        excluded_files=excluded_files,
        token_limit=preferences.limit_answer,
        is_private=log.place.is_temporary,
        may_shorten=bool(metadata.left_out),
    )


def model_history(
    messages: Sequence[ModelMessage], turns: Sequence[Turn], left_out: str
) -> list[ModelMessage]:
    """Return the messages that the model is given; the last question is always among them.

    What stands in for a message that cannot be read is for people: it is left out; if that is the first
    question, its answer goes with it.

    Args:
        messages: All of the conversation.
        turns: The same as turns.
        left_out: The `Turn.id` of the last turn that it is not given; if that is not shown, it is given all.
    """
    rest = turns_in_history(turns, left_out) or turns[-1:]
    first = rest[0].prompt if rest and rest[0] is not turns[0] else None
    start = next((place for place, message in enumerate(messages) if message is first), 0)
    last = turns[-1].prompt if turns else None
    behind = [
        message
        for place, message in enumerate(messages)
        if place >= start and not _is_unanswered_continuation(messages, place)
    ]
    readable = [message for message in behind if message is last or not is_placeholder(message)]
    if readable and readable[0] is not behind[0]:
        readable = [*dropwhile(lambda message: isinstance(message, ModelResponse), readable)]
    return [*map(_without_imported_thinking, readable)]


def turns_in_history(turns: Sequence[Turn], left_out: str) -> list[Turn]:
    """Return the turns that the model is given: those after this one."""
    places = [place for place, turn in enumerate(turns) if turn.id == left_out]
    return [*turns[places[-1] + 1 :]] if places else [*turns]


def can_exclude_older(turns: Sequence[Turn]) -> bool:
    """Return whether one of the turns that the model is given could be left out; the last question cannot."""
    return len(turns) > 1 or (bool(turns) and bool(turns[-1].text.strip()))


def last_turn_to_exclude(turns: Sequence[Turn]) -> Turn:
    """Return the turn up to which, of those that the model is given, none fits any more."""
    last = turns[-1]
    full = last.outcome.full if last.outcome else None
    first = first_fitting_turn([(turn.prompt, *turn.answer) for turn in turns], full or ContextOverflow())
    is_begun = bool(last.text.strip())
    return turns[min(first, len(turns) if is_begun else len(turns) - 1) - 1]


def last_excluded_turn(messages: Sequence[ModelMessage], turns: Sequence[Turn]) -> str | None:
    """Return the id of the turn before the first of these messages; `None` if there is no turn before it."""
    first = next((message for message in messages if begins_turn(message)), None)
    return next((before.id for before, turn in pairwise(turns) if turn.prompt is first), None)


def _is_unanswered_continuation(messages: Sequence[ModelMessage], place: int) -> bool:
    """Return whether a message asked for the rest of an answer that never came."""
    following = messages[place + 1 : place + 2]
    return is_continuation(messages[place]) and bool(following) and isinstance(following[0], ModelRequest)


def _without_imported_thinking(message: ModelMessage) -> ModelMessage:
    """Return what a model is given of a message: not what another model has thought in another program.

    Such thinking has no signature, so that it would be sent as text, and be paid.
    """
    if not isinstance(message, ModelResponse) or IMPORTED_KEY not in (message.metadata or {}):
        return message
    parts = [part for part in message.parts if not isinstance(part, ThinkingPart)]
    return message if len(parts) == len(message.parts) else replace(message, parts=parts)
