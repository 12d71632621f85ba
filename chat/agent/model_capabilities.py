"""What models can do: which files they read and how much they hold, as servers tell it or names say it.

llama.cpp tells it in its list, vLLM the context only. LM Studio and Ollama tell it elsewhere; what is read of
theirs follows their public documentation:
https://lmstudio.ai/docs/developer/rest/endpoints and https://docs.ollama.com/api-reference/show-model-details.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx2
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles import ModelProfile, merge_profile

from chat.agent.model_lists import Json
from chat.errors import ChatError

log = logging.getLogger(__name__)

TEXT_ONLY_PATTERN = re.compile(
    r'gpt-3\.5|gpt-oss|o1-(mini|preview)|o3-mini|deepseek-(r1|v3|coder)|codestral|mixtral|mistral-7b|mistral-nemo'
    r'|llama-?[23](?!\.2)(\.\d)?(?!\d)|codellama|tinyllama|qwen-?2(\.5)?(?![\d.])|qwen-?3(?![\d.])|qwq|gemma-?2(?!\d)'
    r'|phi-?[34](?!\d)|smollm2|starcoder|command-r|granite3'
)
VISION_PATTERN = re.compile(r'vl\b|-vl|vision|omni|llava|multimodal|audio')
"""Models that read text only, by their names: the profiles of pydantic-ai know few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCapabilities:
    """What is known of one model."""

    reads_images: bool | None = None
    """Whether it takes images; `None` if nobody says."""
    reads_documents: bool | None = None
    """Whether it takes PDF; `None` if nobody says."""
    context_length: int | None = None
    """Tokens that it holds, prompts and answers together."""

    @property
    def profile(self) -> ModelProfile:
        """The capabilities as a profile of pydantic-ai."""
        profile = ModelProfile()
        if self.reads_images is not None:
            profile['supports_image_input'] = self.reads_images
        if self.context_length:
            profile['context_window'] = self.context_length
        return profile


UNKNOWN_CAPABILITIES = ModelCapabilities()


def capabilities_in(body: Json) -> dict[str, ModelCapabilities]:
    """Return what a list of models says of each, in whichever dialect, by name."""
    match body:
        case {'data': [*entries]} | {'models': [*entries]} | [*entries]:
            pass
        case _:
            return {}
    return {
        name: ability
        for entry in entries
        for name in names_of(entry)
        if (ability := _capabilities(entry)) != UNKNOWN_CAPABILITIES
    }


def names_of(entry: Json) -> list[str]:
    """Return the names of a model in one entry of a list."""
    match entry:
        case {'id': str(name)} | {'key': str(name)}:
            return [name]
        case _:
            return []


def capabilities_from_ollama(body: Json) -> ModelCapabilities:
    """Return what Ollama's `/api/show` says, but for the context, which the model need not have here."""
    match body:
        case {'capabilities': [*abilities]} if abilities:
            return ModelCapabilities(reads_images='vision' in abilities)
        case _:
            return UNKNOWN_CAPABILITIES


MAX_MODELS_ASKED, ASKED_AT_ONCE = 30, 8
"""Models that are asked about at Ollama, which describes one at a time, and how many of them at once."""

DESCRIPTION_TIMEOUT = 3.0
"""Seconds for all descriptions, so that whoever is slow to give them is known by its list all the same."""


async def fetch_capabilities(
    client: httpx2.AsyncClient, url: str, maker: str, names: Sequence[str]
) -> dict[str, ModelCapabilities]:
    """Fetch what LM Studio or Ollama says in time of its models in its own interface, by name."""
    root = url.removesuffix('/v1')
    found: dict[str, ModelCapabilities] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(DESCRIPTION_TIMEOUT):
            match maker:
                case 'lmstudio':
                    found |= capabilities_in(await _json_of(client.get(f'{root}/api/v0/models')))
                case 'ollama':
                    await _fetch_from_ollama(client, root, names[:MAX_MODELS_ASKED], found)
                case _:
                    pass
    return found


async def _fetch_from_ollama(
    client: httpx2.AsyncClient, root: str, names: Sequence[str], found: dict[str, ModelCapabilities]
) -> None:
    """Add what Ollama says of each of these models to what was found."""
    places = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(name: str) -> None:
        async with places:
            shown = await _json_of(client.post(f'{root}/api/show', json={'model': name}))
            found[name] = capabilities_from_ollama(shown)

    await asyncio.gather(*map(ask, names))


async def _json_of(request: Awaitable[httpx2.Response]) -> Json:
    """Return what a server describes; `None` if it does not."""
    try:
        response = await request
        return response.json() if response.is_success else None
    except (httpx2.HTTPError, ChatError, ValueError) as error:
        log.info('The server does not describe its models: %s', type(error).__name__)
        return None


def _capabilities(entry: Json) -> ModelCapabilities:
    if not isinstance(entry, dict):
        return UNKNOWN_CAPABILITIES
    return ModelCapabilities(
        reads_images=_reads_images(entry),
        reads_documents=_reads_documents(entry),
        context_length=_context_length(entry),
    )


def _reads_images(entry: Mapping[str, Json]) -> bool | None:
    match entry:
        case {'architecture': {'input_modalities': [*kinds]}} if kinds:  # llama.cpp, OpenRouter
            return 'image' in kinds
        case {'type': 'vlm'} | {'capabilities': {'vision': True}}:  # LM Studio
            return True
        case {'type': 'llm'} | {'capabilities': {'vision': False}}:
            return False
        case _:
            return None


def _reads_documents(entry: Mapping[str, Json]) -> bool | None:
    match entry:
        case {'architecture': {'input_modalities': [*kinds]}} if kinds:
            return 'file' in kinds
        case _:
            return None


def _context_length(entry: Mapping[str, Json]) -> int | None:
    """Return the context that a model was loaded with, or could be, where that is the same."""
    match entry:
        case {'meta': {'n_ctx': int(tokens)}}:  # llama.cpp
            return tokens
        case {'loaded_context_length': int(tokens)} | {'max_model_len': int(tokens)}:  # LM Studio, vLLM
            return tokens
        case {'loaded_instances': [{'config': {'context_length': int(tokens)}}, *_]}:  # LM Studio
            return tokens
        case _:
            return None


def lacks_vision(name: str) -> bool:
    """Return whether a model is known to read no images; `False` if that is not known."""
    model = name.rpartition('/')[2].lower() if '/' in name else name.partition(':')[2].lower()
    return bool(TEXT_ONLY_PATTERN.match(model)) and not VISION_PATTERN.search(model)


class TextOnlyModel(WrapperModel):
    """A model that is sent no images."""

    @property
    def profile(self) -> ModelProfile:  # pyright: ignore[reportIncompatibleVariableOverride]  # as in its base
        return merge_profile(self.wrapped.profile, ModelProfile(supports_image_input=False))
