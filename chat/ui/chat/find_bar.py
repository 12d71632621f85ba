"""Finding words in the chat that is open, also in those parts of it that are not on the page yet."""

import asyncio
from typing import Literal, TypeAlias

from nicegui import ui
from pydantic import StrictInt, StrictStr, TypeAdapter

from chat.conversation.live_conversation import LiveConversation
from chat.ui.chat.found_text import Hit, TextFinder, needle_of, texts_of
from chat.ui.chat.message_list import MessageList
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import parse_event
from chat.ui.page_tasks import start_when_connected

OPEN_FIND_SCRIPT = '() => document.dispatchEvent(new CustomEvent("parlour-find", { cancelable: true }))'

MAX_WORDS_LENGTH = 1000
"""Characters of what is looked for."""

MAX_SPELLINGS = 200
"""In which a page marks what was found."""

TURNS_PER_STEP = 20
"""Turns that are searched before the next look whether something else is looked for by now."""

Question: TypeAlias = tuple[Literal['ask'], StrictStr, StrictStr]
"""What to look for, and the id of the first turn in view, from which on the first occurrence is shown."""

FIND_ACTION = TypeAdapter[Question | tuple[Literal['go'], StrictInt]](
    Question | tuple[Literal['go'], StrictInt]
)
"""What a page asks, or the place of the occurrence to which it wants to go."""


class FindBar(ui.element, component=COMPONENTS / 'find_bar.js'):
    """Is asked by its page while somebody types there, and leads from one occurrence to the next."""

    def __init__(self, live: LiveConversation, messages: MessageList) -> None:
        super().__init__()
        self._live = live
        self._messages = messages
        self._finder = TextFinder()
        self._question: Question = ('ask', '', '')
        self._asked = 0
        """How many questions there were; only the last one is answered."""
        self._searched: object = None
        self._hits: list[Hit] = []
        self._current: Hit | None = None
        self.mark('find')
        self.on('action', parse_event(FIND_ACTION, self._on_action))

    def show(self) -> None:
        """Look again when something was said, or another branch is shown."""
        if self._question[1] and self._searched != self._state():
            self._searched = self._state()
            start_when_connected(self._search, self)

    def _state(self) -> object:
        """Return what has changed once an answer has ended, but not with each of its words."""
        return [(turn.id, turn.answer_entry_id) for turn in self._live.turns]

    async def _on_action(self, action: Question | tuple[Literal['go'], int]) -> None:
        match action:
            case ('ask', text, _):
                if text != self._question[1]:
                    self._current = None
                if not text.strip():
                    self._finder = TextFinder()  # what it remembers is as long as the chat
                self._question = action
                await self._search()
            case ('go', place):
                await self._go_to(place)

    async def _search(self) -> None:
        """Find all occurrences, unless something else is looked for meanwhile."""
        self._asked += 1
        asked, text = self._asked, self._question[1]
        self._searched = self._state()
        words = needle_of(text[:MAX_WORDS_LENGTH])
        hits: list[Hit] = []
        spellings: set[str] = set()
        turns = self._live.turns if words else []
        for start in range(0, len(turns), TURNS_PER_STEP):
            texts = [*texts_of(turns[start : start + TURNS_PER_STEP])]
            found = await asyncio.to_thread(self._finder.find, texts, words)
            if asked != self._asked or self.is_deleted:
                return
            hits += found[0]
            spellings |= found[1]
        self._hits = hits
        place = self._place_of_current()
        self._current = hits[place] if hits else None
        self.run_method('show', text, len(hits), sorted(spellings)[:MAX_SPELLINGS], place)

    def _place_of_current(self) -> int:
        """Return the place of what is looked at; at first one in view or below, else the last one."""
        if self._current in self._hits:
            return self._hits.index(self._current)
        ids = [turn.id for turn in self._live.turns]
        first = self._question[2]
        in_view = {*ids[ids.index(first) :]} if first in ids else set[str]()
        below = (place for place, hit in enumerate(self._hits) if hit.turn_id in in_view)
        return next(below, max(0, len(self._hits) - 1))

    async def _go_to(self, place: int) -> None:
        """Have an occurrence be on the page, which leads the reader there."""
        if 0 <= place < len(self._hits):
            hit = self._current = self._hits[place]
            await self._messages.load(hit.turn_id)
            if hit is self._current and not self.is_deleted:
                self.run_method('reach', hit.turn_id, hit.role, hit.place)
