"""What it costs to render an answer while it grows, by its length: `python tests/benchmarks/blocks.py`.

The text comes in tokens of 4 characters and is shown every 100. A ratio near 1 means that the cost of 1,000
characters is the same at 16k and at 64k, so that the whole cost is linear.
"""

import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[2]))  # it also runs from a copy that is not installed

from chat.rendering.incremental import IncrementalMarkdown

TOKEN = 4
SHOWN_EVERY = 100
LENGTHS = (4_000, 16_000, 64_000)

SECTION = """## Step {n}: measure

The quick brown fox {n} **jumps** over the `lazy` dog, see https://example.com/{n} and *nobody* is surprised
that it costs $5 or that $x_{n}^2 + 1$ is a number. It goes on for a while, as answers do.

| name | value {n} | note |
|------|----------:|------|
| a    | {n}       | yes  |
| b    | 2         | `no` |

```python
def step_{n}(text: str) -> int:
    return len(text) + {n}
```

- first {n}
- second
  - nested

"""

LINE = '    value_{n} = compute("{n}", other={n})  # line {n}\n'


def mixed(length: int) -> str:
    """Prose, tables, code and lists."""
    return repeated(SECTION, length)


def one_fence(length: int) -> str:
    """One block of code, open until the last line; without a language, since long code is not highlighted."""
    return f'```\n{repeated(LINE, length - 8)}\n```'


def repeated(pattern: str, length: int) -> str:
    """The pattern again and again, with numbers that no other length has: nothing is kept from before."""
    copies = length // len(pattern) + 2
    return ''.join(pattern.replace('{n}', str(length * 10 + number)) for number in range(copies))[:length]


def seconds(text: str) -> float:
    """Processor time from the first token to the finished text."""
    stream = IncrementalMarkdown()
    known = ''
    start = process_time()
    for token in range(0, len(text), TOKEN):
        known += text[token : token + TOKEN]
        if len(known) % SHOWN_EVERY == 0:
            stream.update(known)
    stream.update(known)
    stream.finish()
    return process_time() - start


def measure(name: str, text_of: Callable[[int], str]) -> None:
    """Print one row: milliseconds per 1,000 characters at each length, and the ratio of the last two."""
    costs = [seconds(text_of(length)) / length * 1_000_000 for length in LENGTHS]
    print(f'{name:<26}' + ''.join(f'{cost:10.2f}' for cost in costs) + f'{costs[-1] / costs[-2]:10.2f}')


if __name__ == '__main__':
    print(f'Python {platform.python_version()}, markdown-it-py {version("markdown-it-py")}')
    print(f'{"ms per 1,000 characters":<26}' + ''.join(f'{length:>10,}' for length in LENGTHS) + '   64k/16k')
    seconds(mixed(2_000))  # the first use of each part is dearer
    measure('prose, tables, code', mixed)
    measure('one code block', one_fence)
