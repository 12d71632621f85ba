"""A cache of results that is bounded by their characters."""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
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
    """Results by their arguments, the most recently used last. Threads may share it.

    One that would need more than half of it is not kept: all others would have to go.
    """

    def __init__(self, max_characters: int) -> None:
        self._max_characters = self._free_characters = max_characters
        self._results: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> str | None:
        with self._lock:
            result = self._results.get(key)
            if result is not None:
                self._results.move_to_end(key)
            return result

    def put(self, key: tuple[object, ...], result: str) -> None:
        size = entry_size(key, result)
        if 2 * size > self._max_characters:
            return
        with self._lock:
            if key in self._results:
                return  # another thread was faster
            self._results[key] = result
            self._free_characters -= size
            while self._free_characters < 0:
                self._free_characters += entry_size(*self._results.popitem(last=False))


def entry_size(key: tuple[object, ...], result: str) -> int:
    """Return the characters of a result and of its arguments."""
    size = len(result)
    for part in key:
        if isinstance(part, str):
            size += len(part)
    return size
