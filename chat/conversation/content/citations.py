"""The pages of the web that an answer cites."""

from collections.abc import Iterable

from pydantic_ai import ModelMessage, TextPart
from pydantic_ai.messages import WebCitationSource


def cited_pages(messages: Iterable[ModelMessage]) -> dict[str, str]:
    """Return the titles of the pages of the web that an answer cites, by their addresses."""
    parts = [part for message in messages for part in message.parts if isinstance(part, TextPart)]
    cited = [source for part in parts for citation in part.citations or () for source in citation.sources]
    return {each.url: each.title or each.url for each in cited if isinstance(each, WebCitationSource)}
