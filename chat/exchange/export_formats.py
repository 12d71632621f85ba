"""The formats of exports, and what a person is told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ExportFormat = Literal['md', 'html', 'json', 'openai', 'pydantic-ai', 'zip']


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatDescription:
    """What a person is told of a format."""

    label: str
    ending: str
    media_type: str
    hint: str
    """What is in it, and what is not."""


EXPORT_FORMATS: Mapping[ExportFormat, FormatDescription] = {
    'md': FormatDescription(
        label='Markdown',
        ending='.md',
        media_type='text/markdown; charset=utf-8',
        hint='Text to read and edit: the version that is shown, with its files beside it.',
    ),
    'html': FormatDescription(
        label='Web page',
        ending='.html',
        media_type='text/html; charset=utf-8',
        hint='One file to read offline and to print, with formulas, code and images. Other files are named.',
    ),
    'json': FormatDescription(
        label='Parlour JSON',
        ending='.parlour.json',
        media_type='application/json',
        hint='All versions and files. Parlour can import it.',
    ),
    'openai': FormatDescription(
        label='OpenAI messages',
        ending='.jsonl',
        media_type='application/jsonl',
        hint='A line of JSON for each chat, without thinking. Images are in it, other files are named.',
    ),
    'pydantic-ai': FormatDescription(
        label='pydantic-ai messages',
        ending='.json',
        media_type='application/json',
        hint='For programs in Python: the version that is shown, with its files.',
    ),
    'zip': FormatDescription(
        label='Everything (zip)',
        ending='.zip',
        media_type='application/zip',
        hint='All versions and files, as JSON and as Markdown. Parlour can import it.',
    ),
}

LEFT_OUT_HINT = 'Keys, links for guests, settings and messages that you deleted are never in an export.'
