"""A cache of results that is bounded by their characters."""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

Parameters = ParamSpec('Parameters')


def sized_cache(max_characters: int) -> Callable[[Callable[Parameters, str]], Callable[Parameters, str]]:
    """Cache the results of a pure function from text to text; the least recently used go first.

    Unlike `functools.lru_cache` it bounds the memory, not the number of results: one text may be a word,
    another a book.
    """

    def decorate(function: Callable[Parameters, str]) -> Callable[Parameters, str]:
        results = SizedCache(max_characters)

        @wraps(function)
        def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> str:
            key = (*args, *kwargs.items())
            result = results.get(key)
            if result is None:
                result = function(*args, **kwargs)
                results.put(key, result)
            return result

        return call

    return decorate


class SizedCache:
    """Results by their arguments, the most recently used last."""

    def __init__(self, max_characters: int) -> None:
        self._free_characters = max_characters
        self._results: OrderedDict[tuple[object, ...], str] = OrderedDict()

    def get(self, key: tuple[object, ...]) -> str | None:
        result = self._results.get(key)
        if result is not None:
            self._results.move_to_end(key)
        return result

    def put(self, key: tuple[object, ...], result: str) -> None:
        self._results[key] = result
        self._free_characters -= entry_size(key, result)
        while self._free_characters < 0:
            self._free_characters += entry_size(*self._results.popitem(last=False))


def entry_size(key: tuple[object, ...], result: str) -> int:
    """Return the characters of a result and of its arguments."""
    size = len(result)
    for part in key:
        if isinstance(part, str):
            size += len(part)
    return size
