"""A conversation as one HTML file: read without Parlour and without a network, and printed."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator
from functools import cache
from html import escape

from chat.asset_files import ASSETS
from chat.conversation.content.answer_parts import AnswerPart
from chat.conversation.content.attachments import Attachment, format_size
from chat.conversation.content.citations import cited_pages
from chat.conversation.content.turns import Turn
from chat.conversation.whole_conversation import WholeConversation, WholeConversationReader
from chat.exchange.markdown import answered_by, asked_at, moment, title_of, tool_texts, version_title
from chat.exchange.own_format import content_of
from chat.exchange.versions import other_versions, shown_turns
from chat.rendering.markdown import render_with_images

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
"""Nothing in the file runs, and nothing is loaded."""

STYLE_NAMES = ('tokens', 'prose', 'export')

MATH_FONT = 'STIX Two Math'

_FONT_FACE = re.compile(r'@font-face \{.*?\}', re.DOTALL)

_FONT_ADDRESS = re.compile(r'url\("\.\./fonts/([\w-]+\.woff2)"\)')

IMAGE_TYPES = ('image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif')
"""What a browser shows and runs nothing in."""

_OWN_FILE = re.compile(r'(?<=src=")/files/([0-9a-f]{64})(?:\.\w+)?(?=")', re.ASCII)
"""The address of an image that was loaded, in our HTML."""


async def html_file(
    whole: WholeConversation, reader: WholeConversationReader, *, all_versions: bool = False
) -> AsyncIterator[bytes]:
    """Yield the branch that is shown as an HTML file, a turn at a time; after it, if wanted, the others."""
    title = escape(title_of(whole.metadata))
    yield _head(title).encode()
    images = {image.url: image.blob for each in whole.metadata.images.values() for image in each}
    has_formulas = False
    for piece in _pieces(whole, all_versions=all_versions):
        html = piece if isinstance(piece, str) else await asyncio.to_thread(_turn, piece, images)
        has_formulas = has_formulas or '<math' in html
        yield (await _with_files(html, reader)).encode()
    yield (_math_fonts() if has_formulas else '').encode()
    yield b'</main></body></html>\n'


def _pieces(whole: WholeConversation, *, all_versions: bool) -> Iterator[Turn | str]:
    """Yield the turns, and the headings between versions as HTML."""
    yield from shown_turns(whole)
    for number, turns in enumerate(other_versions(whole) if all_versions else (), 1):
        yield f'<h2 class="version">{version_title(number)}</h2>\n'
        yield from turns


def _head(title: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title>\n<style>{_styles()}</style></head>\n'
        f'<body><main><h1 class="title">{title}</h1>\n'
    )


@cache
def _styles() -> str:
    return '\n'.join((ASSETS / 'styles' / f'{name}.css').read_text('utf-8') for name in STYLE_NAMES)


@cache
def _math_fonts() -> str:
    """Return the faces of our style sheet that set formulas, with the fonts in them."""
    faces = _FONT_FACE.findall((ASSETS / 'styles' / 'fonts.css').read_text('utf-8'))
    inside = [_FONT_ADDRESS.sub(_font_inside, face) for face in faces if MATH_FONT in face]
    return f'<style>{"".join(inside)}</style>\n'


def _font_inside(address: re.Match[str]) -> str:
    data = base64.b64encode((ASSETS / 'fonts' / address[1]).read_bytes()).decode()
    return f'url(data:font/woff2;base64,{data})'


def _turn(turn: Turn, images: dict[str, str]) -> str:
    return ''.join([*_question(turn), *_answer(turn, images)])


def _question(turn: Turn) -> Iterator[str]:
    if turn.is_opening:
        return
    time = escape(moment(asked_at(turn)))
    who = escape(' '.join(turn.author.split()) or 'You')
    yield f'<section class="question" dir="auto"><h2 class="who">{who}<span class="time">{time}</span></h2>'
    if turn.question.strip():
        yield f'<p>{escape(turn.question)}</p>'
    yield from map(_attachment, turn.attachments)
    yield '</section>\n'


def _answer(turn: Turn, images: dict[str, str]) -> Iterator[str]:
    yield f'<section class="answer"><h2 class="who">{escape(answered_by(turn))}</h2>'
    for part in turn.answer_parts:
        yield from _part(part, images)
    if sources := cited_pages(turn.answer):
        items = (f'<li>{escape(title)}<br>{escape(url)}</li>' for url, title in sources.items())
        yield f'<ol class="sources">{"".join(items)}</ol>'
    if turn.state in ('stopped', 'failed'):
        yield f'<p class="ending">{escape(turn.failure or "Stopped")}</p>'
    yield '</section>\n'


def _part(part: AnswerPart, images: dict[str, str]) -> Iterator[str]:
    if part.tool_call:
        name = escape(' '.join(part.tool_call.request.tool_name.split()))
        texts = ''.join(f'<pre>{escape(text)}</pre>' for text in tool_texts(part.tool_call))
        yield f'<details class="aside"><summary>Tool: {name}</summary>{texts}</details>'
        yield from map(_attachment, part.tool_call.files)
    elif part.kind == 'thinking':
        html = render_with_images(part.text, {})
        yield f'<details class="aside"><summary>Thinking</summary><div class="prose">{html}</div></details>'
    elif part.kind == 'file':
        yield from map(_attachment, part.files)
    elif part.kind == 'prompt':
        who = escape(' '.join(part.author.split()) or 'You')
        yield f'<section class="question" dir="auto"><h3 class="who">{who}</h3><p>{escape(part.text)}</p>'
        yield from map(_attachment, part.files)
        yield '</section>'
    else:
        yield f'<div class="prose">{render_with_images(part.markdown, images)}</div>'


def _attachment(file: Attachment) -> str:
    name = escape(file.name)
    if file.media_type in IMAGE_TYPES:
        return f'<img class="attached" alt="{name}" src="/files/{file.blob}">'
    return f'<p class="file">{name} ({escape(file.media_type)}, {format_size(file.size)})</p>'


async def _with_files(html: str, reader: WholeConversationReader) -> str:
    """Return the HTML with its images inside."""
    pieces = _OWN_FILE.split(html)
    for place in range(1, len(pieces), 2):
        pieces[place] = await _data_address(pieces[place], reader)
    return ''.join(pieces)


async def _data_address(blob: str, reader: WholeConversationReader) -> str:
    file = await reader.file(blob)
    if file is None or file.media_type not in IMAGE_TYPES:
        return 'data:,'
    data = base64.b64encode(await content_of(reader, blob)).decode()
    return f'data:{file.media_type};base64,{data}'
