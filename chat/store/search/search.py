"""Search over the titles and messages of all conversations, by looking through their files.

It has a thread of its own: files are only ever replaced whole or grow, so reading them needs no turn in the
thread that writes, and no write waits for a search.
"""

import threading
from collections.abc import Hashable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from chat.conversation.storage_values import ConversationSummary, SearchHit
from chat.store.catalog.catalog import Catalog
from chat.store.conversations.format import file_name
from chat.store.filesystem.disk_thread import DiskThread
from chat.store.search.message_texts import MessageTextReader
from chat.store.search.prefilter import Prefilter
from chat.store.search.query import Match, Query
from chat.store.tinydb_storage.journal import file_of

MAX_HITS_PER_CONVERSATION = 3
"""How many hits of one conversation are shown, its title included."""


class Search:
    """Looks for words in all conversations of the catalog; for the event loop only."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        """Search the files in this folder, of the conversations that the catalog lists when it is asked."""
        self._folder = folder
        self._catalog = catalog
        self._texts = MessageTextReader(folder)
        self._disk_thread = DiskThread()
        self._stops: dict[Hashable, threading.Event] = {}
        """By who asked: ends the search under way."""
        self._stop_preparing = threading.Event()
        self._is_closed = False

    async def prepare(self) -> None:
        """Do beforehand what the first search would have to do, for somebody who is about to ask.

        The next question ends it.
        """
        if self._is_closed:
            return
        self._stop_preparing.set()
        self._stop_preparing = stop = threading.Event()
        names = [file_name(summary.conversation_id) for summary in self._catalog.summaries]
        await self._disk_thread.run(self._texts.prepare, names, stop)

    async def search(self, text: str, *, limit: int = 50, asker: Hashable = None) -> list[SearchHit] | None:
        """The first hits, or `None` if the same asker has asked again meanwhile.

        Conversations whose title matches come first, then all others; among each, those last updated come
        first. Of one conversation come its title, then its messages, the newest first. A search whose
        caller is cancelled ends, too. Text, see `Query`; without a word in it there are no hits.

        Args:
            text: What to look for.
            limit: How many hits are enough.
            asker: A page, say; the questions of different askers do not end one another.
        """
        if self._is_closed:
            return None
        self._stop_preparing.set()
        if asker in self._stops:
            self._stops[asker].set()
        stop = self._stops[asker] = threading.Event()
        look = _SearchRun(self._folder, self._texts, Query(text), stop)
        try:
            hits = await self._disk_thread.run(look.hits, self._catalog.summaries, limit)
            if stop.is_set():
                return None
            return [hit for hit in hits if self._catalog.has(hit.conversation_id)]
        finally:
            stop.set()
            if self._stops.get(asker) is stop:
                del self._stops[asker]

    async def close(self) -> None:
        """End all searches, which return `None`, and wait for the thread; closing twice does no harm."""
        if self._is_closed:
            return
        self._is_closed = True
        for stop in (self._stop_preparing, *self._stops.values()):
            stop.set()
        await self._disk_thread.close()


class _SearchRun:
    """One search, in the thread."""

    def __init__(self, folder: Path, texts: MessageTextReader, query: Query, stop: threading.Event) -> None:
        self._folder = folder
        self._texts = texts
        self._query = query
        self._sieve = Prefilter(query)
        self._stop = stop
        self._with_journals = set[str]()
        """Names of files that have one."""

    def hits(self, summaries: Sequence[ConversationSummary], limit: int) -> list[SearchHit]:
        """The first hits; not all of them if it was stopped."""
        if self._stop.is_set() or not self._query.terms:
            return []
        self._with_journals = {file_of(path).name for path in self._folder.glob('*.journal')}
        return list(islice(self._hits_in(summaries), max(0, limit)))

    def _hits_in(self, summaries: Sequence[ConversationSummary]) -> Iterator[SearchHit]:
        titles = {
            summary.conversation_id: match
            for summary in summaries
            if (match := self._query.match(summary.title))
        }
        for summary in sorted(summaries, key=lambda summary: summary.conversation_id not in titles):
            if self._stop.is_set():
                return
            yield from islice(
                self._hits_of(summary, titles.get(summary.conversation_id)), MAX_HITS_PER_CONVERSATION
            )

    def _hits_of(self, summary: ConversationSummary, match: Match | None) -> Iterator[SearchHit]:
        if match:
            yield _hit(summary, None, match)
        name = file_name(summary.conversation_id)
        has_journal = name in self._with_journals
        try:
            for entry_id, text in self._texts.candidates(name, self._sieve, has_journal=has_journal):
                if self._stop.is_set():
                    return
                if match := self._query.match(text):
                    yield _hit(summary, entry_id, match)
        except (OSError, ValueError):
            return  # gone meanwhile, or damaged, which the catalog says


def _hit(summary: ConversationSummary, entry_id: str | None, match: Match) -> SearchHit:
    return SearchHit(
        conversation_id=summary.conversation_id,
        title=summary.title,
        entry_id=entry_id,
        updated_at=summary.updated_at,
        snippet=match.snippet,
        start=match.start,
        end=match.end,
    )
