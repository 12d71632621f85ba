"""Models of servers that speak the language of OpenAI, asked as the strictest of them want to be asked."""

import logging
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any
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

from chat.agent.alternating_roles import alternate_roles

log = logging.getLogger(__name__)

REFUSAL_STATUSES = (400, 422, 500)
"""With one of these a template is said not to take something; llama.cpp and vLLM say 400, others 500."""

ROLE_ERROR_WORDS = ('system', 'role', 'template')
"""One of these words stands in what is said of a system message that a template does not take."""


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
        asked = messages, model_settings, model_request_parameters, run_context
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(super().request_stream(*asked))
            except ModelHTTPError as error:
                with self._without_system(error):
                    response = await stack.enter_async_context(super().request_stream(*asked))
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
        return alternate_roles(mapped, takes_system=self._accepts_system)

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
"""Where the models of OpenAI are: they take system messages anywhere."""


def strict(model: Model, provider: Provider[Any]) -> Model:
    """The same model as one that is asked strictly; as it is if it is one of OpenAI's, or no chat model."""
    kind: type[Any] = type(model)
    host = f'.{urlsplit(model.base_url or "").hostname or ""}'
    if not issubclass(kind, OpenAIChatModel) or host.endswith(OPENAI):
        return model
    one_system = OpenAIModelProfile(openai_chat_supports_multiple_system_messages=False)
    strict_kind: type[Any] = (
        StrictModel if kind is OpenAIChatModel else type(f'Strict{kind.__name__}', (StrictModel, kind), {})
    )
    profile = merge_profile(model.profile, one_system)
    return strict_kind(model.model_name, provider=provider, profile=profile, settings=model.settings)
