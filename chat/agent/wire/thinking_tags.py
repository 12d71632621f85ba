"""Thoughts that a server leaves in the text of an answer, between tags such as `<think>` and `</think>`.

pydantic-ai takes a tag for one if it is a piece of the stream by itself, wherever it stands. Here a stream is
cut so that this holds for the tags around thoughts and for no others, however the server cut it.
"""

import re

THINKING_TAGS = ('<think>', '</think>')
"""The tags that pydantic-ai is to look for; those of other names are replaced by them."""

END_BY_START = {
    '<think>': '</think>',
    '<thinking>': '</thinking>',
    '<thought>': '</thought>',
    '[think]': '[/think]',
}
"""The tags around thoughts, in lower case."""

START_PATTERN = re.compile(rf'\s*({"|".join(map(re.escape, END_BY_START))})', re.I)


class ThinkingTags:
    """Cuts the text of one answer at the tags of its thoughts.

    Thoughts come before the answer: a tag behind its first word is a word of it.
    """

    def __init__(self) -> None:
        self._held = ''
        """What may become a tag with the next piece."""
        self._end_tag = ''
        """The tag that ends the thought which is being read, if one is."""
        self._has_thought = False
        self._is_answering = False

    def cut(self, text: str, *, is_last: bool) -> list[str]:
        """Return the pieces that can be read so far; `is_last` if nothing follows to complete a tag."""
        self._held += text
        pieces: list[str] = []
        while self._held:
            before = self._held
            pieces += self._next(is_last=is_last)
            if self._held == before:
                break
        return [piece for piece in pieces if piece]

    def _next(self, *, is_last: bool) -> list[str]:
        if self._end_tag:
            return self._thought(is_last=is_last)
        if self._is_answering:
            return self._answer()
        return self._beginning(is_last=is_last)

    def _beginning(self, *, is_last: bool) -> list[str]:
        if tag := START_PATTERN.match(self._held):
            self._held = self._held[tag.end() :]
            self._end_tag = END_BY_START[tag[1].lower()]
            self._has_thought = True
            return [THINKING_TAGS[0]]
        word = self._held.lstrip()
        if not is_last and any(tag.startswith(word.lower()) for tag in END_BY_START):
            return []
        if self._has_thought:
            self._held = word
        self._is_answering = True
        return self._answer()

    def _thought(self, *, is_last: bool) -> list[str]:
        """Return the thought up to its end; an end tag between backticks is a word of the thought."""
        text, tag = self._held, re.escape(self._end_tag)
        mention_or_end = re.search(rf'`{tag}`|(`?{tag})\Z|{tag}', text, re.I)
        if mention_or_end is None:
            start = len(text) if is_last else _start_of_partial(text, self._end_tag)
            self._held = text[start:]
            return [text[:start]]
        found, end = mention_or_end[0], mention_or_end.end()
        is_mention = found[0] == found[-1] == '`'
        if is_mention:
            self._held = text[end:]
            return [text[:end]]
        if found[0] == '`' and not is_last:  # the next character tells
            self._held = text[mention_or_end.start() :]
            return [text[: mention_or_end.start()]]
        self._held, start = text[end:], end - len(self._end_tag)
        self._end_tag = ''
        return [text[:start], THINKING_TAGS[1]]

    def _answer(self) -> list[str]:
        text, self._held = self._held, ''
        # A piece that is a tag by itself would be taken for one.
        return [text[:1], text[1:]] if text in THINKING_TAGS else [text]


def _start_of_partial(text: str, end_tag: str) -> int:
    """Return where the longest end of a text begins that may become a tag, with a backtick before it."""
    mention = f'`{end_tag}'
    lower = text[-len(mention) :].lower()
    for length in range(len(lower), 0, -1):
        if mention.startswith(lower[-length:]) or end_tag.startswith(lower[-length:]):
            return len(text) - length
    return len(text)
