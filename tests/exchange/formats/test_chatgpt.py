"""ChatGPT: what its exports do that no other does."""

import json
from typing import Any

import pytest

from chat.exchange.imported import ImportedChat
from tests.exchange.formats.reading import PNG, Seen, only, read, read_files, sentences


def message(
    message_id: str, role: str, content: object, parent: str | None, **more: object
) -> dict[str, Any]:
    """Return a node of the tree; a text is a content of type text."""
    if isinstance(content, str):
        content = {'content_type': 'text', 'parts': [content]}
    author = {'role': role, 'name': more.pop('name', None)}
    return {
        'id': message_id,
        'parent': parent,
        'message': {'author': author, 'content': content, 'recipient': 'all', 'metadata': {}, **more},
    }


def chat(*nodes: dict[str, Any], **more: object) -> dict[str, Any]:
    return {'title': 'T', 'conversation_id': 'c', 'mapping': {node['id']: node for node in nodes}, **more}


def answer(text: str, **metadata: object) -> dict[str, Any]:
    return chat(message('u', 'user', 'Why?', None), message('a', 'assistant', text, 'u', metadata=metadata))


PAGE = {'url': 'https://example.org/a', 'title': 'A'}


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        ('Yes. \ue200cite\ue202turn0search0\ue201', 'Yes.'),
        ('Yes \ue200cite\ue202turn0search0\ue201, or \ue200cite\ue202turn0search1\ue201 no.', 'Yes, or no.'),
        ('\ue200cite\ue202turn0search0\ue201 Yes.', 'Yes.'),
        ('See \ue200url\ue202the page\ue202turn0search0\ue201!', 'See the page!'),
        ('In \ue200entity\ue202["city","Brest"]\ue201 at six.', 'In Brest at six.'),
        ('A \ue203bright\ue204 day【11†source】.', 'A bright day.'),
        ('Cut off \ue200cite\ue202turn0', 'Cut off'),
        ('  indented code', '  indented code'),
    ],
)
def test_marks_leave_neither_signs_nor_doubled_spaces(text: str, shown: str) -> None:
    assert only(read(answer(text))).texts == ['Why?', shown]


def test_a_reference_may_match_a_space() -> None:
    """Only marks are replaced, and what is no address of a page is not one here."""
    references = [
        {'type': 'sources_footnote', 'matched_text': ' ', 'sources': [PAGE]},
        {'type': 'webpage', 'matched_text': '\ue200x\ue201', 'alt': '[B](javascript:b)', 'items': [PAGE]},
        {'type': 'webpage', 'matched_text': '', 'items': [{'url': 'javascript:c', 'title': 'C'}]},
    ]
    seen = only(read(answer('One two \ue200x\ue201 three', content_references=references)))
    assert seen.texts[1] == 'One two B three'
    assert seen.citations == ['https://example.org/a']


def test_the_newest_end_is_shown_where_none_is_named() -> None:
    """Order comes from parents, never from times or from the order in the file."""
    nodes = [
        message('c', 'assistant', 'Third', 'b', create_time=1_700_000_001),
        message('b', 'user', 'Second', 'a', create_time=1_700_000_002),
        message('a', 'assistant', 'First', 'r', create_time=1_700_000_003),
        {'id': 'r', 'parent': None, 'message': None},
        message('x', 'assistant', 'Older', 'r', create_time=1_600_000_000),
    ]
    seen = only(read(chat(*nodes, current_node=None)))
    assert seen.texts == ['First', 'Second', 'Third']
    assert seen.ends == 2


def test_a_hidden_message_that_was_current_shows_the_answer_before_it() -> None:
    hidden = message('h', 'system', 'x', 'a', metadata={'is_visually_hidden_from_conversation': True})
    nodes = [message('u', 'user', 'Why?', None), message('a', 'assistant', 'So.', 'u'), hidden]
    assert only(read(chat(*nodes, current_node='h'))).texts == ['Why?', 'So.']


def test_the_same_conversation_in_two_files_is_the_newer_one_once() -> None:
    older = chat(message('u', 'user', 'Old?', None), update_time=1_700_000_000)
    newer = chat(message('u', 'user', 'New?', None), update_time='1700000001.5')
    files = {'conversations-000.json': [older, None], 'conversations-001.json': [newer]}
    for names in (files, dict(reversed(files.items()))):
        chats = read_files({name: json.dumps(value).encode() for name, value in names.items()})
        [found] = [each for each in chats if isinstance(each, ImportedChat)]
        assert Seen(found).texts == ['New?']


def test_a_file_of_conversations_that_is_missing_is_named() -> None:
    manifest = {'logical_files': {'conversations.json': {'files': ['conversations-000.json', 'b.json']}}}
    chats = read_files(
        {
            'conversations-000.json': json.dumps([chat(message('u', 'user', 'Hi', None))]).encode(),
            'export_manifest.json': json.dumps(manifest).encode(),
        }
    )
    assert sentences(chats) == [
        'b.json: The export names this file and does not have it. The chats in it are missing.'
    ]
    assert len(chats) == 2


def test_a_chat_that_is_none_hinders_no_other() -> None:
    good = answer('Yes.')
    chats = read([good, None, {'mapping': {}}, 3, {'title': 'Bad', 'mapping': 7}, {**good, 'id': 'd'}])
    assert sum(isinstance(each, ImportedChat) for each in chats) == 2
    assert [line.partition(':')[0] for line in sentences(chats)] == ['No. 2', 'No. 3', 'No. 4', 'Bad']


def test_what_is_not_known_is_shown_as_text_or_named() -> None:
    nodes = [
        message('u', 'user', {'content_type': 'multimodal_text', 'parts': [{'content_type': 'smell'}]}, None),
        message('a', 'assistant', {'content_type': 'poem', 'text': 'O!'}, 'u'),
    ]
    seen = only(read(chat(*nodes)))
    assert seen.texts == ['*[“smell”, which cannot be shown]*', 'O!']
    assert len(seen.chat.problems) == 2


def test_files_are_found_by_the_ids_of_assets_wherever_they_are() -> None:
    pointers = ['file-service://file-AAA', 'sediment://ab12#file_00bb#p_1.png', 'file-service://file-gone']
    parts = [{'content_type': 'image_asset_pointer', 'asset_pointer': each} for each in pointers]
    attachments = [{'id': 'file-AAA', 'name': 'a.png'}, {'id': 'file-CCC', 'name': '../c.txt'}]
    question = message(
        'u',
        'user',
        {'content_type': 'multimodal_text', 'parts': parts},
        None,
        metadata={'attachments': attachments},
    )
    beside = {'file-AAA-photo.webp': PNG, 'user-1/file_00bb-1.png': PNG, 'file-CCC-c.txt': b'c', 'z.png': b''}
    seen = only(read(chat(question), name='conversations.json', **beside))
    assert seen.files == {'a.png': PNG, '1.png': PNG, '../c.txt': b'c'}
    assert seen.missing == ['file-gone']


def test_calls_and_results_are_one_answer_with_the_text_after_them() -> None:
    nodes = [
        message('u', 'user', 'Sum?', None),
        message('t', 'assistant', {'content_type': 'thoughts', 'thoughts': [{'summary': 'Add'}]}, 'u'),
        message('c', 'assistant', {'content_type': 'code', 'text': '1+2'}, 't', recipient='python'),
        message('r', 'tool', {'content_type': 'execution_output', 'text': '3'}, 'c', name='python'),
        message('e', 'assistant', 'Wait.', 'r', end_turn=False),
        message('a', 'assistant', 'It is 3.', 'e', metadata={'model_slug': 'gpt-5'}),
    ]
    seen = only(read(chat(*nodes, current_node='a')))
    assert seen.texts == ['Sum?', 'Wait.\n\nIt is 3.']
    assert seen.thinking == ['Add']
    assert [(call.tool_name, call.args, seen.results[call.tool_call_id]) for call in seen.calls] == [
        ('python', '1+2', '3')
    ]
    assert seen.models == ['gpt-5']


def test_what_a_tool_returns_in_several_messages_is_one_result() -> None:
    nodes = [
        message('u', 'user', 'Look it up.', None),
        message('c', 'assistant', 'search("x")', 'u', recipient='browser'),
        *(message(f'r{n}', 'tool', f'Page {n}', f'r{n - 1}' if n else 'c', name='browser') for n in range(3)),
        message('a', 'assistant', 'Done.', 'r2'),
    ]
    seen = only(read(chat(*nodes, current_node='a')))
    assert seen.tools == ['browser']
    assert [*seen.results.values()] == ['Page 0\n\nPage 1\n\nPage 2']
    assert seen.texts == ['Look it up.', 'Done.']


def test_a_file_that_was_attached_is_no_chat() -> None:
    """Whatever is in it."""
    attached = json.dumps([{'role': 'user', 'content': 'Hi'}]).encode()
    files = {'conversations.json': json.dumps([answer('Yes.')]).encode(), 'file-AAA-chat.json': attached}
    assert only(read_files(files)).texts == ['Why?', 'Yes.']
    assert only(read_files({'file-AAA-chat.json': attached})).texts == ['Hi']


def test_a_number_that_is_none_hinders_nothing() -> None:
    """`NaN` is no JSON, and Python writes it."""
    assert only(read({'create_time': float('nan'), **answer('Yes.')})).texts == ['Why?', 'Yes.']
