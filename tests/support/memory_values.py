"""What a person keeps a few of, in memory."""

from collections.abc import Callable
from operator import attrgetter
from typing import Generic, TypeVar

T = TypeVar('T')


class MemoryValues(Generic[T]):
    """Values by their keys; it can be made to fail like a full disk."""

    trouble = ''

    def __init__(self, key: Callable[[T], str] = attrgetter('id')) -> None:
        self.values: dict[str, T] = {}
        self.is_full = False
        self._key = key

    async def read(self) -> list[T]:
        return list(self.values.values())

    async def put(self, value: T) -> None:
        self._write()
        self.values[self._key(value)] = value

    async def remove(self, value: T) -> None:
        self._write()
        self.values.pop(self._key(value), None)

    def _write(self) -> None:
        if self.is_full:
            raise OSError(28, 'No space left on device')
