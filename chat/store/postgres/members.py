"""Who follows at a node what changes in the database: protocols of what one person has open here."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol

from chat.store.postgres.catalog import PostgresCatalog
from chat.store.postgres.database import Database
from chat.store.postgres.drafts import PostgresDrafts
from chat.store.postgres.heartbeat import Answers


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
    async def reload(self) -> None:
        """Look at everything that is held in memory again."""
        ...

    async def reload_values(self, kind: str) -> None:
        """Look again at the values of a kind, such as preferences, if they are held in memory."""
        ...


async def notify_members(
    members: Iterable[Member],
    database: Database,
    kind: str,
    rest: str,
    *,
    begin: Callable[[Coroutine[Any, Any, None]], None],
) -> None:
    """Tell those whom it concerns what has changed: a conversation, or what somebody keeps beside.

    Values wait for what is being stored of them, so that work is only begun.
    """
    what, _, owner = ('', '', rest) if kind == 'draft' else rest.partition(' ')
    for member in [member for member in members if member.owner == owner]:
        match kind:
            case 'conversation':
                await member.catalog.read_row(database, int(what))
            case 'draft':
                await member.drafts.load()
            case 'value':
                begin(member.reload_values(what))
            case _:
                pass  # no matter for what is listed


class Following(Protocol):
    """An answer of another node that is followed here."""

    @property
    def run(self) -> int: ...
    @property
    def seq(self) -> int:
        """The number of the last frame that was read."""
        ...

    async def add(self, frames: Iterable[tuple[int, int, str]]) -> None:
        """Take frames by their numbers, what they keep and what follows, in order."""
        ...


class Listener(Protocol):
    """Whoever follows what other nodes do in the conversations of one person; see `cluster.Cluster`."""

    @property
    def owner(self) -> str: ...
    @property
    def opened(self) -> Sequence[str]:
        """The names of the conversations that are open here, as `key_of` makes them."""
        ...

    @property
    def following(self) -> Sequence[Following]: ...

    async def on_notification(self, kind: str, rest: str) -> None:
        """Be told what has changed by its kind and what is said of it; must be quick."""
        ...

    def compare(self, name: str, revision: str, run: int | None, *, is_shown: bool) -> None:
        """Be told what is stored of an open conversation, and what another node answers in it."""
        ...

    def take_soon(self, key: int) -> None:
        """Be told that there are commands for the conversation in this row."""
        ...

    def beat(self) -> None:
        """Do what has to be tried again until it is done."""
        ...

    def resync(self) -> None:
        """Look at all that is open: something may have been missed."""
        ...

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, return when nothing is answered here; what takes longer is given up."""
        ...
