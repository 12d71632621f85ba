"""HtmlReader: the words of a web page as Markdown, as far as they are wanted.

Libraries for this build a tree of the whole page, which takes seconds and hundreds of megabytes for one that
is made to be large, to have most of it cut off then. This reads from the top and stops where it has enough.
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import urljoin

HEADINGS = {f'h{level}': '#' * level for level in range(1, 7)}

SKIPPED = frozenset(
    {'script', 'style', 'noscript', 'template', 'svg', 'math', 'iframe', 'object', 'canvas', 'textarea'}
    | {'select', 'button', 'nav', 'footer', 'aside', 'dialog'}
)
"""What is not read: programs, controls, and what stands around the text of every page of a site."""

BLOCKS = frozenset(
    {'p', 'div', 'section', 'article', 'main', 'header', 'ul', 'ol', 'dl', 'dt', 'table', 'figure', 'body'}
    | {'blockquote', 'pre', 'hr', 'address', 'details', 'summary', *HEADINGS}
)
"""What stands apart from the text before and after it."""

LINES = frozenset({'br', 'tr', 'dd', 'li', 'figcaption', 'caption', 'option'})
"""What begins a line."""

MIN_MAIN_LENGTH = 200
"""Characters from which on the text in `main` stands for the whole page."""

MAX_LINK_LENGTH = 500
"""Characters of an address; longer ones are for counting who follows them."""

_SPACES = re.compile(r'\s+')

Attributes = Sequence[tuple[str, str | None]]


class _EnoughRead(Exception):
    """The rest of the page is not wanted."""


class HtmlReader(HTMLParser):
    """Reads one page once. Nothing in a page makes it fail, or take longer than the page is long."""

    def __init__(self, url: str, max_length: int) -> None:
        """Read up to so many characters; `url` is where the page is, for the links in it."""
        super().__init__(convert_charrefs=True)
        self.title = ''
        self.is_cut = False
        """Whether there was more text than is wanted."""
        self._url = url
        self._max_length = max_length
        self._length = 0
        self._pieces: list[str] = []
        self._before_main: list[str] | None = None
        self._skipped, self._depth = '', 0
        """What is being skipped, and how often it was opened in itself."""
        self._is_in_title = False
        self._breaks = 0
        """Line feeds that come before the next word."""
        self._prefix = ''
        """What comes between those and the word."""
        self._lists: list[int] = []
        """The number of the last item in each open list; negative where they have none."""
        self._is_preformatted = False
        self._is_in_cell = False
        self._link: tuple[str, int] | None = None
        """The address of the open link, and how many pieces there are before its text."""

    def read(self, html: str) -> str:
        """Return the text of a page."""
        try:
            # a tag ends it, for `close` would look for the end of what never ends from each place in it
            self.feed(f'{html}<br>')
        except _EnoughRead:
            pass  # what is there is what is wanted
        except AssertionError:
            pass  # of the parser, up to Python 3.13, about `<![x[`: the rest cannot be read
        self._end_link()
        return ''.join([*(self._before_main or ()), *self._pieces]).strip()

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if self._skipped:
            self._depth += tag == self._skipped
        elif tag in SKIPPED:
            self._skipped, self._depth = tag, 1
            if tag == 'math':
                self._add(dict(attrs).get('alttext') or '')
        else:
            self._start(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            self._depth -= tag == self._skipped
            self._skipped = self._skipped if self._depth else ''
        else:
            self._end(tag)

    def handle_data(self, data: str) -> None:
        if self._is_in_title:
            self.title = ' '.join(f'{self.title}{data}'.split())[:MIN_MAIN_LENGTH]
        elif not self._skipped:
            self._add(data if self._is_preformatted else _SPACES.sub(' ', data))

    def _start(self, tag: str, attributes: dict[str, str | None]) -> None:
        self._break_at(tag)
        match tag:
            case 'title':
                self._is_in_title = not self.title
            case 'a':
                self._end_link()
                self._link = self._absolute(attributes.get('href') or ''), len(self._pieces)
            case 'ul' | 'ol':
                self._breaks = 1 if self._lists else self._breaks
                self._lists.append(0 if tag == 'ol' else -1_000_000_000)
            case 'li':
                self._start_item()
            case 'td' | 'th':
                self._is_in_cell = True
                self._prefix = self._prefix.strip(' ') or ('' if self._breaks else ' | ')
            case 'pre':
                self._add('```\n')
                self._is_preformatted = True
            case 'main' if self._before_main is None:
                self._before_main = [*self._pieces, '\n\n']
                self._pieces, self._length, self._link = [], 0, None
            case _:
                self._prefix = f'{HEADINGS[tag]} ' if tag in HEADINGS else self._prefix

    def _end(self, tag: str) -> None:
        match tag:
            case 'title':
                self._is_in_title = False
            case 'a':
                self._end_link()
            case 'ul' | 'ol' if self._lists:
                self._lists.pop()
            case 'td' | 'th':
                self._prefix = ''
            case 'pre' if self._is_preformatted:
                self._is_preformatted = False
                self._breaks = 0 if self._pieces and self._pieces[-1].endswith('\n') else 1
                self._add('```')
            case 'main' if self._before_main and self._length >= MIN_MAIN_LENGTH:
                self._before_main = None
                raise _EnoughRead
            case _:
                self._prefix = '' if tag in HEADINGS else self._prefix
        self._break_at(tag)

    def _break_at(self, tag: str) -> None:
        wanted = 2 if tag in BLOCKS else 1 if tag in LINES else 0
        self._is_in_cell = self._is_in_cell and tag not in ('td', 'th', 'tr', 'table')
        if self._is_in_cell and wanted:  # a cell is one line, whatever is in it
            self._prefix = self._prefix or ('' if self._breaks else ' ')
            return
        self._breaks = max(self._breaks, 1 if wanted and self._lists else wanted)

    def _start_item(self) -> None:
        if self._lists:
            self._lists[-1] += 1
        number = self._lists[-1] if self._lists else -1
        indent = '  ' * min(len(self._lists) - 1, 8)
        self._prefix = f'{indent}{number}. ' if number > 0 else f'{indent}- '

    def _absolute(self, href: str) -> str:
        """Return where a link leads; '' if that is nowhere in the web."""
        try:
            url = urljoin(self._url, href.strip())
        except ValueError:
            return ''
        is_useful = not href.startswith('#') and len(url) <= MAX_LINK_LENGTH
        return url if is_useful and url.startswith(('http://', 'https://')) else ''

    def _end_link(self) -> None:
        (url, place), self._link = self._link or ('', 0), None
        text = ''.join(self._pieces[place:]) if url else ''
        if words := ' '.join(text.split()):
            lead = text[: len(text) - len(text.lstrip())]
            self._pieces[place:] = [f'{lead}[{words}]({url})']
            self._length += len(url) + 4

    def _add(self, text: str) -> None:
        if not self._is_preformatted and (self._breaks or self._ends_in_space):
            text = text.lstrip()
        if not text:
            return
        if self._pieces and self._breaks:
            self._pieces.append('\n' * self._breaks)
        self._pieces.append(self._prefix + text)
        self._length += len(self._prefix) + len(text) + self._breaks
        self._breaks, self._prefix = 0, ''
        if self._length > self._max_length:
            self.is_cut = True
            raise _EnoughRead

    @property
    def _ends_in_space(self) -> bool:
        return not self._pieces or self._pieces[-1][-1:].isspace()
