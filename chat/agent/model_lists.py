"""Lists of models, as servers give them: which of them are for chatting, and which are loaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = 'bool | float | str | list[Json] | dict[str, Json] | None'

CHAT_KINDS = frozenset(
    {'llm', 'vlm', 'chat', 'language', 'completion', 'text-generation', 'image-text-to-text', 'generate'}
)
"""Kinds of models that answer questions, in the words of LM Studio, Ollama, Together and others."""

NON_CHAT_NAME_PATTERN = re.compile(
    # Numbers for texts, and the order of texts.
    r'embed|rerank|(?<![a-z0-9])(bge|gte|e5|minilm|sbert|labse|mpnet|splade|colbert|stella|uae|bce|m3e|ember)(?![a-z])'
    r'|all-minilm|paraphrase-|sentence-|multi-qa|mxbai|msmarco|instructor-(base|large|xl)|cross-encoder'
    # Speech and sounds.
    r'|whisper|parakeet|wav2vec|transcri|(?<![a-z])(tts|stt|asr|bark|piper|kokoro|xtts|musicgen|audiogen|canary)(?![a-z])'
    r'|text-to-speech|speech-to-text|f5-tts|realtime'
    # Pictures and films.
    r'|dall-e|stable-?diffusion|(?<![a-z])(sdxl|sd3|sd-turbo|flux|imagen|sora|veo|kandinsky|pixart|hidream|cogview)(?![a-z])'
    r'|gpt-image|qwen-image|z-image|playground-v|(?<![a-z])(clip|siglip|dinov?\d?|sam2?|realesrgan|esrgan|vae)(?![a-z])'
    # What only judges.
    r'|moderation',
)
"""Parts of names of models that cannot chat, in small letters."""

NON_CHAT_FAMILIES = ('bert', 'clip', 'whisper', 't5encoder')
"""What is in the families of models that cannot chat, as Ollama names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """One model of a list."""

    name: str
    is_for_chatting: bool
    is_loaded: bool = False
    """Whether the server says that it would answer at once."""


def models_in(body: Json) -> list[ListedModel]:
    """Return the models in the answer to `/models`, or to LM Studio's `/api/v0/models`, each once.

    Some servers call the list `models` and not `data`, or give names and no objects.
    """
    match body:
        case {'data': [_, *_] as entries} | {'models': [_, *_] as entries} | [*entries]:
            models = [_listed_model(entry if isinstance(entry, dict) else {'id': entry}) for entry in entries]
        case _:
            models = []
    return list({model.name: model for model in models if model.name}.values())


def chat_models_by_family(body: Json) -> dict[str, bool]:
    """By name, whether a model of Ollama's `/api/tags` is for chatting: an empty family says nothing."""
    match body:
        case {'models': [*entries]}:
            return dict(pair for entry in entries if (pair := _family(entry)))
        case _:
            return {}


def names_in(body: Json) -> set[str]:
    """Return the names in Ollama's `/api/ps`: the models that are loaded."""
    match body:
        case {'models': [*entries]}:
            names = (entry.get('name') for entry in entries if isinstance(entry, dict))
            return {name for name in names if isinstance(name, str)}
        case _:
            return set()


def _family(entry: Json) -> tuple[str, bool] | None:
    match entry:
        case {'name': str(name), 'details': {'family': str(family)}} if family:
            is_other = any(word in family.lower() for word in NON_CHAT_FAMILIES)
            return name, not is_other and is_name_of_chat_model(name)
        case _:
            return None


def is_name_of_chat_model(name: str) -> bool:
    """Whether nothing in the name of a model speaks against chatting with it."""
    return not NON_CHAT_NAME_PATTERN.search(name.lower().replace('_', '-'))


def _listed_model(entry: Mapping[str, Json]) -> ListedModel:
    name = _name_in(entry)
    kinds = kinds_in(entry)
    is_for_chatting = bool(kinds & CHAT_KINDS) if kinds else is_name_of_chat_model(name)
    return ListedModel(name=name, is_for_chatting=is_for_chatting, is_loaded=_is_loaded(entry))


def _name_in(entry: Mapping[str, Json]) -> str:
    """Return what a model is asked for by; its `name` may be one for people where there is an `id`."""
    names = (entry.get(field) for field in ('id', 'model', 'name'))
    fitting = (str(name) for name in names if isinstance(name, str | int) and not isinstance(name, bool))
    return next(filter(None, fitting), '')


def kinds_in(entry: Mapping[str, Json]) -> set[str]:
    """Return what a list says that a model is for; nothing if it says nothing.

    That is a `type` (LM Studio, Together) or `task`, `capabilities` (Ollama, llama.cpp, Mistral), or what
    comes out of it (llama.cpp, OpenRouter).
    """
    words = [entry.get(name) for name in ('type', 'task', 'pipeline_tag', 'mode')]
    kinds = {
        word.lower() for word in words if isinstance(word, str) and word.lower() not in ('model', 'object')
    }
    match entry.get('capabilities'):
        case [*capabilities]:
            kinds |= {word.lower() for word in capabilities if isinstance(word, str)}
        case {'completion_chat': bool(chats)}:
            kinds.add('chat' if chats else 'other')
        case _:
            pass
    match entry.get('architecture'):
        case {'output_modalities': [*outputs]} if outputs and not kinds:
            # Numbers for texts come out as text too, so its name may still speak against a model.
            is_text = 'text' in outputs and is_name_of_chat_model(str(entry.get('id', '')))
            kinds.add('chat' if is_text else 'other')
        case _:
            pass
    return kinds


def _is_loaded(entry: Mapping[str, Json]) -> bool:
    """Whether it is in memory, as LM Studio and llama.cpp's router say it."""
    status = entry.get('status')
    return (status.get('value') if isinstance(status, dict) else entry.get('state')) == 'loaded'
