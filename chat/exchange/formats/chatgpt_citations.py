"""The marks that ChatGPT puts into a text where it refers to pages: taken out, and what they mean kept.

A mark is U+E200, its kind, U+E202, what it refers to, U+E201; U+E203 and U+E204 stand around what is
highlighted. Of before there are marks like 【11†source】.
"""

import re
from collections.abc import Iterator

from chat.exchange.formats.records import Cited, Text
from chat.exchange.formats.values import Json, fields, first_string, items, objects, parsed, string

_MARK = re.compile('\ue200(?P<kind>[^\ue200-\ue202]*)(?P<rest>(?:\ue202[^\ue200-\ue202]*)*)(?:\ue201|\\Z)')
_OLD_MARK = re.compile(r'【\d+(?::\d+)?†[^】\n]{0,200}】')
_HERE = '\ue2ff'
"""Stands where a mark was."""

_HERE_BEFORE_SPACE = re.compile(f'(?:[ \t]*{_HERE})+(?=[\\s.,;:!?)]|\\Z)')
_HERE_AT_START = re.compile(f'^{_HERE}[ \t]*', re.MULTILINE)
_PRIVATE = re.compile('[\ue200-\ue2ff]')

_LINK = re.compile(r'\[([^\]]*)\]\(([^)\s]*)[^)]*\)')
_WEB = re.compile(r'https?://', re.IGNORECASE)

REMOVED_KINDS = {
    'grouped_webpages',
    'grouped_webpages_model_predicted_fallback',
    'sources_footnote',
    'hidden',
}
"""References whose text is only a repetition of the pages that they name."""


def cited_text(text: str, metadata: Json) -> Text:
    """Return a text without marks, with the pages that it refers to."""
    references = [*objects(metadata.get('content_references'))]
    for reference in references:
        matched = string(reference.get('matched_text'))
        if _PRIVATE.search(matched) or _OLD_MARK.fullmatch(matched):
            text = text.replace(matched, _replacement(reference) or _HERE)
    sources = {cited.url: cited for each in references for cited in _sources(each)}
    for each in objects(metadata.get('citations')):
        inner = fields(each.get('metadata'))
        sources |= {cited.url: cited for cited in _cited(inner)}
    text = _OLD_MARK.sub(_HERE, _MARK.sub(_words_of_mark, text))
    text = _HERE_BEFORE_SPACE.sub('', _HERE_AT_START.sub('', text))
    return Text(_PRIVATE.sub('', text), tuple(sources.values()))


def _replacement(reference: Json) -> str:
    if string(reference.get('type')) in REMOVED_KINDS:
        return ''
    words = _PRIVATE.sub('', first_string(reference.get('alt'), reference.get('prompt_text')))
    return _LINK.sub(lambda link: link[0] if _WEB.match(link[2]) else link[1], words)


def _words_of_mark(mark: re.Match[str]) -> str:
    """Return what a mark says by itself, of which no reference tells: a name, or nothing."""
    arguments = mark['rest'].split('\ue202')[1:]
    if mark['kind'] == 'url' and arguments:
        return arguments[0]
    if mark['kind'] == 'entity' and arguments:
        names = [name for each in items(parsed(arguments[0])) if (name := string(each))]
        return names[1] if len(names) > 1 else _HERE
    return _HERE


def _sources(reference: Json) -> Iterator[Cited]:
    """Yield the pages that a reference names, in its different places."""
    for name in ('items', 'sources', 'fallback_items'):
        for each in objects(reference.get(name)):
            yield from _cited(each)
            for supporting in objects(each.get('supporting_websites')):
                yield from _cited(supporting)
    yield from _cited(reference)
    if not any(items(reference.get(name)) for name in ('items', 'sources')):
        yield from (Cited(url=url) for url in map(string, items(reference.get('safe_urls'))) if url)


def _cited(page: Json) -> Iterator[Cited]:
    if url := string(page.get('url')):
        yield Cited(url=url, title=first_string(page.get('title'), page.get('attribution')))
