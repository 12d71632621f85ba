"""What it costs to render texts of four kinds: `python tests/benchmarks/rendering.py [OTHER ...]`.

Each OTHER is a folder with another version of the source, for a comparison in the same run. No text is known
from before; the versions take turns, and the best of all rounds counts.
"""

import gc
import os
import subprocess
import sys
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


if __name__ == '__main__':
    if sys.argv[1:] == ['--measure']:
        measure()
    else:
        compare([HERE, *(Path(folder).resolve() for folder in sys.argv[1:])])
