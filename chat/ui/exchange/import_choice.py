"""ImportChoice: which of the chats that an import has found are wanted; at first all of them are."""

from collections.abc import Iterator
from typing import Annotated

from nicegui import ui
from pydantic import StrictBool, StrictStr, StringConstraints, TypeAdapter

from chat.exchange.import_job import Import
from chat.exchange.prepared import EPOCH
from chat.exchange.report import FoundChat
from chat.ui.formatting import UNTITLED, format_day
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import parse_event
from chat.ui.page_messages import send_props

MAX_ROWS = 100
"""Chats that are listed; the others are found by their titles."""

WORDS = TypeAdapter(Annotated[StrictStr, StringConstraints(max_length=200)])

CHOICE = TypeAdapter(tuple[StrictStr, StrictBool])
"""The id of a chat, or '' for all that were found by the words, and whether it is wanted."""


class ImportChoice(ui.element, component=COMPONENTS / 'import_choice.js'):
    """A list with a search; what is chosen belongs to the import, so that all pages show the same."""

    def __init__(self) -> None:
        super().__init__()
        self._job: Import | None = None
        self._words = ''
        self._restores = False
        self.on('search', parse_event(WORDS, self._search))
        self.on('choose', parse_event(CHOICE, self._choose))
        self.set_visibility(False)

    @property
    def count(self) -> int:
        """How many chats are chosen."""
        job = self._job
        return sum(key not in job.left_out for key, _ in self._chats()) if job else 0

    def show(self, job: Import | None, *, restores: bool) -> None:
        """Show what this import has found, `restores` with what is in the trash; or nothing."""
        if job is not self._job:
            self._words = ''
        self._job, self._restores = job, restores
        total = sum(1 for _ in self._chats())
        self.set_visibility(total > 1)
        if not job:
            return
        matching = sorted(self._matching(), key=lambda chat: chat[1].updated_at, reverse=True)
        send_props(
            self,
            rows=[_row(key, chat, key not in job.left_out) for key, chat in matching[:MAX_ROWS]],
            matches=len(matching),
            isAll=not any(key in job.left_out for key, _ in matching),
            chosen=self.count,
            total=total,
        )

    def _chats(self) -> Iterator[tuple[str, FoundChat]]:
        for key, chat in self._job.chats.items() if self._job else ():
            if self._restores or chat.state != 'in trash':
                yield key, chat

    def _matching(self) -> list[tuple[str, FoundChat]]:
        words = self._words.casefold().split()
        return [
            (key, chat) for key, chat in self._chats() if all(word in chat.title.casefold() for word in words)
        ]

    def _search(self, words: str) -> None:
        self._words = words
        self.show(self._job, restores=self._restores)

    def _choose(self, choice: tuple[str, bool]) -> None:
        key, is_wanted = choice
        if self._job is None or self._job.state != 'found':
            return
        keys = {each for each, _ in self._matching()} if not key else {key} & self._job.chats.keys()
        if is_wanted:
            self._job.left_out -= keys
        else:
            self._job.left_out |= keys
        self._job.changed.notify()


def _row(key: str, chat: FoundChat, is_chosen: bool) -> list[str | bool]:
    note = format_day(chat.updated_at) if chat.updated_at > EPOCH else ''
    return [key, chat.title or UNTITLED, note, is_chosen]
