"""Search in the titles and messages of one person, by an index of all that three letters can be.

The index is our own, since `pg_trgm` is an extension that has to be allowed, and knows no letters beyond
ASCII in a database with the locale C. What it finds is looked at as on a disk: `Query` alone says what
matches.
"""

import asyncio
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from chat.conversation.search import SearchHit
from chat.conversation.storage import ConversationSummary
from chat.store.postgres.catalog import PostgresCatalog
from chat.store.postgres.database import Database
from chat.store.postgres.rows import documents_of, grams_of, key_of, words_of
from chat.store.search.message_texts import text_of_entry
from chat.store.search.query import Match, Query
from chat.store.search.search import MAX_HITS_PER_CONVERSATION


class PostgresSearch:
    """Searches all conversations of the catalog; for the event loop only."""

    def __init__(self, database: Database, owner: str, catalog: PostgresCatalog) -> None:
        self._database = database
        self._owner = owner
        self._catalog = catalog
        self._questions: dict[Hashable, object] = {}
        """By asker, the last one."""

    async def prepare(self) -> None:
        """Do nothing: the index is there."""

    async def search(self, text: str, *, limit: int = 50, asker: Hashable = None) -> list[SearchHit] | None:
        """Return the first hits as `ConversationSearch` says, or `None` if the asker has asked again."""
        self._questions[asker] = question = object()
        try:
            query = Query(text)
            if not query.terms or limit <= 0:
                return []
            summaries = {key_of(row.conversation_id): row for row in self._catalog.summaries}
            titled = {name: match for name, row in summaries.items() if (match := query.match(row.title))}
            rows = await self._found(query, list(titled), limit)
            hits = await asyncio.to_thread(_hits, query, summaries, titled, rows)
            return hits[:limit] if self._questions.get(asker) is question else None
        finally:
            if self._questions.get(asker) is question:
                del self._questions[asker]

    async def _found(self, query: Query, titled: Sequence[str], limit: int) -> Sequence[Any]:
        """Return the documents in which all terms occur, with the names of their conversations, in order."""
        terms = [words_of(' '.join(term)) for term in query.terms]
        return await self._database.read(
            'select document, name from ('
            'select e.document, c.name, c.updated_at, e.place, row_number() over '
            '(partition by c.key order by e.place desc) as number from entry e '
            'join conversation c on c.key = e.conversation '
            'where c.owner = %s and c.deleted_at is null and e.grams @> %s::integer[] '
            'and (select bool_and(strpos(e.words, term) > 0) from unnest(%s::text[]) term)) found '
            'where number <= %s order by name = any(%s) desc, updated_at desc, place desc limit %s',
            *(self._owner, grams_of(' '.join(terms)), terms, MAX_HITS_PER_CONVERSATION, list(titled), limit),
        )


def _hits(
    query: Query,
    summaries: dict[str, ConversationSummary],
    titled: dict[str, Match],
    rows: Sequence[Any],
) -> list[SearchHit]:
    """Return all hits in order, with at most so many of one conversation, its title among them."""
    messages: dict[str, list[SearchHit]] = {}
    for document, name in rows:
        for entry_id, entry in documents_of([[document]]).items():
            match = query.match(text_of_entry(entry))
            if match and name in summaries:
                messages.setdefault(name, []).append(match.hit_in(summaries[name], entry_id))
    found = {**titled, **messages}
    return [
        hit
        for name in _in_order(summaries, titled, found)
        for hit in _hits_of(name, summaries, titled, messages)
    ]


def _in_order(
    summaries: dict[str, ConversationSummary], titled: dict[str, Match], found: dict[str, Any]
) -> list[str]:
    return sorted((name for name in summaries if name in found), key=lambda name: name not in titled)


def _hits_of(
    name: str,
    summaries: dict[str, ConversationSummary],
    titled: dict[str, Match],
    messages: dict[str, list[SearchHit]],
) -> Iterator[SearchHit]:
    title = [titled[name].hit_in(summaries[name])] if name in titled else []
    yield from [*title, *messages.get(name, [])][:MAX_HITS_PER_CONVERSATION]
