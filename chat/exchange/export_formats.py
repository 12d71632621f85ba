"""The formats of exports, and what a person is told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

ExportFormat = Literal['md', 'html', 'json', 'openai', 'pydantic-ai', 'zip']


@dataclass(frozen=True, slots=True)
class FormatDescription:
    """What a person is told of a format."""

    name: ExportFormat
    label: str
    ending: str
    media_type: str
    hint: str
    """What is in it, and what is not."""


_MARKDOWN = 'Text to read and edit: the version that is shown, with its files beside it.'
_WEB_PAGE = 'One file to read offline and to print, with formulas, code and images. Other files are named.'
_OWN = 'All versions and files. Parlour can import it.'
_OPENAI = 'A line of JSON for each chat, without thinking. Images are in it, other files are named.'
_PYDANTIC_AI = 'For programs in Python: the version that is shown, with its files.'
_ALL = 'All versions and files, as JSON and as Markdown. Parlour can import it.'

_FORMATS = (
    FormatDescription('md', 'Markdown', '.md', 'text/markdown; charset=utf-8', _MARKDOWN),
    FormatDescription('html', 'Web page', '.html', 'text/html; charset=utf-8', _WEB_PAGE),
    FormatDescription('json', 'Parlour JSON', '.parlour.json', 'application/json', _OWN),
    FormatDescription('openai', 'OpenAI messages', '.jsonl', 'application/jsonl', _OPENAI),
    FormatDescription('pydantic-ai', 'pydantic-ai messages', '.json', 'application/json', _PYDANTIC_AI),
    FormatDescription('zip', 'Everything (zip)', '.zip', 'application/zip', _ALL),
)

WITH_VERSIONS: Sequence[ExportFormat] = ('md', 'html', 'openai')
"""Those for which it can be chosen whether the versions that are not shown are in it, too."""

EXPORT_FORMATS: Mapping[ExportFormat, FormatDescription] = {each.name: each for each in _FORMATS}
"""In the order in which they are offered."""

LEFT_OUT_HINT = 'Keys, the passcode, links for guests and messages that you deleted are never in an export.'

SETTINGS_HINT = (
    'Your settings, assistants, prompts, folders and servers are in it, too, without keys, and without what '
    'may be a secret in an address.'
)
"""Of a zip with all chats."""
