"""Search in the titles and messages of all conversations, by scanning their files.

It has a thread of its own: files are only replaced atomically or appended to, so reading needs no turn in the
thread that writes, and no write waits for a search.
"""

import threading
from collections.abc import Hashable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from chat.conversation.search import SearchHit
from chat.conversation.storage import ConversationSummary
from chat.store.catalog import Catalog
from chat.store.conversations.format import file_name
from chat.store.filesystem.disk import DiskThread
from chat.store.search.message_texts import MessageTextReader, Prefilter
from chat.store.search.query import Match, Query
from chat.store.tinydb_storage.journal import file_of

MAX_HITS_PER_CONVERSATION = 3
"""Maximum hits of one conversation, including its title."""


class Search:
    """Searches all conversations of the catalog; for the event loop only."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        """Search the files in this folder, of the conversations that the catalog lists at that time."""
        self._folder = folder
        self._catalog = catalog
        self._texts = MessageTextReader(folder)
        self._disk_thread = DiskThread()
        self._stops: dict[Hashable, threading.Event] = {}
        """By asker: stops the running search."""
        self._stop_preparing = threading.Event()
        self._is_closed = False

    async def prepare(self) -> None:
        """Warm up the caches for somebody who is about to search.

        The next search stops it.
        """
        if self._is_closed:
            return
        self._stop_preparing.set()
        self._stop_preparing = stop = threading.Event()
        names = [file_name(summary.conversation_id) for summary in self._catalog.summaries]
        await self._disk_thread.run(self._texts.prepare, names, stop)

    async def search(self, text: str, *, limit: int = 50, asker: Hashable = None) -> list[SearchHit] | None:
        """Return the first hits, or `None` if the same asker has started another search meanwhile.

        Conversations whose title matches come first, then all others; in each group, those last updated come
        first. Of one conversation come its title, then its messages, the newest first. A search whose
        caller is cancelled ends, too. Text, see `Query`; without a word in it there are no hits.

        Args:
            text: The query.
            limit: The maximum number of hits.
            asker: For example a page; searches of different askers do not stop each other.
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
        """Stop all searches, which return `None`, and wait for the thread; closing twice is harmless."""
        if self._is_closed:
            return
        self._is_closed = True
        for stop in (self._stop_preparing, *self._stops.values()):
            stop.set()
        await self._disk_thread.close()


class _SearchRun:
    """One search, run in the thread."""

    def __init__(self, folder: Path, texts: MessageTextReader, query: Query, stop: threading.Event) -> None:
        self._folder = folder
        self._texts = texts
        self._query = query
        self._prefilter = Prefilter(query)
        self._stop = stop
        self._with_journals = set[str]()
        """Names of files that have one."""

    def hits(self, summaries: Sequence[ConversationSummary], limit: int) -> list[SearchHit]:
        """Return the first hits; not all of them if the search was stopped."""
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
            yield match.hit_in(summary)
        name = file_name(summary.conversation_id)
        has_journal = name in self._with_journals
        try:
            for entry_id, text in self._texts.candidates(name, self._prefilter, has_journal=has_journal):
                if self._stop.is_set():
                    return
                if match := self._query.match(text):
                    yield match.hit_in(summary, entry_id)
        except (OSError, ValueError):
            return  # gone meanwhile, or damaged, which the catalog reports
