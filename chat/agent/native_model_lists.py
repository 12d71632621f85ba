"""The lists that Ollama and LM Studio have besides OpenAI's: they know more of their models.

Written after their documentation, and tried with servers that answer as that says.
"""

import httpx2

from chat.agent.model_lists import Json, ListedModel, chat_models_by_family, models_in, names_in
from chat.errors import ChatError

SERVER_PROGRAMS = {'library': 'ollama', 'organization_owner': 'lmstudio'}
"""What Ollama and LM Studio write as the owner of each model, wherever they listen."""


def server_program_of(body: Json, prefix: str) -> str:
    """Whose own list may know more: that of Ollama, of LM Studio, or of nobody."""
    if prefix in SERVER_PROGRAMS.values():
        return prefix
    match body:
        case {'data': [{'owned_by': str(owner)}, *_]}:
            return SERVER_PROGRAMS.get(owner, '')
        case _:
            return ''


async def enrich_models(
    client: httpx2.AsyncClient, url: str, models: list[ListedModel], program: str
) -> list[ListedModel]:
    """The same models, with what the own lists of Ollama and LM Studio say of them.

    https://docs.ollama.com/api/tags, https://docs.ollama.com/api/ps, https://lmstudio.ai/docs/developer/rest
    """
    root = url.removesuffix('/v1')
    match program:
        case 'lmstudio':
            known = {
                model.name: model for model in models_in(await _fetch_native(client, f'{root}/api/v0/models'))
            }
            return [known.get(model.name, model) for model in models]
        case 'ollama':
            families = chat_models_by_family(await _fetch_native(client, f'{root}/api/tags'))
            loaded = names_in(await _fetch_native(client, f'{root}/api/ps'))
            return [
                ListedModel(
                    name=model.name,
                    is_for_chatting=families.get(model.name, model.is_for_chatting),
                    is_loaded=model.name in loaded,
                )
                for model in models
            ]
        case _:
            return models


async def _fetch_native(client: httpx2.AsyncClient, url: str) -> Json:
    """What the own interface of a program says, or `None` if it is not there: it is no more than a hint."""
    try:
        response = await client.get(url)
        return response.json() if response.is_success else None
    except (httpx2.HTTPError, ChatError, ValueError):
        return None
