"""HTML of an answer as Markdown; scripts, styles and everything that could do something are left out."""

import re
from html.parser import HTMLParser

_MARKS = {'strong': '**', 'b': '**', 'em': '*', 'i': '*', 'del': '~~', 's': '~~'}
_HEADINGS = {f'h{level}': '#' * level for level in range(1, 7)}
_BLOCKS = {'p', 'div', 'section', 'article', 'table', 'blockquote', 'ul', 'ol', 'pre', 'hr', *_HEADINGS}
_SILENT = {'script', 'style', 'head', 'title', 'template', 'noscript', 'iframe', 'object', 'svg', 'form'}
_SPACE = re.compile(r'[ \t\r\n\f]+')


def markdown_of(html: str) -> str:
    """Return the text of HTML as Markdown."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.text()


class _Writer(HTMLParser):
    """Writes Markdown while it reads HTML."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[str] = []
        self._silent = 0
        self._lists: list[int | None] = []
        """Of each open list the number of its last item; `None` if it has no numbers."""
        self._is_code = False
        self._link = ''
        self._cells = 0

    def text(self) -> str:
        """Return what was written."""
        text = re.sub(r'[ \t]+\n', '\n', ''.join(self._pieces))
        return re.sub(r'\n{3,}', '\n\n', text).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif not self._silent:
            self._begin(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif not self._silent:
            self._end(tag)

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._is_code:
            self._pieces.append(data)
            return
        data = _SPACE.sub(' ', data)
        is_at_start = not self._pieces or self._pieces[-1].endswith('\n')
        self._pieces.append(data.lstrip() if is_at_start else data)

    def _begin(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in _BLOCKS and not (tag in {'ul', 'ol'} and self._lists):
            self._pieces.append('\n\n')
        match tag:
            case 'ul' | 'ol':
                self._lists.append(0 if tag == 'ol' else None)
            case 'li':
                self._pieces.append(self._bullet())
            case 'pre':
                self._is_code = True
                self._pieces.append('```\n')
            case 'tr':
                self._cells = 0
            case 'a':
                self._link = attributes.get('href') or ''
                self._pieces.append('[' if _is_web(self._link) else '')
            case 'img':
                self._pieces.append(attributes.get('alt') or '')
            case _:
                self._pieces.append(self._mark(tag))

    def _mark(self, tag: str) -> str:
        """Return what stands before the content of an element that needs no more than that."""
        if tag == 'code':
            return '' if self._is_code else '`'
        marks = {'br': '\n', 'hr': '---', 'blockquote': '> ', 'td': '| ', 'th': '| '}
        heading = f'{_HEADINGS[tag]} ' if tag in _HEADINGS else ''
        return _MARKS.get(tag) or marks.get(tag) or heading

    def _end(self, tag: str) -> None:
        match tag:
            case 'ul' | 'ol':
                self._lists = self._lists[:-1]
                self._pieces.append('' if self._lists else '\n\n')
            case 'pre':
                self._is_code = False
                self._pieces.append('\n```\n\n')
            case 'a':
                self._pieces.append(f']({self._link})' if _is_web(self._link) else '')
                self._link = ''
            case 'td' | 'th':
                self._cells += 1
                self._pieces.append(' ')
            case 'tr':
                self._pieces.append('|\n')
            case 'thead':
                self._pieces.append(f'{"| --- " * self._cells}|\n')
            case 'code':
                self._pieces.append('' if self._is_code else '`')
            case _:
                self._pieces.append('\n\n' if tag in _BLOCKS else _MARKS.get(tag, ''))

    def _bullet(self) -> str:
        if not self._lists or self._lists[-1] is None:
            bullet = '- '
        else:
            self._lists[-1] += 1
            bullet = f'{self._lists[-1]}. '
        return '\n' + '    ' * (len(self._lists) - 1) + bullet


def _is_web(address: str) -> bool:
    return address.lower().startswith(('https://', 'http://'))
