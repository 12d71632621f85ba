"""Generate better titles in the background, and find the title in what a model says."""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import cast
from weakref import WeakSet

from pydantic_ai import Agent, ModelSettings
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models import Model

from chat.change_signal import ChangeSignal
from chat.conversation.answering.model_input import REFUSAL_STATUSES
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.metadata import ConversationMetadata, first_words
from chat.conversation.content.turns import Turn
from chat.conversation.content.usage import whole_usage
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.model_source import ModelSource
from chat.conversation.usage_ledger import UsageLedger
from chat.lone_surrogates import replace_lone_surrogates

log = logging.getLogger(__name__)

MAX_TITLE_WORDS = 6
"""Most words of a title that a model finds."""

TITLE_TIMEOUT = 30
"""Seconds that a model has for a title."""

MAX_READ_LENGTHS = 125, 900
"""Words, and characters where there are no spaces, of the question and of the answer that a model reads."""

TITLE_REQUEST = """\
Reply with a title of 3 to 6 words for this conversation, in the language of its user. \
Nothing else: no quotation marks, no full stop."""

TITLE_MODEL_SETTINGS = ModelSettings(max_tokens=1000, max_retries=0)
"""Some models think nevertheless, and that counts."""

THINKING_PATTERN = re.compile(
    r'<(think|thinking|thought|reasoning|analysis)>.*?(</\1>|\Z)|\[THINK\].*?(\[/THINK\]|\Z)'
    r'|<\|channel\|>analysis<\|message\|>.*?(?=<\|channel\|>final|\Z)',
    re.DOTALL | re.IGNORECASE,
)
"""Thoughts between marks; those that were cut off in the middle go on to the end."""

THINKING_END_PATTERN = re.compile(
    r'\A.*(</(think|thinking|thought|reasoning|analysis)>|\[/THINK\])', re.DOTALL | re.IGNORECASE
)
"""Some servers leave out the mark at the beginning. It is looked for once, not from each character on."""

TOKEN_PATTERN = re.compile(
    r'<\|channel\|>\w+<\|message\|>|<\|[^|>]{1,40}\|>|</?(title|answer|response|output|final|b|i|strong|em|h\d|p)>',
    re.IGNORECASE,
)
"""Marks of templates and of HTML."""

FENCE_PATTERN = re.compile(r'^(`{3,}|~{3,})[^\n`]*\n?(.*?)\n?(\1|\Z)', re.DOTALL | re.MULTILINE)

PARTIAL_JSON_PATTERN = re.compile(r'"[^"]*titl?e?[^"]*"\s*:\s*"((?:[^"\\]|\\.)*)', re.IGNORECASE)

LABEL_PATTERN = re.compile(
    r'\A\W*((chat|conversation|suggested)\s+)?(title|titel|titre|título|titolo|标题)\W*[:\uff1a](\*{2,3}|_{2,3})?',
    re.IGNORECASE,
)

HEADING_PATTERN = re.compile(r'\A(#{1,6}\s+|[-*\u2022>]\s+|\d{1,2}[.)]\s+)|(?<=\S)\s+#+\Z')

EMPHASIS_PATTERN = re.compile(r'\A(\*{1,3}|_{1,3}|`)(?!\s)((?:(?!\1).)+)(?<!\s)\1\Z')

PREAMBLE_PATTERN = re.compile(
    r"(okay|ok|alright|hmm+|well|so|first|let me|let's|we (need|have|should)|i (need|should|have|will)"
    r"|the (user|title|conversation|assistant)|sure|certainly|of course|here('s| is| are))\b",
    re.IGNORECASE,
)
"""How thoughts begin that have no marks, and what is said before a title."""

REFUSAL_PATTERN = re.compile(
    r"(i('m| am)? (sorry|unable)|i (cannot|can't|can not)|sorry|as an ai)\b", re.IGNORECASE
)

QUOTATION_MARKS = '"\'`\u2018\u2019\u201a\u201c\u201d\u201e\xab\xbb\u300c\u300d\u300e\u300f'

DOUBLE_QUOTES = '"\u201c\u201d\u201e\xab\xbb\u300c\u300d'

MAX_SEARCHED_LENGTH = 20_000
"""Characters at the end of what a model says in which a title is looked for; thoughts may come before."""

MAX_LINE_LENGTH = 500
"""Characters of a line that are looked at; a title needs far fewer."""

MAX_TITLE_LINE_WORDS = 12
"""A line of at most so many words may be a title."""


class TitleGenerator:
    """Asks for one title after the other, and only while no conversation is being answered.

    A small computer can answer one request at a time: where a person asks, the title gives way and is asked
    for again afterwards. A title that a person gave is left alone, and so is one that a model has found.
    """

    def __init__(
        self,
        *,
        model_source: ModelSource,
        preferences: PreferencesStore,
        activity: ChangeSignal,
        is_busy: Callable[[], bool],
        ledger: UsageLedger,
    ) -> None:
        """Ask models of `model_source`; `activity` is notified when `is_busy` may have changed."""
        self._ledger = ledger
        self._model_source = model_source
        self._preferences = preferences
        self._activity = activity
        self._is_busy = is_busy
        self._wanting: list[LiveConversation] = []
        self._given_up: WeakSet[LiveConversation] = WeakSet()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_looking(self) -> bool:
        """Whether a title is being found, or is to be."""
        return bool(self._wanting)

    def schedule(self, live: LiveConversation) -> None:
        """Find a title for a conversation that was answered, if it needs one, without waiting for it."""
        if live in self._wanting or self._turn_for_title(live) is None:
            return
        self._wanting.append(live)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name='find titles')

    def cancel(self, live: LiveConversation) -> None:
        """Find no title for a conversation, which is being deleted."""
        self._given_up.add(live)

    async def close(self) -> None:
        """End what is under way."""
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _work(self) -> None:
        while self._wanting:
            await self._wait_until(lambda: not self._is_busy())
            asking = asyncio.create_task(self._generate_title(self._wanting[0]), name='find a title')
            disturbance = asyncio.create_task(self._wait_until(self._is_busy))
            try:
                await asyncio.wait({asking, disturbance}, return_when=asyncio.FIRST_COMPLETED)
                if asking.done():
                    self._wanting.pop(0)
            finally:
                asking.cancel()
                disturbance.cancel()
                await asyncio.wait({asking, disturbance})

    async def _wait_until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await self._activity.wait()

    async def _generate_title(self, live: LiveConversation) -> None:
        turn = self._turn_for_title(live)
        name = self._preferences.current.title_model or self._model_source.small_model(
            self._preferences.model_of(live.metadata) or ''
        )
        if turn is None or name is None:
            return
        try:
            title, usage = await generate_title(await self._model_source.connection(name), turn)
            await self._ledger.add(name, usage, of='title')
            await live.update_metadata(lambda metadata: self._with_title(live, metadata, title))
        except Exception as error:  # noqa: BLE001  # the first words are a title too
            log.info('No title was generated for %s: %s', live.id, type(error).__name__)
        self._given_up.add(live)  # another answer is no reason to ask again

    def _with_title(
        self, live: LiveConversation, metadata: ConversationMetadata, title: str
    ) -> ConversationMetadata:
        """Return the metadata with this title, unless the conversation needs none any more."""
        return replace(metadata, title=title) if title and self._turn_for_title(live) else metadata

    def _turn_for_title(self, live: LiveConversation) -> Turn | None:
        """Return the first whole turn of a conversation that is to be named after it; else `None`."""
        is_wanted = self._preferences.current.refines_titles and live not in self._given_up
        if not is_wanted or not live.turns or not has_automatic_title(live):
            return None
        return next((turn for turn in live.turns if turn.state == 'done'), None)


def has_automatic_title(live: LiveConversation) -> bool:
    """Return whether neither a person nor a model has found a title yet."""
    return not live.metadata.has_own_title and live.metadata.title == first_words(live.turns[0].question)


async def generate_title(model: Model, turn: Turn) -> tuple[str, Mapping[str, float | None]]:
    """Ask a model for the title of a conversation with this turn, '' if none; return what it took, too.

    Raises:
        AgentRunError: If it cannot be asked.
        TimeoutError: If it takes too long.
    """
    prompt = f'User: {truncated_text(turn.question)}\n\nAssistant: {truncated_text(turn.text)}'
    agent = Agent(instructions=TITLE_REQUEST, model_settings=TITLE_MODEL_SETTINGS, retries=0)
    try:
        result = await agent.run(
            prompt, model=model, timeout=TITLE_TIMEOUT, model_settings=ModelSettings(thinking=False)
        )
    except ModelHTTPError as error:
        if error.status_code not in REFUSAL_STATUSES:  # else by one that cannot be told not to think
            raise
        result = await agent.run(prompt, model=model, timeout=TITLE_TIMEOUT)
    return parse_title(result.output), whole_usage(result.new_messages(), result.usage)


def parse_title(text: str) -> str:
    """Return the title in what a model said, cut to a few words; '' if there is none."""
    return first_words(' '.join(title_in(text).split()[:MAX_TITLE_WORDS]).rstrip(' .:;,'))


def truncated_text(text: str) -> str:
    """Return as much of a text as a model needs to name it."""
    words, characters = MAX_READ_LENGTHS
    return ' '.join(text[: 20 * characters].split()[:words])[:characters]


def title_in(text: str) -> str:
    """Return the title on one line, without thoughts, marks, quotes, fence and JSON; '' if there is none."""
    text = replace_lone_surrogates(text[-MAX_SEARCHED_LENGTH:])
    text = TOKEN_PATTERN.sub('', THINKING_END_PATTERN.sub('', THINKING_PATTERN.sub('', text))).strip()
    if fenced := FENCE_PATTERN.search(text):
        text = fenced[2].strip()
    if text[:1] in ('{', '['):
        text = _title_in_json(text)
    title = _clean_line(_title_line(text)[:MAX_LINE_LENGTH])
    is_none = title[:1] in ('{', '[') or REFUSAL_PATTERN.match(title) or not any(map(str.isalnum, title))
    return '' if is_none else title


def _title_in_json(text: str) -> str:
    """Return the title in JSON, whole or cut; the text itself if it only begins like JSON."""
    try:
        return next(_json_strings(json.loads(text)), '')
    except (ValueError, RecursionError):
        cut = PARTIAL_JSON_PATTERN.search(text)
        return cut[1] if cut else text


def _json_strings(value: object) -> Iterator[str]:
    """Yield all texts in a JSON document, first those whose key says title."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in cast('list[object]', value):
            yield from _json_strings(item)
    elif isinstance(value, dict):
        fields = cast('dict[str, object]', value)
        for name in sorted(fields, key=lambda name: 'tit' not in name.lower()):
            yield from _json_strings(fields[name])


def _title_line(text: str) -> str:
    """Return the line with the title: the first, unless it only introduces one."""
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    if not lines:
        return ''
    first, last = lines[0], lines[-1]
    if len(lines) > 1 and first.endswith((':', '\uff1a')):
        return lines[1]
    if not PREAMBLE_PATTERN.match(first) or len(first.split()) <= MAX_TITLE_LINE_WORDS // 2:
        return first
    return (
        last
        if len(lines) > 1 and len(last.split()) <= MAX_TITLE_LINE_WORDS and not PREAMBLE_PATTERN.match(last)
        else ''
    )


def _clean_line(line: str) -> str:
    """Return a title without what stands around it; marks that belong to it, as in C#, stay."""
    before = None
    while line != before:
        before = line
        line = LABEL_PATTERN.sub('', HEADING_PATTERN.sub('', line)).strip().rstrip('.:;,').strip()
        line = EMPHASIS_PATTERN.sub(r'\2', line)
        if len(line) > 1 and line[0] in QUOTATION_MARKS and line[-1] in QUOTATION_MARKS:
            line = line[1:-1]
        elif line.count(line[:1]) == 1 or line.count(line[-1:]) == 1:
            line = line.strip(DOUBLE_QUOTES)
    return line
