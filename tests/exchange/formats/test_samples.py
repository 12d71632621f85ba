"""Every sample gives the chats that `expected.json` says: as a file, in a folder, in an archive, renamed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from pydantic_ai import Conversation, ModelMessagesTypeAdapter

from chat.exchange.formats.values import fields, items
from chat.exchange.imported import ImportedChat, ReadChat
from tests.exchange.formats.reading import SAMPLES, Seen, contents_of, file_places, read_files, read_path
from tests.support.scripted import MemoryStore, ScriptedModels, registry_with, saying, wait_until_answered

EXPECTED: Mapping[str, Any] = json.loads((SAMPLES / 'expected.json').read_text())

NAMED_BY_FILE = ('google/Google AI Studio/Two riddles',)
"""Samples whose title is the name of their file."""

EXTRACTS = {'claude/data-2026-02-01-batch-0000.zip': 1}
"""Attachments of which an export has only the text: they count as no files there, and can be opened."""

ALL = pytest.mark.parametrize('name', EXPECTED)


def told(chats: list[ReadChat], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is expected of each chat, as it was read."""
    found: list[dict[str, Any]] = []
    for chat, expected in zip(chats, fields['conversations'], strict=True):
        assert isinstance(chat, ImportedChat), chat
        seen = Seen(chat)
        all_told = {
            'title': chat.title or None,
            'path': seen.texts,
            'ends': seen.ends,
            'files': sum(file.open is not None for each in chat.messages for file in each.files.values()),
            'missing': len(seen.missing),
            'instructions': chat.instructions,
            'pinned': chat.is_pinned,
            'archived': chat.is_archived,
            'model': (seen.models or [chat.model])[-1],
            'interrupted': seen.is_interrupted,
            'thinking': seen.thinking,
            'tools': seen.tools,
            'citations': seen.citations,
        }
        found.append({key: all_told[key] for key in expected if key != 'note'})
    return found


def expected_of(name: str) -> list[dict[str, Any]]:
    without_notes = [
        {key: value for key, value in each.items() if key != 'note'}
        for each in EXPECTED[name]['conversations']
    ]
    without_notes[0]['files'] += EXTRACTS.get(name, 0)
    return without_notes


@ALL
def test_a_sample_is_read(name: str) -> None:
    assert told(read_path(SAMPLES / name), EXPECTED[name]) == expected_of(name)


@pytest.mark.parametrize('name', [name for name in EXPECTED if (SAMPLES / name).is_file()])
def test_a_sample_is_read_from_a_folder_under_any_name(name: str, tmp_path: Path) -> None:
    """What is in a file says what it is; what its name says beyond that is lost with the name."""
    path = SAMPLES / name
    (tmp_path / 'x.bin').write_bytes(path.read_bytes())
    chats = read_path(tmp_path / 'x.bin') if path.suffix == '.zip' else read_path(tmp_path)
    expected = expected_of(name)
    if name in NAMED_BY_FILE:
        expected[0]['title'] = 'x.bin'
    assert told(chats, EXPECTED[name]) == expected


@ALL
def test_a_sample_is_read_from_a_folder_of_an_archive(name: str, tmp_path: Path) -> None:
    """And of what an archive has in a folder, the files beside are found there."""
    with ZipFile(tmp_path / 'all.zip', 'w') as archive:
        for each, content in contents_of(SAMPLES / name).items():
            archive.writestr(f'Downloads/unpacked/{each}', content)
    assert told(read_path(tmp_path / 'all.zip'), EXPECTED[name]) == expected_of(name)


def test_a_folder_may_have_chats_of_many_programs() -> None:
    """All samples in one folder are all chats."""
    files: dict[str, bytes] = {}
    for place, name in enumerate(EXPECTED):
        files |= {f'{place}/{each}': content for each, content in contents_of(SAMPLES / name).items()}
    titles = {chat.title for chat in read_files(files) if isinstance(chat, ImportedChat)}
    expected = {chat['title'] or '' for each in EXPECTED.values() for chat in each['conversations']}
    assert titles == expected


@ALL
async def test_a_chat_can_be_stored_and_continued(name: str) -> None:
    """Its messages come back the same; a model is given them without what others thought and called."""
    for chat in read_path(SAMPLES / name):
        assert isinstance(chat, ImportedChat)
        for each in chat.messages:
            assert file_places(each) == [*each.files]
        messages = [each.message for each in Seen(chat).path]
        stored = ModelMessagesTypeAdapter.dump_json(messages)
        assert ModelMessagesTypeAdapter.validate_json(stored) == messages
        store, models = MemoryStore(), ScriptedModels(saying('Yes.'))
        await store.save(Conversation(conversation_id='imported', messages=messages))
        live = await registry_with(models, store).open('imported')
        live.send('And now?')
        await wait_until_answered(live)
        assert (live.turns[-1].text, live.turns[-1].state) == ('Yes.', 'done')
        kinds = {part.part_kind for message in models.requests[-1] for part in message.parts}
        assert kinds.isdisjoint({'thinking', 'tool-call', 'tool-return', 'system-prompt'})


def otherwise_typed(value: object) -> object:
    """JSON as a database or a spreadsheet gives it: numbers as texts, what is true as 1, nothing left out."""
    if found := fields(value):
        return {key: otherwise_typed(each) for key, each in found.items() if each is not None}
    if found := items(value):
        return [*map(otherwise_typed, found)]
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, int | float) else value


@pytest.mark.parametrize('name', [name for name in EXPECTED if 'cherry' not in name])
def test_a_sample_with_values_of_other_types_is_the_same(name: str) -> None:
    """With line ends of Windows, too."""
    files = contents_of(SAMPLES / name)
    for each, content in files.items():
        if content.lstrip()[:1] in (b'{', b'['):
            try:
                text = json.dumps(otherwise_typed(json.loads(content)), indent=1)
            except ValueError:  # a value a line
                lines = [json.loads(line) for line in content.splitlines() if line.strip()]
                text = '\n'.join(json.dumps(otherwise_typed(line)) for line in lines)
            files[each] = text.replace('\n', '\r\n').encode()
    assert told(read_files(files), EXPECTED[name]) == expected_of(name)


@pytest.mark.parametrize(
    ('name', 'text'),
    [
        ('pydantic-ai/messages-2.68.json', 'How warm is it in Lima?'),
        ('google/Takeout/My Activity/Gemini Apps/MyActivity.json', 'Prompted A word'),
        ('google/Google AI Studio/Two riddles', 'You tell riddles.'),
    ],
)
def test_a_file_that_begins_with_a_long_text_is_known(name: str, text: str) -> None:
    """As one does whose first question has a picture in it."""
    content = (SAMPLES / name).read_text()
    assert text in content
    longer = content.replace(text, text + 'x' * 2_000_000, 1)
    assert len(read_files({'x.bin': longer.encode()})) == len(EXPECTED[name]['conversations'])
