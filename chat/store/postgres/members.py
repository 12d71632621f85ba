"""Who follows at a node what changes in the database: protocols of what one person has open here."""

from collections.abc import Sequence
from typing import Protocol

from chat.store.postgres.catalog import PostgresCatalog
from chat.store.postgres.heartbeat import Answers
from chat.store.postgres.values import PostgresDrafts


class Member(Protocol):
    """Somebody whose conversations are open at this node."""

    @property
    def owner(self) -> str: ...
    @property
    def catalog(self) -> PostgresCatalog: ...
    @property
    def drafts(self) -> PostgresDrafts: ...
    @property
    def answers(self) -> Answers: ...
    async def read_anew(self) -> None:
        """Look at everything that is held in memory again."""
        ...


class Listener(Protocol):
    """Whoever follows what other nodes do in the conversations of one person; see `cluster.Cluster`."""

    @property
    def keys(self) -> Sequence[int]:
        """The keys of the conversations that are open here."""
        ...

    async def hear(self, kind: str, rest: str) -> None:
        """Be told what has changed by its kind and what is said of it; must be quick."""
        ...

    async def beat(self, *, is_anew: bool) -> None:
        """Look at what follows from no notice; at all that is open, if some may have been missed."""
        ...

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, return when nothing is answered here; what takes longer is given up."""
        ...
