"""ValueStorage: where a person's few servers, invites, saved prompts and the like are stored."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar('T')


class ValueStorage(Protocol[T]):
    """Where values of one kind outlast the process; each has a key of its own in itself."""

    @property
    def trouble(self) -> str:
        """Why `read` has read nothing of what there is, as a sentence; '' if it could."""
        ...

    async def read(self) -> Sequence[T]:
        """Return all in the order in which they were added; what makes no sense is left out."""
        ...

    async def put(self, value: T) -> None:
        """Keep a value, in the place of the one with its key.

        Raises:
            OSError: If that failed. Then it is as before.
        """
        ...

    async def remove(self, value: T) -> None:
        """Forget the value with this key; that there is none is no error.

        Raises:
            OSError: If that failed. Then it is still there.
        """
        ...
