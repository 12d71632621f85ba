"""What the files of each program do that no other's do: the traps, a line or two for each."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic_ai import UserPromptPart

from chat.conversation.content.metadata import ConversationMetadata
from chat.errors import ImportRefused
from chat.exchange.imported import ImportedChat
from chat.exchange.markdown import export_markdown, moment
from tests.exchange.formats.reading import PNG, SAMPLES, Seen, only, read, read_files, read_path, sentences

UUID = '00000000-0000-4000-8000-000000000000'


def claude(*messages: dict[str, Any]) -> Seen:
    return only(read([{'uuid': 'c', 'name': 'T', 'chat_messages': list(messages)}]))


def test_an_attachment_of_claude_is_a_file_with_its_text() -> None:
    seen = only(read_path(SAMPLES / 'claude/data-2026-02-01-batch-0000.zip'))
    question = seen.chat.messages[0]
    [file] = question.files.values()
    assert (file.name, file.media_type) == ('kitchen.txt', 'text/plain')
    assert file.open
    assert file.open().read() == b'Altitude: 300 m.\n'


def test_the_placeholder_of_claude_appears_nowhere() -> None:
    placeholder = '```\nThis block is not supported on your current device yet.\n```'
    seen = claude(
        {'uuid': 'a', 'sender': 'human', 'text': placeholder, 'content': [{'type': 'text', 'text': 'Hi'}]},
        {'uuid': 'b', 'sender': 'assistant', 'text': f'{placeholder}\nHello', 'content': []},
    )
    assert seen.texts == ['Hi', 'Hello']


def test_an_artifact_of_claude_is_source() -> None:
    text = 'Here:<antArtifact identifier="a" type="text/html" title="Page"><script>x()</script></antArtifact>'
    seen = claude({'uuid': 'b', 'sender': 'assistant', 'text': text})
    assert seen.texts == ['Here:\n\n**Page**\n\n```html\n<script>x()</script>\n```\n\n']


def test_calls_of_claude_may_have_no_ids() -> None:
    calls = [
        {'type': 'tool_use', 'id': None, 'name': name, 'input': {'q': name}} for name in ('first', 'second')
    ]
    results = [{'type': 'tool_result', 'tool_use_id': None, 'content': [{'type': 'text', 'text': 'r'}]}] * 2
    seen = claude(
        {'uuid': 'b', 'sender': 'assistant', 'content': [*calls, *results, {'type': 'token_budget'}]}
    )
    assert seen.tools == ['first', 'second']
    assert len(seen.results) == 2


def test_the_answers_of_gemini_are_markdown_without_what_could_run() -> None:
    html = (
        '<h2>Two</h2><script>alert(1)</script><ol><li>One<ul><li>in it</li></ul></li><li>Two</li></ol>'
        '<pre><code>a &lt; b\n  c</code></pre><a href="javascript:x">no</a> <a href="https://a.b">yes</a>'
        '<table><thead><tr><th>A</th></tr></thead><tr><td>1</td></tr></table>'
        '<img src="https://t.b/p" alt="A dog">'
    )
    item = {'header': 'Gemini Apps', 'title': 'Prompt: Was?', 'time': '2026-01-05T14:04:05Z'}
    seen = only(read([item | {'safeHtmlItem': [{'html': html}]}]))
    assert seen.texts == [
        'Prompt: Was?',
        '## Two\n\n1. One\n    - in it\n2. Two\n\n```\na < b\n  c\n```\n\nno [yes](https://a.b)\n\n'
        '| A |\n| --- |\n| 1 |\n\nA dog',
    ]


def test_other_activities_of_google_are_no_chats() -> None:
    search = {
        'header': 'Search',
        'title': 'Searched for x',
        'time': '2026-01-05T14:04:05Z',
        'products': ['Search'],
    }
    assert read([search]) == []


def test_the_page_of_takeout_says_how_to_get_json() -> None:
    page = b'<html><head><title>My Activity History</title></head><body>Gemini Apps</body>'
    with pytest.raises(ImportRefused, match='set the format of “My Activity” to JSON'):
        read_files({'MyActivity.html': page})


def test_ai_studio_has_code_sources_and_errors() -> None:
    chunks = [
        {
            'role': 'user',
            'parts': [{'text': 'Sum'}, {'inlineData': {'mimeType': 'image/png', 'data': 'AAAA'}}],
        },
        {'role': 'model', 'executableCode': {'language': 'PYTHON', 'code': '1+2'}},
        {'role': 'model', 'codeExecutionResult': {'outcome': 'OUTCOME_OK', 'output': '3'}},
        {
            'role': 'model',
            'text': '3',
            'grounding': {'groundingSources': [{'uri': 'https://a.b', 'title': 'A'}]},
        },
        {'role': 'model', 'text': '', 'finishReason': 'SAFETY', 'errorMessage': 'Blocked'},
    ]
    seen = only(read({'chunkedPrompt': {'chunks': chunks}}, name='Sums.json'))
    assert (seen.chat.title, seen.texts, seen.tools) == ('Sums', ['Sum', '3'], ['code'])
    assert (seen.citations, seen.is_interrupted) == (['https://a.b'], True)
    assert [*seen.files.values()] == [b'\0\0\0']


def test_open_webui_without_a_history_has_a_list() -> None:
    messages = [
        {
            'role': 'user',
            'content': 'Hi',
            'files': [{'type': 'image', 'url': '/api/v1/files/7', 'name': 'a.png'}],
        },
        {'role': 'assistant', 'content': '<think>Greet.</think>Hello', 'done': False},
    ]
    seen = only(read({'id': 'w', 'title': 'T', 'chat': {'messages': messages}}))
    assert (seen.texts, seen.thinking, seen.missing) == (['Hi', 'Hello'], ['Greet.'], ['a.png'])
    assert seen.is_interrupted


def test_a_changed_text_of_open_webui_is_the_one_shown() -> None:
    """`output` has what the model said; `content` what somebody made of it."""
    output = [
        {'type': 'reasoning', 'content': [{'type': 'output_text', 'text': 'Hm.'}]},
        {'type': 'message', 'content': [{'type': 'output_text', 'text': 'Old'}]},
    ]
    details = '<details type="reasoning" done="true">\n<summary>Thought</summary>\n> Hm.\n</details>\n'
    node = {'id': 'a', 'role': 'assistant', 'content': f'{details}New', 'output': output}
    seen = only(read([{'chat': {'history': {'messages': {'a': node}}}}]))
    assert (seen.texts, seen.thinking) == (['New'], ['Hm.'])


def test_a_failed_answer_of_librechat_says_why() -> None:
    messages = [
        {'messageId': 'a', 'isCreatedByUser': True, 'text': 'Hi', 'content': None, 'parentMessageId': UUID},
        {'messageId': 'b', 'isCreatedByUser': False, 'error': True, 'text': 'No key', 'parentMessageId': 'a'},
    ]
    seen = only(read({'conversationId': 'x', 'exportAt': '09:14:00', 'messages': messages}))
    assert seen.path[-1].failure == 'No key'
    assert seen.chat.created_at is None


def test_an_index_out_of_range_of_lm_studio_is_the_last_version() -> None:
    def say(role: str, *texts: str, selected: object) -> dict[str, Any]:
        versions = [{'role': role, 'content': [{'type': 'text', 'text': text}]} for text in texts]
        return {'versions': versions, 'currentlySelected': selected}

    call = {'type': 'toolCallRequest', 'callId': 1, 'name': 'knot', 'parameters': {'a': 1}}
    result = {'type': 'toolCallResult', 'toolCallId': 1, 'content': 'tied'}
    steps = [
        {'type': 'contentBlock', 'content': [call]},
        {'type': 'contentBlock', 'content': [result]},
        {
            'type': 'contentBlock',
            'content': [{'type': 'text', 'text': 'Ti'}, {'type': 'text', 'text': 'ed.'}],
            'genInfo': {'stats': {'stopReason': 'userStopped'}},
        },
    ]
    messages = [
        say('user', 'One?', 'Two?', selected=7),
        {'versions': [{'role': 'assistant', 'type': 'multiStep', 'steps': steps}], 'currentlySelected': -1},
    ]
    seen = only(read({'name': 'T', 'createdAt': 1_765_000_000_123, 'messages': messages}))
    assert (seen.texts, seen.tools, seen.is_interrupted) == (['Two?', 'Tied.'], ['knot'], True)
    assert (seen.chat.id, [*seen.results.values()]) == ('1765000000123', ['tied'])


def test_the_files_of_lm_studio_are_in_the_folder_beside() -> None:
    part = {'type': 'file', 'fileIdentifier': '17 - 1.png', 'fileType': 'image'}
    chat = {'messages': [{'versions': [{'role': 'user', 'content': [part]}], 'currentlySelected': 0}]}
    files = {'conversations/Sea/1.conversation.json': json.dumps(chat).encode(), 'user-files/17 - 1.png': PNG}
    seen = only(read_files(files))
    assert (seen.files, seen.chat.folder, seen.chat.id) == ({'17 - 1.png': PNG}, 'Sea', '1')


def test_a_file_of_llama_cpp_may_have_several_chats() -> None:
    def said(message_id: str, **more: object) -> dict[str, Any]:
        return {
            'type': 'message',
            'message': {'id': message_id, 'role': 'user', 'content': message_id, **more},
        }

    sound = {'type': 'audioFile', 'name': 'a.wav', 'base64Data': 'UklGRg==', 'mimeType': 'audio/wav'}
    page = {'type': 'PDF', 'name': 'a.pdf', 'base64Data': '', 'content': 'Page one'}
    lines = [
        {'type': 'session', 'id': 'one', 'name': 'One', 'currNode': ''},
        said('a', parent='gone', extra=[sound, page]),
        said('b', parent='a', role='assistant', thinking='Hm.', toolCalls='[{"function":{"name":"f"}}]'),
        {'type': 'invented'},
        {'type': 'session', 'id': 'two', 'name': 'Two', 'currNode': None},
        said('c', parent=None),
    ]
    first, second = (Seen(chat) for chat in read(*lines) if isinstance(chat, ImportedChat))
    assert (first.texts, first.thinking, first.tools) == (['a', 'b'], ['Hm.'], ['f'])
    assert first.files == {'a.wav': b'RIFF', 'a.pdf': b'Page one'}
    assert first.chat.problems == ['1 of its lines are neither a chat nor a message, and were left out.']
    assert (second.chat.title, second.texts) == ('Two', ['c'])


@pytest.mark.parametrize(
    'name', ['big-agi/backup_chats_all_1.agi.json', 'cherry-studio/cherry-studio.202601101200.zip']
)
def test_keys_in_a_backup_are_not_taken(name: str) -> None:
    assert 'not-a-key' not in repr(read_path(SAMPLES / name))


def test_an_answer_that_jan_has_lost_follows_its_question() -> None:
    """Where its link is missing, and the next question was put beside it."""

    def said(message_id: str, role: str, time: int, **metadata: object) -> dict[str, Any]:
        content = [{'type': 'text', 'text': {'value': message_id}}]
        created = 1_766_000_000_000 + time
        return {
            'id': message_id,
            'role': role,
            'content': content,
            'created_at': created,
            'metadata': metadata,
        }

    messages = [
        said('q1', 'user', 1, parentId=None, activeChildId='q2'),
        said('a1', 'assistant', 2, parentId=None),
        said('q2', 'user', 3, parentId='q1'),
        said('a2', 'assistant', 4, parentId='q2'),
    ]
    seen = only(read({'title': 'T', 'exported_at': 'x', 'messages': messages}))
    assert seen.texts == ['q1', 'a1', 'q2', 'a2']


def test_what_follows_several_answers_of_cherry_studio_follows_the_one_selected() -> None:
    messages = [
        {'id': '1', 'role': 'user', 'content': 'Which?'},
        {'id': '2', 'role': 'assistant', 'askId': '1', 'content': 'A', 'foldSelected': True},
        {'id': '3', 'role': 'assistant', 'askId': '1', 'content': 'B', 'blocks': ['gone']},
        {'id': '4', 'role': 'user', 'content': 'Why?'},
    ]
    backup = {
        'time': 1,
        'version': 5,
        'localStorage': {},
        'indexedDB': {'topics': [{'id': 't', 'messages': messages}]},
    }
    seen = only(read(backup))
    assert (seen.texts, seen.ends) == (['Which?', 'A', 'Why?'], 2)


@pytest.mark.parametrize('head', [{}, {'version': 3}, {'version': 4, 'prompts': []}])
def test_every_version_of_chatbot_ui_is_read(head: dict[str, Any]) -> None:
    chat = {'id': 7, 'name': 'Maps', 'messages': [{'role': 'user', 'content': 'Hi'}], 'folderId': 'f'}
    folders = [{'id': 'f', 'name': 'Old', 'type': 'chat'}]
    seen = only(read({**head, 'history': [chat], 'folders': folders}))
    assert (seen.chat.id, seen.chat.folder, seen.chat.title) == ('7', 'Old', 'Maps')


def test_a_group_of_sillytavern_has_the_names_of_its_authors() -> None:
    lines: list[dict[str, object]] = [
        {'user_name': 'unused', 'character_name': 'unused', 'chat_metadata': {}},
        {'name': 'Ada', 'mes': 'Hello {{user}}.', 'is_user': False, 'send_date': 'some day'},
        {'name': 'Kim', 'mes': 'Hi {{char}}', 'is_user': True, 'send_date': 1_767_000_000_000},
        {'name': 'Bob', 'mes': 'Me too.', 'is_user': False, 'send_date': '2026-1-2 @10h 11m 12s 13ms'},
    ]
    seen = only(read(*lines))
    assert seen.texts == ['**Ada:** Hello Kim.', 'Hi Ada', '**Bob:** Me too.']
    assert [bool(each.time) for each in seen.path] == [False, True, True]
    assert seen.chat.title == 'Ada, Bob'


@pytest.mark.parametrize(
    ('lines', 'number'),
    [(b'\xef\xbb\xbfGOOD\n\nBAD\nGOOD', 2), (b'BAD\nGOOD\nGOOD', 1)],
    ids=['in the middle', 'the first'],
)
def test_one_bad_line_hinders_no_other(lines: bytes, number: int) -> None:
    good = json.dumps({'messages': [{'role': 'user', 'content': 'Hi'}]}).encode()
    bad = b'{"messages":[{"role":"user","content":"Hi"}'
    chats = read_files({'x.jsonl': lines.replace(b'GOOD', good).replace(b'BAD', bad)})
    assert sum(isinstance(each, ImportedChat) for each in chats) == 2
    assert sentences(chats) == [f'Line {number}: It is no JSON. The other lines are read.']


def test_messages_may_be_a_list_or_a_line_each() -> None:
    said = [
        {'role': 'developer', 'content': 'Be brief.'},
        {'role': 'user', 'content': ['Hi', {'type': 'input_text', 'text': 'there'}]},
        {'role': 'assistant', 'content': None, 'function_call': {'name': 'f', 'arguments': '{"a": 1}'}},
        {'role': 'function', 'name': 'f', 'content': '2'},
        {'role': 'assistant', 'content': 'Hello'},
    ]
    for seen in (only(read(said)), only(read(*said)), only(read({'messages': said}))):
        assert (seen.texts, seen.chat.instructions) == (['Hi\n\nthere', 'Hello'], 'Be brief.')
        assert ([call.args for call in seen.calls], [*seen.results.values()]) == ([{'a': 1}], ['2'])


def test_times_that_cannot_be_right_are_left_out_and_named() -> None:
    messages = [
        {'role': 'user', 'content': 'Hi', 'timestamp': 8_600_000_000},
        {'role': 'assistant', 'content': 'Hello', 'timestamp': '1970-01-01T00:00:01Z'},
        {'role': 'user', 'content': 'When?', 'timestamp': 0},
    ]
    seen = only(read([{'messages': messages}]))
    assert [each.time for each in seen.path] == [None, None, None]
    assert seen.chat.problems == [
        'It has times that cannot be right, such as 2242-07-11. They were left out.'
    ]


def test_a_function_call_of_a_data_set_is_a_call() -> None:
    said = [('human', 'Two?'), ('function_call', '{"name": "add", "arguments": {"a": 1}}')]
    said += [('observation', '2'), ('gpt', 'Two.')]
    seen = only(read({'conversations': [{'from': who, 'value': text} for who, text in said]}))
    assert (seen.texts, seen.tools, [*seen.results.values()]) == (['Two?', 'Two.'], ['add'], ['2'])


def test_a_greeting_is_exported_without_a_question_before_it() -> None:
    seen = only(read_path(SAMPLES / 'sillytavern/Ada/Ada - 2026-01-02@10h11m12s.jsonl'))
    messages = [each.message for each in seen.path]
    text = export_markdown(messages, ConversationMetadata(title='Ada'))
    assert text.startswith('# Ada\n\n## Assistant\n\nGood morning, Kim.\n\n## You\n\nWhat did you build?')


def test_a_time_that_is_not_known_is_not_exported() -> None:
    seen = only(read([{'messages': [{'role': 'user', 'content': 'Hi'}]}]))
    [prompt] = seen.path[0].message.parts
    assert isinstance(prompt, UserPromptPart)
    assert (moment(prompt.timestamp), bool(moment(datetime(2026, 1, 5, tzinfo=UTC)))) == ('', True)
