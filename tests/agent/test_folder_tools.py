"""The tools on the files of a folder, in a chat: they read at once, and write what a person has seen."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import ToolReturnPart

from chat.agent.tools.folder_tools import MAX_READ_LENGTH, folder_tool
from chat.agent_config import Asking
from chat.conversation.content.waiting import AllowedTool
from chat.conversation.live_conversation import LiveConversation
from chat.errors import FolderRefused
from chat.file_difference import FileDifference, difference_in
from tests.conversation.approving import Call, Step, states, steps
from tests.support.http_models import make_registry
from tests.support.scripted import MemoryStore, wait_until_answered


@pytest.fixture
def chosen(tmp_path: Path) -> Path:
    chosen = tmp_path / 'chosen'
    chosen.mkdir()
    (chosen / 'plan.txt').write_text('one\ntwo\nthree\n')
    return chosen


async def asked(
    chosen: Path, *steps_: Step, by: str = '', store: MemoryStore | None = None
) -> LiveConversation:
    """A chat with this folder, in which the model has taken these steps."""
    registry = make_registry(steps(*steps_), store=store, built_in_tools=[folder_tool(None)])
    live = registry.new()
    tools = {'folder': {'path': str(chosen)}}
    await live.update_metadata(lambda metadata: replace(metadata, tools=tools))
    live.send('Look at my files.', by=by)
    await wait_until_answered(live)
    return live


def returned(live: LiveConversation) -> list[str]:
    parts = [part for message in live.turns[-1].answer for part in message.parts]
    return [part.model_response_str() for part in parts if isinstance(part, ToolReturnPart)]


async def results_of(chosen: Path, *calls: tuple[str, dict[str, Any]]) -> list[str]:
    """What each call returns."""
    made = tuple(Call(name, arguments, f'c{place}') for place, (name, arguments) in enumerate(calls))
    return returned(await asked(chosen, made, 'Done.'))


def write(path: str, content: str) -> Call:
    return Call('write_file', {'path': path, 'content': content}, 'w1')


def edit(path: str, old: str, new: str) -> Call:
    return Call('edit_file', {'path': path, 'old_text': old, 'new_text': new}, 'w1')


def shown(live: LiveConversation) -> FileDifference:
    """The difference that the card of the call shows."""
    (waiting,) = live.turns[-1].waiting.values()
    found = difference_in(waiting.requests.metadata['w1'])
    assert found
    return found


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def approve(live: LiveConversation, **more: Any) -> None:
    await live.decisions.approve(live.turns[-1].id, 'w1', by='Host', **more)
    await wait_until_answered(live)


async def test_files_are_listed_read_and_searched(chosen: Path) -> None:
    (chosen / 'notes').mkdir()
    (chosen / 'notes' / 'Größe.txt').write_bytes('Die Größe\r\nist GROSS\r\n'.encode('cp1252'))
    (chosen / 'picture.png').write_bytes(b'\x89PNG\0\0\1')
    assert await results_of(
        chosen,
        ('list_files', {}),
        ('read_file', {'path': 'plan.txt'}),
        ('read_file', {'path': 'plan.txt', 'first_line': 2, 'last_line': 2}),
        ('read_file', {'path': 'notes/Größe.txt'}),
        ('search_files', {'text': 'größe'}),
        ('search_files', {'name': '*.TXT'}),
        ('search_files', {'text': 'nowhere'}),
    ) == [
        'notes/\npicture.png (7 bytes)\nplan.txt (14 bytes)',
        'one\ntwo\nthree',
        'two\n[Lines 2 to 2 of 3. Read on from line 3.]',
        'Die Größe\nist GROSS',
        'notes/Größe.txt:1: Die Größe',
        'notes/Größe.txt (22 bytes)\nplan.txt (14 bytes)',
        '[Nothing was found.]',
    ]


async def test_what_cannot_be_read_is_told_to_the_model(chosen: Path) -> None:
    (chosen / 'picture.png').write_bytes(b'\x89PNG\0\0\1')
    (chosen / 'empty').touch()
    (chosen / 'line').write_text('x' * (MAX_READ_LENGTH + 1))
    (chosen / 'lines').write_text('12345678\n' * 10_000)
    binary, outside, empty, missing, line, lines, gone = await results_of(
        chosen,
        ('read_file', {'path': 'picture.png'}),
        ('read_file', {'path': '../x'}),
        ('read_file', {'path': 'empty'}),
        ('read_file', {'path': 'plan.txt', 'first_line': 4}),
        ('read_file', {'path': 'line'}),
        ('read_file', {'path': 'lines', 'first_line': 5}),
        ('list_files', {'path': 'gone'}),
    )
    assert 'no text but 7 bytes' in binary
    assert 'leads out of the folder' in outside
    assert empty == '[This file is empty.]'
    assert 'the lines 1 to 3' in missing
    assert line.endswith('[… line cut]')
    assert lines.endswith('[Lines 5 to 4,448 of 10,000. Read on from line 4,449.]')
    assert 'There is no “gone”.' in gone


async def test_what_is_written_was_shown_and_approved(chosen: Path) -> None:
    """The difference says what would become of the file; until it is approved nothing does."""
    live = await asked(chosen, (write('plan.txt', 'one\n2\nthree\n'),), 'Done.')
    assert states(live) == {'w1': 'needs-approval'}
    assert shown(live).text == ' one\n-two\n+2\n three'
    assert (shown(live).added, shown(live).removed) == (1, 1)
    assert (chosen / 'plan.txt').read_text() == 'one\ntwo\nthree\n'
    await approve(live)
    assert states(live) == {'w1': 'ok'}
    assert (chosen / 'plan.txt').read_text() == 'one\n2\nthree\n'
    assert returned(live) == ['“plan.txt” was written (+1, -1 lines).']


async def test_denied_nothing_is_written(chosen: Path) -> None:
    live = await asked(chosen, (write('new/file.txt', 'new\n'),), 'Done.')
    assert (shown(live).text, shown(live).before) == ('+new', '')
    await live.decisions.deny(live.turns[-1].id, 'w1', by='Host')
    await wait_until_answered(live)
    assert names_in(chosen) == ['plan.txt']


@pytest.mark.parametrize('happens', ['changed', 'removed', 'another folder', 'taken away'])
async def test_nothing_is_written_once_the_difference_is_another(chosen: Path, happens: str) -> None:
    """Another program, or another choice of the person, was faster than the approval."""
    live = await asked(chosen, (write('plan.txt', 'mine'),), 'Done.')
    other = chosen.parent / 'other'
    other.mkdir()
    (other / 'plan.txt').write_bytes((chosen / 'plan.txt').read_bytes())
    if happens == 'changed':
        (chosen / 'plan.txt').write_text('by somebody else')
    elif happens == 'removed':
        (chosen / 'plan.txt').unlink()
    else:
        tools = {'folder': {'path': str(other)}} if happens == 'another folder' else {}
        await live.update_metadata(lambda metadata: replace(metadata, tools=tools))
    await approve(live)
    assert states(live)['w1'] != 'ok'
    files = [path for path in chosen.parent.rglob('plan.txt') if path.read_text() == 'mine']
    assert files == []


async def test_edited_arguments_are_written_if_their_difference_was_shown(chosen: Path) -> None:
    live = await asked(chosen, (edit('plan.txt', 'two\n', 'zwei\n'),), 'Done.')
    edited = {'path': 'plan.txt', 'old_text': 'two\n', 'new_text': 'deux\n'}
    told = await live.decisions.preview(live.turns[-1].id, 'w1', edited)
    seen = difference_in(told)
    assert seen
    assert '+deux' in seen.text
    await approve(live, arguments=edited, details=told)
    assert (chosen / 'plan.txt').read_text() == 'one\ndeux\nthree\n'
    (waiting,) = live.metadata.waiting.values()
    assert waiting.decisions['w1'].details == told  # the card shows what was written from now on


async def test_edited_arguments_are_not_written_unseen(chosen: Path) -> None:
    live = await asked(chosen, (write('plan.txt', 'mine'),), 'Done.')
    await approve(live, arguments={'path': 'plan.txt', 'content': 'another'})
    assert (states(live)['w1'], 'not what was shown' in returned(live)[0]) == ('failed', True)
    assert (chosen / 'plan.txt').read_text() == 'one\ntwo\nthree\n'


async def test_a_preview_says_what_is_wrong(chosen: Path) -> None:
    live = await asked(chosen, (write('plan.txt', 'mine'),), 'Done.')
    with pytest.raises(FolderRefused, match='leads out'):
        await live.decisions.preview(live.turns[-1].id, 'w1', {'path': '../x', 'content': 'x'})
    same = {'path': 'plan.txt', 'content': 'one\ntwo\nthree\n'}
    with pytest.raises(FolderRefused, match='this content already'):
        await live.decisions.preview(live.turns[-1].id, 'w1', same)


async def test_what_cannot_be_written_asks_nobody(chosen: Path) -> None:
    """The model is told, and can do better."""
    calls = (
        Call('edit_file', {'path': 'plan.txt', 'old_text': 'o', 'new_text': 'x'}, 'c1'),
        Call('edit_file', {'path': 'plan.txt', 'old_text': 'four', 'new_text': 'x'}, 'c2'),
        Call('write_file', {'path': '.env', 'content': 'x'}, 'c3'),
        Call('edit_file', {'path': 'gone', 'old_text': 'x', 'new_text': 'y'}, 'c4'),
    )
    twice, nowhere, hidden, gone = returned(await asked(chosen, calls, 'Done.'))
    assert '2 times' in twice
    assert 'nowhere' in nowhere
    assert 'left out' in hidden
    assert 'There is no “gone”' in gone


async def test_writing_cannot_be_allowed_always(chosen: Path) -> None:
    """Neither in the chat nor everywhere nor by hand: each time there is another difference to look at."""
    live = await asked(chosen, (write('plan.txt', 'mine'),), 'Done.', (write('plan.txt', 'again'),), 'Done.')
    await approve(live, scope='chat')
    assert live.metadata.allowed == ()
    await live.decisions.allow(AllowedTool(agent='', tool='write_file'), is_allowed=True)
    live.send('Again.')
    await wait_until_answered(live)
    assert states(live) == {'w1': 'needs-approval'}
    assert (chosen / 'plan.txt').read_text() == 'mine'


async def test_a_guest_has_no_tools_on_a_folder(chosen: Path) -> None:
    """Not even those that would ask; the owner has them again in the next run."""
    reads = (Call('read_file', {'path': 'plan.txt'}, 'r1'),)
    live = await asked(chosen, reads, 'Done.', reads, 'Done.', by='Ann')
    assert 'Unknown tool' in str(live.conversation.messages)
    assert 'two' not in str(live.conversation.messages)
    live.send('And now?')
    await wait_until_answered(live)
    assert returned(live) == ['one\ntwo\nthree']


async def test_without_a_folder_there_are_no_tools() -> None:
    tool = folder_tool(None)
    for options in ({}, {'path': ''}, {'path': 3}):
        assert tool.build(Asking(user='Host', conversation_id='c'), options).toolsets == ()


async def test_a_folder_that_has_gone_is_told(chosen: Path) -> None:
    (result,) = await results_of(chosen / 'gone', ('list_files', {}))
    assert 'not there any more' in result


@pytest.mark.parametrize(
    ('before', 'text', 'after'),
    [
        (b'a\r\nb\r\n', 'a\nc\n', b'a\r\nc\r\n'),
        (b'\xef\xbb\xbfa', 'b', b'\xef\xbb\xbfb'),
        ('\ufeffä\r\n'.encode('utf-16-be'), 'ö\n', '\ufeffö\r\n'.encode('utf-16-be')),
        ('Größe'.encode('cp1252'), 'Länge', 'Länge'.encode('cp1252')),
    ],
)
async def test_a_file_keeps_its_encoding_and_its_line_breaks(
    chosen: Path, before: bytes, text: str, after: bytes
) -> None:
    (chosen / 'old.txt').write_bytes(before)
    await approve(await asked(chosen, (write('old.txt', text),), 'Done.'))
    assert (chosen / 'old.txt').read_bytes() == after


async def test_only_the_edited_lines_of_a_file_with_mixed_breaks_change(chosen: Path) -> None:
    (chosen / 'mixed.txt').write_bytes(b'one\r\ntwo\r\nthree\nfour')
    await approve(await asked(chosen, (edit('mixed.txt', 'one\ntwo\n', '1\n2\n'),), 'Done.'))
    assert (chosen / 'mixed.txt').read_bytes() == b'1\r\n2\r\nthree\nfour'


async def test_what_an_encoding_lacks_is_not_written(chosen: Path) -> None:
    (chosen / 'old.txt').write_bytes('Größe'.encode('cp1252'))
    (result,) = await results_of(chosen, ('write_file', {'path': 'old.txt', 'content': '☃'}))
    assert 'lacks the character U+2603' in result


async def test_an_approval_outlives_a_restart(chosen: Path) -> None:
    """What was shown is stored: it is still that which is written."""
    store = MemoryStore()
    live = await asked(chosen, (write('plan.txt', 'mine'),), store=store)
    models = steps('Done.')
    again = await make_registry(models, store=store, built_in_tools=[folder_tool(None)]).open(live.id)
    await approve(again)
    assert (chosen / 'plan.txt').read_text() == 'mine'
