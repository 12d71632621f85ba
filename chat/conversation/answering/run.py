"""One execution of the agent, from a stored question to the end of its answer."""

import asyncio
from collections.abc import AsyncIterable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from pydantic_ai import (
    Agent,
    AgentStreamEvent,
    CancellationToken,
    CustomEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelMessage,
    ModelResponse,
    RunUsage,
    ToolReturnPart,
)
from pydantic_ai.capabilities import ReinjectSystemPrompt
from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior, UsageLimitExceeded, UserError
from pydantic_ai.models import Model
from pydantic_ai.result import AgentStream
from pydantic_ai.run import AgentRun

from chat.agent_config import AgentConfig, ToolsForRun
from chat.conversation.answering.file_fallback import UnsupportedFileFallback
from chat.conversation.answering.model_input import RunInput
from chat.conversation.answering.pause import WaitForPerson
from chat.conversation.answering.response import (
    added_length,
    validate_empty_end,
    validate_end,
    with_refusal_text,
    with_tool_results,
)
from chat.conversation.answering.run_deps import open_deps
from chat.conversation.answering.run_metadata import RunMetadata
from chat.conversation.answering.special_tokens import search_only_what_has_joiners
from chat.conversation.answering.step_prompts import StepPrompts
from chat.conversation.answering.tool_restrictions import restrictions
from chat.conversation.content.message_files import StoreFile
from chat.conversation.content.messages import MISSING_TOOLS_KEY, has_content, has_tool_return, truncated
from chat.conversation.content.output import OutputRecorder
from chat.conversation.content.tool_activity import ToolErrorReporter, ToolProgress, progress_in
from chat.conversation.content.waiting import WaitingCalls
from chat.conversation.model_source import cancel_when, cancelled_when
from chat.documents.reader import DocumentReader
from chat.errors import AnswerLimitReached, AnswerTooLong
from chat.json_log import LOG_FIELDS
from chat.loop_share import share_of_loop

MAX_ANSWER_LENGTH = 1_000_000
"""Characters in one run; the longest answers that models are made for have half as many."""

LIMIT_MESSAGE = 'This answer has reached the limit of {limit:,} tokens an answer. What it has said is kept.'

search_only_what_has_joiners()


class Run:
    """What one run has said so far, and the means to stop it.

    A run is used once. It writes nothing: its conversation takes what it has said when it has ended.
    """

    def __init__(
        self,
        on_growth: Callable[[int], None],
        store_file: StoreFile,
        steps: StepPrompts,
        documents: DocumentReader,
    ) -> None:
        """Make a run: `on_growth` gets the characters of the answer after each event, so it must be cheap.

        `store_file` stores files of tools and models, `steps` gives the agent what people have sent to it.
        """
        self.notice = ''
        """What is waited for, if not for the first word; in words for the page, and of servers."""
        self.progress: dict[str, ToolProgress] = {}
        """By the id of its call, how far each tool is that has told it and has not returned."""
        self._metadata = RunMetadata(store_file)
        self._on_growth = on_growth
        self._documents = documents
        self.steps = steps
        self._cancellation, self._stopped = CancellationToken(), asyncio.Event()
        self._run: AgentRun[Any, Any] | None = None
        self._stream: AgentStream[Any, Any] | None = None
        self.change_count = 0
        """How often `messages`, `notice` or `progress` may have become others."""
        self._length = 0
        self._returned: dict[str, ToolReturnPart] = {}
        """By the id of its call, what each tool has returned."""
        self._tools = ToolsForRun()
        self._output: OutputRecorder | None = None
        self.asked: RunInput | None = None
        """What the model was asked last; `None` before that."""
        self._pause: WaitForPerson | None = None
        """What the agent needs a person for."""
        self.has_begun = False
        """Whether the agent was asked: from then on its tools may have run."""
        self.has_called_tool = False
        """Whether a tool was called, which is not to be done twice, whether or not it has returned."""
        self.has_returned = asyncio.Event()
        """Set when a tool has returned, until a checkpoint has that."""
        self.window: int | None = None
        """Tokens that the model holds, if that is known."""

    @property
    def messages(self) -> list[ModelMessage]:
        """What was said so far, oldest first; the last may be a response that still grows."""
        messages = self._with_metadata(self._new_messages())
        return self._output.with_growing(messages) if self._output else messages

    @property
    def may_ask_again(self) -> bool:
        """Whether nothing has come of it so far: another attempt would repeat it."""
        return not (self.has_called_tool or self.kept_messages)

    @property
    def kept_messages(self) -> list[ModelMessage]:
        """What is worth keeping once the run has ended: all up to the last visible word or tool result."""
        messages = [with_refusal_text(message) for message in self._new_messages()]
        while messages and not (has_content(messages[-1]) or has_tool_return(messages[-1])):
            messages.pop()
        messages = self._with_metadata(messages)
        result = self._run.result if self._run else None
        return self._output.with_output(messages, result.output) if result and self._output else messages

    def waiting(self, agent: str) -> WaitingCalls | None:
        """Return for what it has ended to wait, if it has; `agent` is the name of its agent."""
        result = self._run.result if self._run else None
        return self._pause.waiting_after(self.kept_messages, result, agent) if self._pause else None

    @property
    def usage(self) -> RunUsage | None:
        """Usage of the whole conversation, this run included, or `None` if the run never began."""
        return self._run.usage if self._run else None

    def stop(self) -> None:
        """End `answer` with `RunCancelled` as soon as possible, in any phase."""
        self._cancellation.cancel()
        self._stopped.set()

    async def wait(self, seconds: float, notice: str) -> None:
        """Wait for a model that is not ready, and say so; then `answer` may be called again."""
        self.notice = notice
        self.change_count += 1
        self._on_growth(0)
        await cancel_when(self._stopped, asyncio.sleep(seconds))

    async def answer(
        self, config: AgentConfig, run_input: RunInput, connection: Coroutine[None, None, Model]
    ) -> None:
        """Ask the model that is being connected the last question, and follow the answer to its end.

        A model that refuses something is asked again without it: `run_input` says then what it was asked.

        Raises:
            RunCancelled: If `stop` was called.
            AnswerTooLong: If there are more than `MAX_ANSWER_LENGTH` characters.
            ToolFailed: If a tool ended with an exception.
            DepsFailed: If the deps could not be made or left.
        """
        model = await cancel_when(self._stopped, connection)
        self.window = model.context_window
        self._tools = config.tools_of_run(asking := config.as_owned(run_input.asking), run_input.tools)
        if resumed := run_input.resumption:  # a server that is not there yet may have what was approved
            names = [call.tool_name for call in resumed.waiting.calls]
            await cancel_when(self._stopped, self._tools.settled(names))
            self._tools = config.tools_of_run(asking, run_input.tools)
        async with AsyncExitStack() as stack:
            async with cancelled_when(self._stopped):
                deps = await stack.enter_async_context(open_deps(config.deps, asking))
            await self._answer_with_less(config, deps, model, run_input)

    async def _answer_with_less(
        self, config: AgentConfig, deps: object, model: Model, run_input: RunInput
    ) -> None:
        self.asked = run_input
        while True:
            try:
                return await self._follow(config, deps, model, self.asked)
            except ModelAPIError as error:
                if not (self.may_ask_again and (less := self.asked.reduced_after(error, model.profile))):
                    raise
                self.asked = less

    async def _follow(self, config: AgentConfig, deps: object, model: Model, asked: RunInput) -> None:
        self._stream, resumption = None, asked.resumption
        self._output, self._pause = OutputRecorder(config.agent), WaitForPerson(asked.allowed)
        omissions = asked.omissions(model.profile) | {MISSING_TOOLS_KEY: self._tools.missing}
        self._metadata.begin(omissions, self._pause)
        agent_run = config.agent.iter(
            resumption.note if resumption else None,  # the question is the last message of the conversation
            deferred_tool_results=resumption.results if resumption else None,
            conversation=asked.conversation,
            deps=deps,
            toolsets=self._tools.toolsets,
            model=model,
            instructions=asked.instructions or None,
            model_settings=asked.parameters.with_defaults(config.default_settings),
            usage_limits=asked.limits,
            capabilities=[
                ReinjectSystemPrompt(),  # else `system_prompt=` is left out of a history not empty
                ToolErrorReporter(is_private=asked.is_private),
                *(() if asked.is_private else config.capabilities),
                *self._tools.capabilities,
                self._metadata.delegation,
                UnsupportedFileFallback(asked.excluded_files, self._documents),
                self._pause,
                *restrictions(asked, self._pause),
            ],
            cancellation_token=self._cancellation,
        )
        try:
            async with agent_run as self._run:
                LOG_FIELDS.set({'conversation': asked.asking.conversation_id, 'run': self._run.run_id})
                await self._follow_to_end(self._run, asked)
        except UserError:
            if self._pause.requests is None:  # else it says no more than that the agent does not expect them
                raise

    async def _follow_to_end(self, run: AgentRun[Any, Any], asked: RunInput) -> None:
        try:
            await self._follow_nodes(run, asked)
        except UnexpectedModelBehavior:
            validate_empty_end(run.new_messages())
        except UsageLimitExceeded as error:
            if 'total_tokens_limit' not in str(error):
                raise
            raise AnswerLimitReached(LIMIT_MESSAGE.format(limit=asked.token_limit)) from error
        validate_end(run.new_messages())
        if self._output and run.result and not isinstance(run.result.output, str):
            await asyncio.to_thread(self._output.find_titles)

    async def _follow_nodes(self, run: AgentRun[Any, Any], asked: RunInput) -> None:
        self.has_begun = True
        async for node in run:
            if Agent.is_model_request_node(node):
                self._metadata.timer.start_response()
                if self.steps.give(run, is_resumed=asked.resumption is not None):
                    self.has_returned.set()  # so that a checkpoint has it
                    self._on_growth(self._length)
                async with node.stream(run.ctx) as self._stream:
                    self.steps.on_asked(run)
                    self._returned.clear()  # the messages have all that; ids may repeat
                    await self._consume(self._stream)
                self._stream = None
            elif Agent.is_call_tools_node(node):
                async with node.stream(run.ctx) as events:
                    await self._consume(events)
            await self._metadata.files.on_messages(run.new_messages())
            self.change_count += 1

    async def _consume(self, events: AsyncIterable[AgentStreamEvent]) -> None:
        """Follow events to their end; those that have come all at once do not keep others waiting."""
        share = share_of_loop()
        async for event in events:
            await self._metadata.files.on_event(event)
            self._on_event(event)
            self._on_growth(self._length)
            await share.enter()

    def _on_event(self, event: AgentStreamEvent) -> None:
        self.change_count += 1
        self.notice = ''
        self._metadata.timer.on_event(event)
        if self._output:
            self._output.on_event(event)
        if isinstance(event, FunctionToolCallEvent):
            self.has_called_tool = True
        elif isinstance(event, FunctionToolResultEvent):
            self._returned[event.part.tool_call_id] = event.part
            self.has_returned.set()
            self.progress.pop(event.part.tool_call_id, None)
        elif isinstance(event, CustomEvent) and event.tool_call_id and (told := progress_in(event)):
            self.progress[event.tool_call_id] = told
        self._length += added_length(event)
        if self._length > MAX_ANSWER_LENGTH:
            raise AnswerTooLong

    def _new_messages(self) -> list[ModelMessage]:
        """Return what the run has added, and the response that it has not: if it ends now, it never does."""
        messages = self._run.new_messages() if self._run else []
        messages = self.steps.with_given(with_tool_results(messages, self._returned))
        if self._stream and not (messages and isinstance(messages[-1], ModelResponse)):
            messages.append(self._stream.response)  # made anew, from the whole text
        return messages

    def _with_metadata(self, messages: list[ModelMessage]) -> list[ModelMessage]:
        if self._length > MAX_ANSWER_LENGTH:
            messages = [truncated(message, MAX_ANSWER_LENGTH) for message in messages]
        return self._metadata.added_to(messages)
