"""Models of servers that speak OpenAI's protocol, asked as the strictest of them want to be asked.

That is: one system message, then user and assistant in turns, and text as a string.
"""

import logging
from collections.abc import AsyncGenerator, Generator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from itertools import groupby
from typing import Any, cast
from urllib.parse import urlsplit

from openai.types import chat
from pydantic_ai import ModelMessage, ModelResponse, ModelSettings, RunContext
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles import merge_profile
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers import Provider

from chat.agent.wire.thinking_tags import THINKING_TAGS

log = logging.getLogger(__name__)

REFUSAL_STATUSES = (400, 422, 500)
"""Statuses of a template that refuses something: 400 of llama.cpp and vLLM, 500 of others."""

ROLE_ERROR_WORDS = ('system', 'role', 'template')
"""Words of which one is in the refusal of a system message."""

Message = chat.ChatCompletionMessageParam

MESSAGE_SEPARATOR = '\n\n'
"""Separates texts that become one message."""

PLACEHOLDER_PROMPT = 'Hello.'
"""The prompt before an answer that comes first, as after the import of a chat."""

PLACEHOLDER_ANSWER = '…'
"""The answer of a model that was stopped while its tools worked."""


class _ExtraBody(dict[str, Any]):
    """What a request has besides the arguments of openai, and the messages."""


class StrictModel(OpenAIChatModel):
    """A model that is sent one system message at most, then user and assistant in turns.

    Whether its template takes a system message shows when it refuses one: it is asked again at once, with the
    text of that before the first question, and if this is answered it is asked so from then on.
    """

    _accepts_system = True

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        try:
            return await super().request(messages, model_settings, model_request_parameters)
        except ModelHTTPError as error:
            with self._without_system(error):
                return await super().request(messages, model_settings, model_request_parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        arguments = messages, model_settings, model_request_parameters, run_context
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(super().request_stream(*arguments))
            except ModelHTTPError as error:
                with self._without_system(error):
                    response = await stack.enter_async_context(super().request_stream(*arguments))
            yield response

    async def _map_messages(
        self,
        messages: Sequence[ModelMessage],
        model_request_parameters: ModelRequestParameters,
        *,
        model_settings: ModelSettings | None = None,
    ) -> list[chat.ChatCompletionMessageParam]:
        # A hook of pydantic-ai 2.68 for those who derive; nothing public sees all of what is sent.
        mapped = await super()._map_messages(
            messages, model_request_parameters, model_settings=model_settings
        )
        sent = alternate_roles(mapped, takes_system=self._accepts_system)
        body = (model_settings or {}).get('extra_body')
        if not isinstance(body, _ExtraBody):
            return sent
        body['messages'] = sent  # which takes the place of those that openai has looked through
        return []

    async def _completions_create(
        self, messages: Any, stream: Any, model_settings: Any, model_request_parameters: Any
    ) -> Any:
        """Ask with messages as they are.

        openai 3 looks for files in each of them, by the types of all fields: 0.1 ms a message, in which
        nobody else is served. Those of pydantic-ai hold none. Can go when it does not any more.
        """
        settings = model_settings | {'extra_body': _ExtraBody(model_settings.get('extra_body') or {})}
        ask: Any = super()._completions_create
        return await ask(messages, stream, settings, model_request_parameters)

    @contextmanager
    def _without_system(self, error: ModelHTTPError) -> Generator[None]:
        """Ask again without a system message if the refusal may be about it; else raise it."""
        may_help = error.status_code in REFUSAL_STATUSES and any(
            word in str(error.body).lower() for word in ROLE_ERROR_WORDS
        )
        if not self._accepts_system or not may_help:
            raise error
        log.info('%s is asked again without a system message', self.model_name)
        self._accepts_system = False
        try:
            yield
        except ModelHTTPError:
            self._accepts_system = True
            raise error from None


class StrictOllama(StrictModel, OllamaModel):
    """A model of Ollama, asked in the same way."""


OPENAI = ('.api.openai.com', '.openai.azure.com')
"""Hosts of OpenAI's own models, which take system messages anywhere."""


def strict(model: Model, provider: Provider[Any]) -> Model:
    """Return the model as a strict one; unchanged if it is one of OpenAI's, or no chat model."""
    kind: type[Any] = type(model)
    host = f'.{urlsplit(model.base_url or "").hostname or ""}'
    if not issubclass(kind, OpenAIChatModel) or host.endswith(OPENAI):
        return model
    one_system = OpenAIModelProfile(
        openai_chat_supports_multiple_system_messages=False, thinking_tags=THINKING_TAGS
    )
    strict_kind: type[Any] = (
        StrictModel if kind is OpenAIChatModel else type(f'Strict{kind.__name__}', (StrictModel, kind), {})
    )
    profile = merge_profile(model.profile, one_system)
    return strict_kind(model.model_name, provider=provider, profile=profile, settings=model.settings)


def alternate_roles(messages: Iterable[Message], *, takes_system: bool) -> list[Message]:
    """Return the messages as one system message, if any, then user and assistant in turns.

    Calls of tools and what they returned stay as they are, and so does what stands between these.

    Args:
        messages: What would be sent.
        takes_system: Else the system message becomes the beginning of the first question.
    """
    system, others = _split_system(messages)
    if system and not takes_system:
        others.insert(0, {'role': 'user', 'content': system.pop()['content']})
    turns = [message for _, group in groupby(others, key=_merge_key) for message in _merged(list(group))]
    if turns and turns[0]['role'] == 'assistant':
        turns.insert(0, {'role': 'user', 'content': PLACEHOLDER_PROMPT})
    return [*system, *_insert_answers_after_tools(turns)]


def _insert_answers_after_tools(turns: Iterable[Message]) -> Iterator[Message]:
    """Insert an answer between the results of tools and the next prompt: it was stopped there."""
    before = ''
    for message in turns:
        if (before, message['role']) == ('tool', 'user'):
            yield {'role': 'assistant', 'content': PLACEHOLDER_ANSWER}
        yield message
        before = message['role']


def _split_system(
    messages: Iterable[Message],
) -> tuple[list[chat.ChatCompletionSystemMessageParam], list[Message]]:
    """Return the system messages as one message at most, and all others."""
    system: list[str] = []
    others: list[Message] = []
    for message in messages:
        if message['role'] not in ('system', 'developer'):
            others.append(message)
        elif text := _as_text(message.get('content')):
            system.append(text)
    return ([{'role': 'system', 'content': MESSAGE_SEPARATOR.join(system)}] if system else []), others


def _merge_key(message: Message) -> object:
    """Return what is equal for neighbours that become one message."""
    return id(message) if message['role'] == 'tool' else message['role']


def _merged(group: Sequence[Message]) -> list[Message]:
    """Merge neighbours of the same role into one message; only the last can call tools."""
    contents = [message.get('content') for message in group]
    if group[0]['role'] == 'tool':
        return [*group]
    texts = [_as_text(content) for content in contents]
    if None in texts:
        content = [part for content in contents for part in _as_parts(content)]
    else:
        content = MESSAGE_SEPARATOR.join(filter(None, texts)) or contents[-1]
    return [cast('Message', {**group[0], **group[-1], 'content': content})]


def _as_text(content: object) -> str | None:
    """Return the content as one string; `None` if there is more in it than text."""
    if content is None or isinstance(content, str):
        return content or ''
    parts = _as_parts(content)
    texts = [part['text'] for part in parts if part.get('type') == 'text']
    return MESSAGE_SEPARATOR.join(texts) if len(texts) == len(parts) else None


def _as_parts(content: object) -> list[dict[str, str]]:
    if isinstance(content, str):
        return [{'type': 'text', 'text': content}] if content else []
    return list(cast('Iterable[dict[str, str]]', content or ()))
