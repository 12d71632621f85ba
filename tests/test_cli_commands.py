"""What `python main.py chats …` says and does, with and without Parlour running."""

import asyncio
import json
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import pytest
from pydantic_ai import BinaryContent, Conversation, ModelRequest, ModelResponse, TextPart, UserPromptPart

from chat.cli import main
from chat.conversation.content.metadata import ConversationMetadata
from chat.server.instance import Instance
from tests.store.store_samples import conversation_of, store_in

IDS = ('aaaa1111-0000-0000-0000-000000000001', 'aaaa2222-0000-0000-0000-000000000002', 'odd / id')


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with three conversations, one of them with a file, and a fourth in the trash."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / 'data'

    async def filled() -> None:
        async with store_in(folder) as data_folder:
            for conversation_id in (*IDS, 'trashed'):
                conversation = conversation_of(
                    f'Ask {conversation_id}', 'More', conversation_id=conversation_id
                )
                if conversation_id == IDS[1]:
                    conversation = with_file(conversation_id)
                metadata = ConversationMetadata(title=f'Title of\n {conversation_id[:8]}')
                await data_folder.conversations.write_metadata(conversation_id, metadata)
                await data_folder.conversations.save(conversation)
            await data_folder.conversations.move_to_trash('trashed')

    asyncio.run(filled())
    return folder


def with_file(conversation_id: str) -> Conversation:
    file = BinaryContent(b'x' * 5000, media_type='application/pdf', identifier='a.pdf')
    return Conversation(
        conversation_id=conversation_id,
        messages=[
            ModelRequest(parts=[UserPromptPart(['See', file])]),
            ModelResponse(parts=[TextPart('Red: \x1b[31m and **bold**')]),
        ],
    )


def run(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    code = main(['chats', *arguments, '--data', str(folder)])
    said = capsys.readouterr()
    return code, said.out, said.err


def state_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its content and time."""
    files = [path for path in folder.rglob('*') if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def path_of(folder: Path, number: int) -> Path:
    return folder / 'conversations' / f'{IDS[number]}.json'


def test_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, folder, 'list')
    lines = [line.split('  ') for line in out.splitlines()]
    assert (code, err) == (0, '')
    assert [line[0] for line in lines] == [IDS[2], IDS[1], IDS[0]]
    assert [line[2] for line in lines] == [f'Title of {each[:8].strip()}' for each in reversed(IDS)]
    assert lines[0][1].startswith('20')


def test_show(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, folder, 'show', 'aaaa1') == (
        0,
        f'# Title of aaaa1111\n\n## You\n\nAsk {IDS[0]}\n\n## Assistant\n\npong\n\n'
        '## You\n\nMore\n\n## Assistant\n\npong\n',
        '',
    )
    code, out, _ = run(capsys, folder, 'show', IDS[1])
    assert code == 0
    assert '- File: a.pdf (application/pdf, 5,000 bytes)' in out
    assert 'Red: \ufffd[31m and **bold**' in out


@pytest.mark.parametrize(
    ('beginning', 'sentence'), [('aaaa', 'More than one'), ('b', 'No chat'), ('trashed', 'No chat')]
)
def test_show_needs_one(
    folder: Path, capsys: pytest.CaptureFixture[str], beginning: str, sentence: str
) -> None:
    code, out, err = run(capsys, folder, 'show', beginning)
    assert (code, out, err.count('\n')) == (1, '', 1)
    assert sentence in err


def test_export_and_import(
    folder: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One to standard output, all to a file, also while Parlour is running; that file into another folder."""
    instance = Instance(folder, timeout=0)
    instance.claim()

    def said(*arguments: str, data: Path = folder) -> tuple[int, str, str]:
        code = main(['chats', *arguments, '--data', str(data)])
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    code, out, err = said('export', 'aaaa1')
    assert (code, err) == (0, '')
    assert '\n# Title of aaaa1111\n\n## You\n' in out
    code, out, err = said('export', IDS[1], '--format', 'md')
    assert (code, 'See' in out, err) == (
        0,
        True,
        'parlour: This chat has files. --output FILE writes them beside it.\n',
    )
    assert said('export', IDS[1], '--output', str(tmp_path / 'see.md')) == (0, '', '')
    [file] = (tmp_path / 'files').iterdir()
    assert file.read_bytes() == b'x' * 5000
    assert said('export', '--all', '--output', str(tmp_path / 'all.zip')) == (0, '', '')
    monkeypatch.setattr('chat.exchange.export.MAX_BYTES_IN_JSON', 4000)
    for asked in (('--all',), ('--all', '--format', 'json'), (IDS[1], '--format', 'json')):
        code, _, err = said('export', *asked, '--output', str(tmp_path / 'all.json'))
        assert (code, err) == (1, f'parlour: This is a zip archive. Call it {tmp_path / "all.zip"}.\n')
    assert not (tmp_path / 'all.json').exists()
    code, _, err = said('export', IDS[0], '--format', 'html', '--output', str(tmp_path / 'one.zip'))
    assert (code, err) == (1, f'parlour: This is no zip archive. Call it {tmp_path / "one.html"}.\n')
    assert said('export', IDS[0], '--output', str(tmp_path / 'one.ZIP')) == (0, '', '')
    assert is_zipfile(tmp_path / 'one.ZIP')
    assert said('export')[0] == 2
    assert said('export', IDS[0], '--all')[0] == 2
    assert said('export', '--all', '--format', 'pdf')[0] == 2
    lines = said('export', '--all', '--format', 'openai')[1].splitlines()
    assert len([json.loads(line) for line in lines]) == 3
    assert said('export', IDS[0], '--format', 'html', '--all-versions')[0] == 0
    assert said('export', IDS[0], '--format', 'pydantic-ai', '--all-versions')[0] == 2
    code, _, err = said('import', str(tmp_path / 'all.zip'))
    assert (code, err.count('\n')) == (1, 1)
    instance.release()
    other = tmp_path / 'other'
    found = '3 chats from Parlour: 10 messages, 1 file'
    code, out, err = said('import', str(tmp_path / 'all.zip'), '--dry-run', data=other)
    assert (code, err, out.startswith(found)) == (0, '', True)
    assert said('import', str(tmp_path / 'all.zip'), data=other) == (0, '3 chats imported.\n', '')
    assert said('import', str(tmp_path / 'all.zip'), data=other) == (0, '3 here already.\n', '')
    code, out, _ = said('import', str(tmp_path / 'all.zip'), str(tmp_path / 'gone'), data=other)
    assert (code, out.splitlines()[1]) == (1, f'There is no file {tmp_path / "gone"}.')
    assert len(said('list', data=other)[1].splitlines()) == 3


def test_verify_of_what_is_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, folder, 'verify')
    assert code == 0
    assert '3 conversations, 14 messages, 1 attachments, 1 in the trash' in out
    assert 'No problems found.' in out


def damage(folder: Path) -> None:
    """Break a message of one file, the blob of another, and one file altogether."""
    path = path_of(folder, 0)
    path.write_text(path.read_text().replace('Ask aaaa', 'Ask \\aaaa'))
    next(path for path in (folder / 'blobs').iterdir()).write_bytes(b'y' * 5000)
    (folder / 'conversations' / 'foreign.json').write_text('[]')


def test_verify_names_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(folder)
    code, out, _ = run(capsys, folder, 'verify')
    assert code == 1
    assert f'conversations/{IDS[0]}.json is damaged' in out
    assert 'conversations/foreign.json is damaged' in out
    assert 'does not have this SHA-256' in out
    assert '3 problems.' in out
    [blob] = (folder / 'blobs').iterdir()
    blob.unlink()
    assert f'conversations/{IDS[1]}.json lacks the attachment {blob.name}' in run(capsys, folder, 'verify')[1]


def change(path: Path, table: str, document_id: str, **changes: Any) -> None:
    tables = json.loads(path.read_text())
    tables[table][document_id].update(changes)
    path.write_text(json.dumps(tables))


def test_verify_looks_into_every_message(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = path_of(folder, 0), path_of(folder, 1)
    [first, second, *_] = json.loads(one.read_text())['entries']
    change(one, 'entries', first, message={'kind': 'nonsense'})
    change(one, 'entries', second, parent_id='nowhere')
    change(two, '_meta', '1', format_version=2)
    path_of(folder, 0).with_name('copy.json').write_bytes(one.read_bytes())
    code, out, _ = run(capsys, folder, 'verify')
    assert code == 1
    assert out.count(f'has a message that cannot be read: {first}') == 2
    assert out.count(f'has a message without what comes before it: {second}') == 2
    assert 'was stored by a newer version' in out
    assert 'copy.json is not named after the conversation in it' in out


@pytest.mark.parametrize('is_damaged', [False, True])
def test_looking_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str], is_damaged: bool) -> None:
    """Also while Parlour runs."""
    instance = Instance(folder, timeout=0)
    instance.claim()
    if is_damaged:
        damage(folder)
    before = state_of(folder)
    for arguments in (['list'], ['show', IDS[1]], ['verify']):
        run(capsys, folder, *arguments)
    assert state_of(folder) == before
    instance.release()


def test_repair_waits_until_parlour_has_ended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instance = Instance(folder, timeout=0)
    instance.claim()
    damage(folder)
    before = state_of(folder)
    code, out, err = run(capsys, folder, 'repair')
    assert (code, out, err.count('\n')) == (1, '', 1)
    assert 'holds' in err
    assert state_of(folder) == before
    instance.release()


def test_repair(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(folder)
    code, out, _ = run(capsys, folder, 'repair')
    assert code == 1  # an attachment is lost
    assert f'Saved 3 messages of {IDS[0]}.json.corrupt as {IDS[0]}.' in out
    assert 'foreign.json.corrupt has no whole message' in out
    assert '1 problems.' in out


def test_repair_of_what_is_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, folder, 'repair')[1].startswith('Nothing to repair.')


@pytest.mark.parametrize('action', ['list', 'verify', 'repair'])
def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str) -> None:
    code, out, err = run(capsys, tmp_path / 'nowhere', action)
    assert (code, out, err.count('\n')) == (1, '', 1)
    assert not (tmp_path / 'nowhere').exists()


def test_the_folder_may_come_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['--data', str(folder), 'chats', 'list']) == 0
    assert IDS[0] in capsys.readouterr().out
