"""No reader fails: whatever stands in a file, there are chats, or a sentence for each that is none."""

import json
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai import ModelMessagesTypeAdapter

from chat.errors import ImportRefused
from chat.exchange.formats import recognise
from chat.exchange.formats.values import fields, items
from chat.exchange.imported import ImportedChat, ReadChat
from tests.exchange.formats.reading import SAMPLES, Seen, contents_of, read_files, source_of
from tests.support.profile import examples

NAMES = [*json.loads((SAMPLES / 'expected.json').read_text())]

ODD_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1e300,
    10**400,
    '',
    'x',
    '\ud800',
    [],
    {},
    [None],
    [[]],
    {'a': {}},
    ['x', {'type': 'y'}],
    {'type': 'tool_call', 'tool_call': 7},
    'data:image/png;base64,!!',
    '2242-01-01T00:00:00Z',
    2**63,
    json.loads('[' * 200 + ']' * 200),
]


def places_in(root: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each object or list with each of its keys."""
    pending = [root]
    while pending:
        node = pending.pop()
        for key in [*fields(node), *range(len(items(node)))]:
            yield node, key
            pending.append(node[key])


def changed(value: Any, data: st.DataObject) -> bytes:
    """Return a JSON value in which some places are missing or odd."""
    for _ in range(data.draw(st.integers(1, 3))):
        places = [*places_in(value)]
        if not places:
            break
        holder, key = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = deepcopy(data.draw(st.sampled_from(ODD_VALUES)))
    return json.dumps(value).encode('utf-8', 'surrogatepass')


def changed_file(content: bytes, data: st.DataObject) -> bytes:
    if content.lstrip()[:1] not in (b'{', b'['):
        return content
    try:
        return changed(json.loads(content), data)
    except ValueError:  # a value a line
        return b'\n'.join(changed(json.loads(line), data) for line in content.splitlines() if line)


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.long
@examples(12, 400)
@given(data=st.data())
def test_an_odd_value_anywhere_is_no_failure(name: str, data: st.DataObject) -> None:
    """What is in the place of a chat is named, and what is in the place of all chats is refused."""
    files = {each: changed_file(content, data) for each, content in contents_of(SAMPLES / name).items()}
    with suppress(ImportRefused):
        for chat in read_files(files):
            check(chat)


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.long
@examples(3, 100)
@given(data=st.data())
def test_a_file_that_ends_early_gives_what_comes_before(name: str, data: st.DataObject) -> None:
    files = contents_of(SAMPLES / name)
    for each, content in files.items():
        files[each] = content[: data.draw(st.integers(0, len(content)))]
    with suppress(ImportRefused):
        for chat in read_files(files):
            check(chat)


def test_a_file_without_a_byte_is_one_that_is_missing() -> None:
    files = contents_of(SAMPLES / 'chatgpt/export-2024.zip')
    pictures = [name for name, content in files.items() if content.lstrip()[:1] not in (b'{', b'[', b'<')]
    seen = [
        Seen(chat)
        for chat in read_files(files | dict.fromkeys(pictures, b''))
        if isinstance(chat, ImportedChat)
    ]
    assert any(chat.missing for chat in seen)
    assert not any(chat.files for chat in seen)


def check(chat: ReadChat) -> None:
    if isinstance(chat, ImportedChat):
        seen = Seen(chat)
        assert seen.path
        assert len({each.id for each in chat.messages}) == len(chat.messages)
        ModelMessagesTypeAdapter.dump_json([each.message for each in chat.messages])
        assert [*seen.files.values()].count(b'') == 0
    else:
        assert chat.title
        assert chat.sentence.endswith('.')


def test_a_file_that_is_cut_off_says_so() -> None:
    """After the chats that are whole."""
    chat = json.dumps({'messages': [{'role': 'user', 'content': 'Hi'}]})
    found: list[ReadChat] = []
    with pytest.raises(ImportRefused, match=r'x\.json ends early'):
        found.extend(_each(f'[{chat}, {chat[:20]}'))
    assert len(found) == 1
    with pytest.raises(ImportRefused, match=r'x\.json is damaged'):
        found.extend(_each(f'[{chat}, @, {chat}]'))


def _each(content: str) -> Iterator[ReadChat]:
    [form] = recognise(source_of({'x.json': content.encode()}))
    yield from form.read()
