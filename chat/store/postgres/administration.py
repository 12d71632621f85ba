"""What administrators see, from the tables."""

import asyncio
from datetime import date, timedelta
from itertools import groupby

from chat.administration import NodeStatus, RunStatus, TeamReport, UserStatus
from chat.conversation.usage_ledger import today
from chat.store.postgres.node import LEASE, Node
from chat.store.postgres.usage import DAY_USAGE, readable_usage

SHOWN_DAYS = 30

MAX_ROWS = 500
"""Answers and users of which more is told than their number."""


class PostgresAdministration:
    """Reads them; it is an `Administration`."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def report(self) -> TeamReport:
        nodes, runs, users = await asyncio.gather(self._nodes(), self._runs(), self._users())
        return TeamReport(nodes=nodes, runs=runs, users=users)

    async def _nodes(self) -> list[NodeStatus]:
        rows = await self._node.database.read(
            'select n.id, extract(epoch from clock_timestamp() - n.seen_at)::float, n.is_leaving, '
            '(select count(*) from run r where r.node = n.id) from node n '
            "where n.seen_at > clock_timestamp() - interval '1 day' order by n.id"
        )
        return [
            NodeStatus(
                name=name,
                silent_for=silent_for,
                is_silent=silent_for > LEASE,
                is_leaving=is_leaving,
                answers=answers,
                is_this=name == self._node.name,
            )
            for name, silent_for, is_leaving, answers in rows
        ]

    async def _runs(self) -> list[RunStatus]:
        rows = await self._node.database.read(
            'select c.owner, r.node, extract(epoch from clock_timestamp() - r.begun_at)::float '
            'from run r join conversation c on c.key = r.conversation order by r.begun_at limit %s',
            MAX_ROWS,
        )
        return [RunStatus(user=user, node=node or '', seconds=seconds) for user, node, seconds in rows]

    async def _users(self) -> list[UserStatus]:
        first_day = date.fromisoformat(today()) - timedelta(days=SHOWN_DAYS - 1)
        counted = await self._node.database.read(
            'select owner, count(*) from conversation where deleted_at is null group by owner'
        )
        stored = await self._node.database.read(
            f'select owner, {DAY_USAGE} from day_usage where day >= %s order by owner', first_day
        )
        used = {
            owner: readable_usage(row[1:] for row in rows)
            for owner, rows in groupby(stored, key=lambda row: row[0])
        }
        chats: dict[str, int] = dict(counted)
        return [
            UserStatus(name=name, chats=chats.get(name, 0), days=used.get(name, []))
            for name in sorted(chats.keys() | used)
        ]
