"""What it costs to render texts of four kinds: `python tests/benchmarks/rendering.py [OTHER ...]`.

Each OTHER is a folder with another version of the source, for a comparison in the same run. No text is known
from before; the versions take turns, and the best of all rounds counts.

With `--odd` what odd texts cost beside plain words in the same lines, whole and in 250 pieces.
"""

import gc
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

HERE = Path(__file__).parents[2]
ROUNDS = 9
LENGTH = 20_000

PROSE = """The quick brown fox {n} **jumps** over the `lazy` dog, see https://example.com/{n}, and *nobody* is
surprised that it costs $5.

- first {n}
- second

> a quotation {n}

"""
CODE = """```python
def step_{n}(text: str) -> int:
    return len(text) + {n}  # a comment {n}
```

"""
TABLE = """| name | value {n} | note |
|------|----------:|------|
| a    | {n}       | `yes` |
| b    | {n}       | `no` |
| c    | {n}       | maybe |

"""
MATHEMATICS = r"""So $x_{{n}}^2 + \frac{{n}}{2} = \sqrt{{n}}$ and \(f(x) = {n} \cdot x\), where $k \ge {n}$:

$$
\begin{aligned} a_{n} &= b + {n} \\ c &= \sum_{i=1}^{{n}} i \end{aligned}
$$

"""
KINDS = {'prose': PROSE, 'code': CODE, 'tables': TABLE, 'mathematics': MATHEMATICS}

WIDE_ROW = '|'.join(['a'] * 300) + '\n'
WIDE_TABLE = WIDE_ROW + WIDE_ROW.replace('a', '-')

ODD_TEXTS: dict[str, Callable[[int], str]] = {
    'one formula': lambda length: '$$\n' + 'x+y^2 ' * (length // 6) + '\n$$\n',
    'one formula in a line': lambda length: 'So $' + 'x+y^2 ' * (length // 6) + '$ holds',
    'short formulas': lambda length: ''.join(f'$x_{{{n}}}$ ' for n in range(length // 10)),
    'dollars': lambda length: '$' * length,
    'dollars and letters': lambda length: '$x' * (length // 2),
    'dollars in lines': lambda length: '$$\n' * (length // 3),
    'opening marks': lambda length: '\\(' * (length // 2),
    'opening marks of lines': lambda length: '\\[' * (length // 2),
    'closing marks': lambda length: '\\]' * (length // 2),
    'commands': lambda length: '\\ldots ' * (length // 7),
    'commands in a formula': lambda length: '$$' + '\\ldots ' * (length // 7) + '$$',
    'lists in lists': lambda length: ''.join('  ' * n + '- x\n' for n in range(int(length**0.5))),
    'quotes in quotes': lambda length: ''.join('> ' * n + 'x\n' for n in range(int(length**0.5))),
    'lists in lists in a line': lambda length: '- ' * (length // 2) + 'x',
    'wide table': lambda length: WIDE_TABLE + WIDE_ROW * (length // len(WIDE_ROW)),
    'short rows of a wide table': lambda length: WIDE_TABLE + 'b|c\n' * (length // 4),
    'diagram': lambda length: '```mermaid\n' + ''.join(f'A{n}-->B\n' for n in range(length // 9)) + '```',
    'half characters': lambda length: 'a \ud800 b ' * (length // 6),
    'zeros': lambda length: 'a\0' * (length // 2),
    'brackets': lambda length: '[' * length,
    'middles of links': lambda length: '](' * (length // 2),
    'lines': lambda length: '---\n' * (length // 4),
    'numbered items': lambda length: '1. a\n' * (length // 5),
    'backslashes': lambda length: '\\\n' * (length // 2),
    'emphasis': lambda length: '**a' * (length // 3),
}
"""Texts of about a length that nobody writes, but a broken model or a joker may send."""


def texts() -> dict[str, str]:
    """A text of each kind, with numbers of its own in every copy of its pattern."""
    copies = {kind: LENGTH // len(pattern) + 1 for kind, pattern in KINDS.items()}
    return {
        kind: ''.join(pattern.replace('{n}', str(1_000 + number)) for number in range(copies[kind]))
        for kind, pattern in KINDS.items()
    }


def measure() -> None:
    """Print milliseconds per 1,000 characters of each kind, with the source in the current folder."""
    sys.path.insert(0, str(Path.cwd()))
    from chat.rendering.markdown import render

    render(''.join(pattern.replace('{n}', '1') for pattern in KINDS.values()))  # the first use is dearer
    for text in texts().values():
        gc.collect()
        gc.freeze()  # as the app does once it is built
        start = process_time()
        render(text)
        print((process_time() - start) / len(text) * 1e6)


def measured(folder: Path) -> list[float]:
    """Milliseconds per 1,000 characters of each kind, with the source in a folder."""
    command = [sys.executable, str(Path(__file__).resolve()), '--measure']
    output = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return [float(line) for line in output.split()]


def compare(folders: list[Path]) -> None:
    """Print a row for each version."""
    best = dict.fromkeys(folders, [float('inf')] * len(KINDS))
    for _ in range(ROUNDS):
        for folder in folders:
            best[folder] = [min(pair) for pair in zip(best[folder], measured(folder), strict=True)]
    print(f'{"ms per 1,000 characters":<30}' + ''.join(f'{kind:>14}' for kind in KINDS))
    for folder, costs in best.items():
        print(f'{os.path.relpath(folder):<30}' + ''.join(f'{cost:14.2f}' for cost in costs))


def plain_words(text: str) -> str:
    """Words in the lines of a text."""
    letters = itertools.cycle('The quick brown fox jumps over the lazy dog and it goes on. ')
    return ''.join(letter if letter == '\n' else next(letters) for letter in text)


def measure_odd_texts(length: int) -> None:
    """Print what each costs, and its ratio to plain words."""
    sys.path.insert(0, str(Path.cwd()))
    from chat.rendering import IncrementalMarkdown
    from chat.rendering.markdown import PARSER

    def whole(text: str) -> float:
        start = process_time()
        PARSER.render(text, {})
        return process_time() - start

    def streamed(text: str) -> float:
        start = process_time()
        stream = IncrementalMarkdown()
        for end in range(len(text) // 250, len(text), len(text) // 250):
            stream.update(text[:end])
        stream.finish()
        return process_time() - start

    print(f'{f"{length} characters, ms":<30}' + '         whole    to words      streamed    to words')
    for name, odd_text in ODD_TEXTS.items():
        text = odd_text(length)
        words = plain_words(text)
        row = ((cost(text), cost(words)) for cost in (whole, streamed))
        print(f'{name:<30}' + ''.join(f'{odd * 1e3:14.1f}{odd / plain:12.1f}' for odd, plain in row))


if __name__ == '__main__':
    if sys.argv[1:] == ['--odd']:
        measure_odd_texts(50_000)
    elif sys.argv[1:] == ['--measure']:
        measure()
    else:
        compare([HERE, *(Path(folder).resolve() for folder in sys.argv[1:])])
