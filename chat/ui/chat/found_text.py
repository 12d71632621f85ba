"""The texts of a chat as they are read on its page, and where words occur in them."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chat.conversation.content.turns import Turn
from chat.text_normalization import normalized, occurrences

TurnRole: TypeAlias = Literal['user', 'assistant']

_UNREAD = re.compile(r'<button\b[^>]*>[^<]*</button>|<annotation\b.*?</annotation>', re.DOTALL)
"""What stands in our HTML and is no text of the answer."""

_BLOCK = re.compile(
    r'</?(?:p|div|h[1-6]|ul|ol|li|dl|dt|dd|blockquote|pre|figure|figcaption|table|thead|tbody|tr|t[hd]|section|hr|br'
    r'|details|summary)\b[^>]*>'
)
"""Between what is on either side of it there is at least a space, as `js/find.js` has it."""

_TAG = re.compile(r'<[^>]*>')

_MARKS = re.compile(r'[*_~`\\=^]+')

_MAY_DIFFER = re.compile(r'[&$]|!\[|\\[(\[a-zA-Z]|:\w+:')
"""What may be read as other letters than are written: entities, formulas, images, emoji."""


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text of a turn; Markdown, with the images in it that are shown, or as it is."""

    text: str
    is_markdown: bool = True
    images: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TurnTexts:
    """The texts of a prompt or an answer, in the order in which they stand on a page."""

    turn_id: str
    role: TurnRole
    texts: Sequence[ShownText]


@dataclass(frozen=True, slots=True)
class Hit:
    """An occurrence of what is looked for."""

    turn_id: str
    role: TurnRole
    place: int
    """How many come before it in the same prompt or answer."""


def texts_of(turns: Iterable[Turn]) -> Iterator[TurnTexts]:
    """Yield the texts of turns in their order, without what tools were given and have returned.

    Of answers that stand side by side, all are one.
    """
    for turn in turns:
        yield TurnTexts(turn.id, 'user', [ShownText(turn.question, is_markdown=False)])
        answer = [
            ShownText(part.text, part.kind != 'prompt', tuple(sorted(part.images.items())))
            for shown in turn.compared or (turn,)
            for part in shown.answer_parts
            if part.kind in ('text', 'thinking', 'prompt')
        ]
        yield TurnTexts(turn.id, 'assistant', answer)


class TextFinder:
    """Finds words in texts, and remembers what is read where Markdown is written. Blocks."""

    def __init__(self) -> None:
        self._read: dict[ShownText, str] = {}

    def find(self, halves: Iterable[TurnTexts], words: str) -> tuple[list[Hit], set[str]]:
        """Return the occurrences, and in which spellings the words were found.

        Args:
            halves: Prompts and answers.
            words: As `needle_of` returns them.
        """
        hits: list[Hit] = []
        spellings: set[str] = set()
        for half in halves:
            found = [each for text in half.texts for each in self._occurrences(text, words)]
            spellings.update(found)
            hits += (Hit(half.turn_id, half.role, place) for place in range(len(found)))
        return hits, spellings

    def _occurrences(self, text: ShownText, words: str) -> list[str]:
        if text not in self._read and not _may_have(text.text, words):
            return []
        return occurrences(self._read.get(text) or self._read.setdefault(text, read_text(text)), words)


def needle_of(text: str) -> str:
    """Return what is looked for, normalized: it is found with any white space in the place of its own."""
    return ' '.join(normalized(text).split())


def read_text(text: ShownText) -> str:
    """Return a text as it is read, with one space for all white space."""
    if not text.is_markdown:
        return ' '.join(text.text.split())
    from chat.rendering.markdown import render_with_images

    rendered = render_with_images(text.text, dict[str, str](text.images))
    return ' '.join(html.unescape(_TAG.sub('', _BLOCK.sub('\n', _UNREAD.sub('', rendered)))).split())


def _may_have(text: str, words: str) -> bool:
    """Return whether a text may have these words once it is rendered, which takes its time."""
    if _MAY_DIFFER.search(text):
        return True
    longest = max(re.findall(r'[a-z0-9]+', words), key=len, default='')
    return longest in normalized(_MARKS.sub('', text))
