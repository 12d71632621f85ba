"""Heartbeat: the sign of life of a node, which also shows what of its runs others have taken over."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from math import inf
from typing import Protocol

from chat.errors import StorageUnavailable
from chat.store.postgres.database import Connection
from chat.store.postgres.own_connection import OwnConnection


class Answers(Protocol):
    """The runs that a node has in the conversations of one person."""

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all that have to be there now."""
        ...

    def lose(self, numbers: Collection[int]) -> None:
        """Be told that these were taken over, as far as they are still there."""
        ...


class Heartbeat:
    """Says that a node is alive, at a connection of its own: it must not wait for whatever else is done."""

    def __init__(
        self,
        connection: OwnConnection,
        node: str,
        *,
        lease: float,
        answers: Callable[[], Sequence[Answers]],
    ) -> None:
        self.is_leaving = False
        """Whether the node is about to end."""
        self._connection = connection
        self._node = node
        self._lease = lease
        self._answers = answers
        self._reached_at = self._beaten_at = 0.0

    async def beat(self) -> bool:
        """Say it, once; return whether the database had been out of reach before.

        A run that was begun while this is under way is not in what it sees: that is not taken for lost.

        Raises:
            StorageUnavailable: If the database cannot be reached.
        """
        known = [(answers, answers.numbers) for answers in self._answers()]
        try:
            there, is_new = await self._connection.run(self._look)
        except StorageUnavailable:
            self._reached_at = inf
            raise
        now = asyncio.get_running_loop().time()
        if is_new or now - self._beaten_at > self._lease:
            self._reached_at = now
        self._beaten_at = now
        for answers, numbers in known:
            if lost := numbers - there:
                answers.lose(lost)
        return is_new

    def is_sure(self) -> bool:
        """Return whether other nodes that are silent are dead.

        They may have been unable to say that they live if this one could not reach the database either, less
        than a lease ago, or was held up itself: then the whole computer may have been.
        """
        now = asyncio.get_running_loop().time()
        return now - self._reached_at >= self._lease >= now - self._beaten_at

    async def leave(self) -> None:
        """Say that this node is no more.

        Raises:
            StorageUnavailable: If the database cannot be reached.
        """

        async def work(connection: Connection, _: bool) -> None:
            await connection.execute('delete from node where id = %s', [self._node])
            await connection.execute("select pg_notify('parlour', 'left')")

        await self._connection.run(work)

    async def close(self) -> None:
        """End it; what is being said fails."""
        await self._connection.close()

    async def _look(self, connection: Connection, is_new: bool) -> tuple[frozenset[int], bool]:
        cursor = await connection.execute(
            'with alive as (insert into node (id, is_leaving) values (%s, %s) '
            'on conflict (id) do update set seen_at = clock_timestamp(), is_leaving = excluded.is_leaving) '
            'select id from run where node = %s',
            [self._node, self.is_leaving, self._node],
        )
        return frozenset(number for (number,) in await cursor.fetchall()), is_new
