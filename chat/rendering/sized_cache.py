"""Results that are kept, as many as fit into a number of characters."""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

Parameters = ParamSpec('Parameters')


def sized_cache(max_characters: int) -> Callable[[Callable[Parameters, str]], Callable[Parameters, str]]:
    """Keep the results of a pure function from text to text; those not asked for the longest go first.

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
    """Results by the arguments they belong to, the one asked for last at the end."""

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
    """The characters of a result and of what it was made from."""
    return len(result) + sum(len(part) for part in key if isinstance(part, str))
