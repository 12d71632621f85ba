"""Whatever is done in whatever order, our store does what pydantic-ai's store in memory does."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import strategies as some
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
)
from pydantic_ai import (
    BinaryContent,
    Conversation,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)

from tests.store.two_stores import Stores, copy, messages_of
from tests.support.profile import examples

IDS = ['one', 'two', '../../three', 'CON', 'con', '', 'ü🙂\n', '0' * 300]
ID = some.sampled_from(IDS)
SCOPE = some.sampled_from([None, 'guest'])
TEXT = some.text(some.characters(exclude_categories=['Cs']), max_size=30)
PICTURE = BinaryContent.narrow_type(BinaryContent(bytes(range(256)) * 8, media_type='image/png'))


@some.composite
def turn(draw: some.DrawFn) -> list[ModelMessage]:
    content = [draw(TEXT), PICTURE] if draw(some.integers(0, 9)) == 0 else draw(TEXT)
    return [
        ModelRequest(parts=[UserPromptPart(content)]),
        ModelResponse(parts=[TextPart(draw(TEXT) + 'x' * draw(some.sampled_from([0, 0, 700])))]),
    ]


class Both(Stores):
    """The same steps in both stores, with conversations of their own."""

    @rule(key=ID, messages=turn(), scope=SCOPE)
    def save_new(self, key: str, messages: list[ModelMessage], scope: str | None) -> None:
        pair = [Conversation(conversation_id=key, messages=list(messages)) for _ in range(2)]
        if self.both(lambda store, at: store.save(pair[at], scope=scope)):
            self.loaded[key] = (pair[0], pair[1])

    @precondition(lambda self: self.loaded)
    @rule(data=some.data(), messages=turn(), keep=some.booleans())
    def append(self, data: some.DataObject, messages: list[ModelMessage], keep: bool) -> None:
        """Also a save of what was changed by another save meanwhile."""
        pair = self.loaded[data.draw(some.sampled_from(sorted(self.loaded)))]
        stale = [copy(conversation) for conversation in pair]
        for conversation in pair:
            conversation.messages.extend(messages)
        self.both(lambda store, at: store.save(pair[at]))
        if not keep:
            self.both(lambda store, at: store.save(stale[at]))

    @precondition(lambda self: self.loaded)
    @rule(data=some.data(), messages=turn())
    def rewrite(self, data: some.DataObject, messages: list[ModelMessage]) -> None:
        pair = self.loaded[data.draw(some.sampled_from(sorted(self.loaded)))]
        at = data.draw(some.integers(0, len(pair[0].messages)))
        for conversation in pair:
            conversation.messages[at:] = messages
        self.both(lambda store, index: store.save(pair[index]))

    @precondition(lambda self: self.loaded)
    @rule(data=some.data(), scope=SCOPE)
    def load(self, data: some.DataObject, scope: str | None) -> None:
        key = data.draw(some.sampled_from(sorted(self.loaded)))
        limit = data.draw(some.none() | some.integers(0, 5))
        memory, disk = self.results(lambda store, _: store.load(key, limit=limit, scope=scope))
        assert messages_of(memory) == messages_of(disk)
        if isinstance(memory, Conversation) and isinstance(disk, Conversation):
            self.loaded[key] = (memory, disk)

    @precondition(lambda self: self.loaded)
    @rule(data=some.data(), from_entry=some.booleans())
    def branch(self, data: some.DataObject, from_entry: bool) -> None:
        key = data.draw(some.sampled_from(sorted(self.loaded)))
        revisions = [conversation.revision for conversation in self.loaded[key]]
        where = self.where(key, data, from_entry)
        branched = self.results(
            lambda store, at: store.branch(key, expected_revision=revisions[at], **where[at])
        )
        self.keep(key, *branched)

    @precondition(lambda self: self.loaded)
    @rule(data=some.data(), new=ID, from_entry=some.booleans(), scope=SCOPE)
    def fork(self, data: some.DataObject, new: str, from_entry: bool, scope: str | None) -> None:
        key = data.draw(some.sampled_from(sorted(self.loaded)))
        where = self.where(key, data, from_entry)
        forked = self.results(
            lambda store, at: store.fork(key, new_conversation_id=new, scope=scope, **where[at])
        )
        self.keep(new, *forked)

    @precondition(lambda self: self.loaded)
    @rule(data=some.data(), scope=SCOPE)
    def delete(self, data: some.DataObject, scope: str | None) -> None:
        key = data.draw(some.sampled_from(sorted(self.loaded)))
        self.both(lambda store, _: store.delete(key, scope=scope))
        if self.wait(self.memory.read_record(key)) is None:
            del self.loaded[key]

    @precondition(lambda self: self.loaded)
    @rule(data=some.data(), is_reopened=some.booleans())
    def throw_away_and_restore(self, data: some.DataObject, is_reopened: bool) -> None:
        """Which changes nothing in the end."""
        key = data.draw(some.sampled_from(sorted(self.loaded)))
        self.wait(self.disk.conversations.move_to_trash(key))
        if is_reopened:
            self.reopen(drop_index=True)
        assert self.wait(self.disk.conversations.load(key)) is None
        self.wait(self.disk.trash.restore(key))

    @rule(scope=SCOPE, limit=some.none() | some.integers(0, 4))
    def listing(self, scope: str | None, limit: int | None) -> None:
        memory, disk = self.results(lambda store, _: store.list_conversations(scope=scope, limit=limit))
        assert not isinstance(memory, type)
        assert not isinstance(disk, type)
        assert [(record.conversation_id, record.scope, len(record.branches)) for record in memory] == [
            (record.conversation_id, record.scope, len(record.branches)) for record in disk
        ]

    @rule(drop_index=some.booleans())
    def reopen(self, drop_index: bool) -> None:
        self.wait(self.disk.close())
        if drop_index:
            (self.folder / 'index.json').unlink(missing_ok=True)
        self.disk = self.open_folder(self.folder)

    @rule()
    def reopen_after_a_crash(self) -> None:
        crashed = Path(tempfile.mkdtemp())
        shutil.copytree(self.folder, crashed, dirs_exist_ok=True)
        self.wait(self.disk.close())
        shutil.rmtree(self.folder)
        self.folder = crashed
        self.disk = self.open_folder(self.folder)

    @invariant()
    def the_last_ones_are_the_same(self) -> None:
        for key in self.loaded:
            memory, disk = self.results(lambda store, _, key=key: store.load(key))
            assert messages_of(memory) == messages_of(disk)


Both.TestCase.settings = examples(short=5, long=25, stateful_step_count=30)
TestAgainstMemory = Both.TestCase
