"""FileDifference: what writing a file would change, as a person is shown it before they approve that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

from pydantic import TypeAdapter, ValidationError

DIFFERENCE_KEY = 'difference'
"""Where what a tool says about its call has the difference that it would make."""

CONTEXT_LINES = 3
"""Lines around a change that stand there unchanged."""

MAX_COMPARED_LINES = 2_000
"""Lines before and after that are compared one by one; of more, all have been taken away and added."""

MAX_LENGTH = 60_000
"""Characters of a difference that are kept and shown."""

_Op = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDifference:
    """A file before and after it is written."""

    folder: str
    """The whole path of the folder that it is in."""
    path: str
    """From there on."""
    text: str
    """Its lines, each after a sign: `-` was there, `+` will be there, a space stays; `@` says where in the
    file this is, and a backslash that the line before ends without a break."""
    added: int
    """Lines."""
    removed: int
    before: str
    """The SHA-256 of the file as it is, in hexadecimal; '' if it is new."""
    after: str
    """And as it will be."""
    is_cut: bool = False
    """Whether it is longer than `text`."""

    @property
    def details(self) -> dict[str, Any]:
        """What a tool says about a call that asks for this."""
        return {DIFFERENCE_KEY: asdict(self)}


_DIFFERENCE = TypeAdapter(FileDifference)


def difference_in(details: object) -> FileDifference | None:
    """Return the difference of which a tool has told, if it has."""
    if not isinstance(details, Mapping) or DIFFERENCE_KEY not in details:
        return None
    try:
        return _DIFFERENCE.validate_python(details[DIFFERENCE_KEY])
    except ValidationError:  # a tool of somebody's means something else by this name
        return None


def difference_of(
    before: str, after: str, *, folder: str, path: str, digests: tuple[str, str]
) -> FileDifference:
    """Return the difference between two texts. Takes its time with long ones.

    Args:
        before: The file as it is; '' if there is none.
        after: The file as it will be.
        folder: As in `FileDifference`.
        path: As there.
        digests: `before` and `after` there.
    """
    old, new = _with_breaks(before), _with_breaks(after)
    operations = _operations(old, new)
    lines, is_cut = _beginning(_lines(old, new, operations))
    changed = [operation for operation in operations if operation[0] != 'equal']
    return FileDifference(
        folder=folder,
        path=path,
        text='\n'.join(lines),
        added=sum(end - start for _, _, _, start, end in changed),
        removed=sum(end - start for _, start, end, _, _ in changed),
        before=digests[0],
        after=digests[1],
        is_cut=is_cut,
    )


def _with_breaks(text: str) -> list[str]:
    """Return the lines of a text as editors count them, each with the break at its end."""
    *lines, last = text.split('\n')
    return [*(f'{line}\n' for line in lines), *([last] if last else [])]


def _operations(old: Sequence[str], new: Sequence[str]) -> list[_Op]:
    """Return what becomes of which lines, as `SequenceMatcher.get_opcodes` does, at once for long files."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    left = shorter - start
    end = next((at for at in range(left) if old[-1 - at] != new[-1 - at]), left)
    inner, other = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(inner), len(other)) > MAX_COMPARED_LINES:
        middle = [('replace', 0, len(inner), 0, len(other))]
    else:
        middle = SequenceMatcher(None, inner, other).get_opcodes()
    moved = [(kind, a + start, b + start, c + start, d + start) for kind, a, b, c, d in middle]
    before = [('equal', 0, start, 0, start)] if start else []
    after = [('equal', len(old) - end, len(old), len(new) - end, len(new))] if end else []
    return [*before, *moved, *after]


def _lines(old: Sequence[str], new: Sequence[str], operations: Sequence[_Op]) -> Iterator[str]:
    """Yield what has changed, each with a few lines around it."""
    shown = 0
    for place, (kind, start, end, new_start, new_end) in enumerate(operations):
        if kind == 'equal':
            continue
        first = max(shown, start - CONTEXT_LINES)
        if first > shown:
            yield f'@ Line {first + 1}'
        yield from _signed(' ', old[first:start])
        yield from _signed('-', old[start:end])
        yield from _signed('+', new[new_start:new_end])
        following = operations[place + 1][2] if place + 1 < len(operations) else end
        shown = min(following, end + CONTEXT_LINES)
        yield from _signed(' ', old[end:shown])


def _signed(sign: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        text = line.rstrip('\r\n')
        yield f'{sign}{text}'
        if text == line:
            yield '\\ no line break at the end'


def _beginning(lines: Iterator[str]) -> tuple[list[str], bool]:
    """Return the lines that are kept, and whether there are more."""
    kept, length = list[str](), 0
    for line in lines:
        length += len(line) + 1
        if length > MAX_LENGTH:
            return kept, True
        kept.append(line)
    return kept, False
