"""Models of other providers at an address of a test; their packages are imported when one is asked for.

To import them takes longer than most files of tests do, and every worker reads all files.
"""

import httpx2
from pydantic_ai.models import Model


def anthropic(url: str, client: httpx2.AsyncClient | None = None) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    address = url.removesuffix('/v1')
    return AnthropicModel(
        'claude', provider=AnthropicProvider(api_key='key', base_url=address, http_client=client)
    )


def google(url: str, client: httpx2.AsyncClient | None = None) -> Model:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    address = url.removesuffix('/v1')
    return GoogleModel('gemini', provider=GoogleProvider(api_key='key', base_url=address, http_client=client))


def responses(url: str, client: httpx2.AsyncClient | None = None) -> Model:
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIResponsesModel(
        'gpt', provider=OpenAIProvider(api_key='key', base_url=url, http_client=client)
    )
