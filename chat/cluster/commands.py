"""Commands: what people do with an answer of another node, as rows that the one that answers takes."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from chat.errors import ChatError, ConversationNotFound
from chat.store.postgres.node import Node
from chat.store.postgres.rows import key_of
from chat.store.tinydb_storage.tables import Json, encode_json, parsed

log = logging.getLogger(__name__)


class Commands:
    """Those for the conversations of one person; each stays until it is done, whatever node dies."""

    def __init__(self, node: Node, owner: str) -> None:
        self._node = node
        self._owner = owner

    async def put(self, conversation_id: str, command: Json) -> None:
        """Have whoever answers in a conversation do something; if nobody does, one node does it.

        Raises:
            ConversationNotFound: If it is not there any more.
            OSError: If the database is away for too long.
        """
        stored = await self._node.database.execute(
            'insert into command (conversation, document) select key, %s from conversation '
            'where owner = %s and name = %s and deleted_at is null',
            *(encode_json(command), self._owner, key_of(conversation_id)),
        )
        if not stored:
            raise ConversationNotFound

    async def take(self, key: int, handle: Callable[[int, Json], Awaitable[None]]) -> None:
        """Do what is to be done in a conversation, in order, unless that is for another node.

        One that cannot be stored now is done again with the next beat.
        """
        node, lease = self._node, timedelta(seconds=self._node.lease)
        taken = await node.database.written(
            'update command set node = %s where id in (select m.id from command m '
            'where m.conversation = %s and (m.node is null or m.node = %s or not exists '
            '(select from node n where n.id = m.node and n.seen_at > clock_timestamp() - %s)) '
            'and exists (select from node n where n.id = %s and n.seen_at > clock_timestamp() - %s) '
            'and not exists (select from run r where r.conversation = m.conversation '
            'and r.node is distinct from %s) and (not %s or exists '
            '(select from run r where r.conversation = m.conversation)) '
            'order by m.id for update skip locked) returning id, document',
            *(node.name, key, node.name, lease, node.name, lease, node.name, node.is_leaving),
        )
        for number, document in sorted(taken):
            try:
                await handle(key, parsed(document))
            except OSError as error:
                log.warning('What was done at another node has to wait: %s', error)
                return
            except ChatError as error:
                log.info('What was done at another node is not possible any more: %s', error)
            except Exception:  # the border of a task: what follows is done all the same
                log.exception('What was done at another node has failed')
            await node.database.execute('delete from command where id = %s', number)
