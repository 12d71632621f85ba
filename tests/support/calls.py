"""How much work something is, counted by the functions that it calls."""

import sys
from collections.abc import Callable


def calls_of(function: Callable[[], object]) -> int:
    """How many functions are called meanwhile: a measure of work that no busy machine changes."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ('call', 'c_call')

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls
