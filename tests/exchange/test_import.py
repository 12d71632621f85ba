"""What an import takes, what it leaves alone, and how it is taken back."""

import asyncio
import io
import json
import shutil
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_ai import BinaryContent, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.conversation.content.attachments import Attachment
from chat.exchange.imported import ImportedChat, ImportedFile, ImportedMessage
from chat.exchange.imports import Imports
from chat.exchange.journals import NOT_MERGED
from chat.exchange.merging import is_known, merged
from chat.exchange.message_json import filled_entry
from chat.exchange.prepared import prepared
from chat.exchange.report import problem_lines, result_lines
from chat.store.data_folder import DataFolder, open_store
from tests.exchange.formats.reading import SAMPLES
from tests.exchange.samples import PICTURE, ended, exported, imported, read, write_cat
from tests.store.store_samples import conversation_of, store_in, turn


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[DataFolder]:
    async with store_in(tmp_path / 'here') as folder:
        yield folder


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """An export of two chats from another folder."""
    async with store_in(tmp_path / 'there') as folder:
        await write_cat(folder)
        await write_cat(folder)
        (tmp_path / 'all.zip').write_bytes(await exported(folder, 'zip'))
    return tmp_path / 'all.zip'


TEXTS = st.text(st.characters(codec='utf-8'), max_size=40)
TREES = st.lists(st.tuples(st.integers(0, 30), TEXTS, st.booleans()), min_size=1, max_size=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tree=TREES, title=TEXTS)
async def test_what_leaves_comes_in_again_byte_for_byte(
    here: DataFolder, tmp_path: Path, tree: list[tuple[int, str, bool]], title: str
) -> None:
    """Branches, files and odd characters included; no time, title or end moves."""
    attachment = await here.attachments.save('a.png', PICTURE)
    record = ConversationRecord(conversation_id=str(uuid4()), head_id=None)
    entries: list[ConversationEntry] = []
    for parent, text, has_file in tree:
        files = [*(await here.attachments.read([attachment] if has_file else [])).values()]
        message = (
            ModelRequest(parts=[UserPromptPart([text, *files])])
            if has_file or len(entries) % 2
            else ModelResponse(parts=[TextPart(text)])
        )
        at = entries[parent % len(entries)].id if entries else None
        entries.append(ConversationEntry(parent_id=at, message=message))
    inner = {entry.parent_id for entry in entries}
    ends = [entry.id for entry in entries if entry.id not in inner]
    record = replace(record, head_id=ends[0], branches=ends[1:], updated_at=datetime(2024, 1, 2, tzinfo=UTC))
    await here.conversations.write_record(record, new_entries=entries, expected_revision=None)
    metadata = await here.conversations.read_metadata(record.conversation_id)
    await here.conversations.write_metadata(record.conversation_id, replace(metadata, title=title))
    async with store_in(tmp_path / record.conversation_id) as other:
        for export_format in ('zip', 'json'):
            before = await exported(here, export_format, record.conversation_id)
            path = tmp_path / f'{record.conversation_id}.{export_format}'
            path.write_bytes(before)
            job = await imported(other, path)
            assert job.result.is_complete, problem_lines(job.result)
            assert await exported(other, export_format, record.conversation_id) == before
    await here.conversations.move_to_trash(record.conversation_id)


async def test_a_look_writes_nothing_and_twice_is_once(here: DataFolder, archive: Path) -> None:
    imports, job = await read(here, [archive])
    assert job.found.states == {'new': 2}
    assert not here.catalog.summaries
    imports.start()
    await ended(imports)
    assert result_lines(job.result) == ['2 chats imported.']
    files = {path: path.read_bytes() for path in (here.path / 'conversations').iterdir()}
    again = await imported(here, archive)
    assert result_lines(again.result) == ['2 here already.']
    assert again.result.is_complete
    assert {path: path.read_bytes() for path in (here.path / 'conversations').iterdir()} == files


async def test_undo_puts_away_what_nobody_has_touched(here: DataFolder, archive: Path) -> None:
    """The same file brings it back; what a person deletes stays deleted."""
    job = await imported(here, archive)
    touched = here.catalog.summaries[0].conversation_id
    conversation = await here.conversations.load(touched)
    assert conversation
    conversation.messages.append(ModelRequest(parts=[UserPromptPart('More!')]))
    await here.conversations.save(conversation)
    undoing = asyncio.create_task(job.undo())
    await job.changed.wait()
    assert job.state == 'undoing'
    assert await undoing == 1
    assert [summary.conversation_id for summary in here.catalog.summaries] == [touched]
    assert result_lines((await imported(here, archive)).result) == ['1 chat imported, 1 here already.']
    await here.conversations.move_to_trash(touched)
    found = (await imported(here, archive)).result
    assert found.states == {'same': 1, 'in trash': 1}


async def test_what_is_newer_here_is_not_overwritten(here: DataFolder, archive: Path) -> None:
    await imported(here, archive)
    chat = here.catalog.summaries[0].conversation_id
    conversation = await here.conversations.load(chat)
    assert conversation
    conversation.messages.append(ModelRequest(parts=[UserPromptPart('Mine')]))
    await here.conversations.save(conversation)
    before = await exported(here, 'json', chat)
    await imported(here, archive)
    assert await exported(here, 'json', chat) == before


async def test_a_cancelled_import_keeps_what_is_done_and_undo_takes_it_back(
    here: DataFolder, archive: Path
) -> None:
    """The same file brings the rest; Undo of what was cancelled takes back no more than that has made."""
    imports, job = await read(here, [archive])
    imports.start()
    while not here.catalog.summaries:
        await here.catalog.changed.wait()
    await imports.cancel()
    assert job.state == 'cancelled'
    [done] = [each.conversation_id for each in here.catalog.summaries]
    assert (await imported(here, archive)).result.states == {'new': 1, 'same': 1}
    assert await job.undo() == 0
    assert [each.conversation_id for each in here.trash.conversations] == [done]
    assert len(here.catalog.summaries) == 1


async def test_chats_that_are_not_chosen_are_left_out(here: DataFolder, archive: Path) -> None:
    imports, job = await read(here, [archive])
    assert [each.title for each in job.chats.values()] == ['A <script>cat</script>: 1/2'] * 2
    wanted, unwanted = job.chats
    job.left_out.add(unwanted)
    imports.start()
    await ended(imports)
    assert [each.conversation_id for each in here.catalog.summaries] == [wanted]
    assert result_lines(job.result) == ['1 chat imported.', '1 chat not chosen.']


async def test_undo_ends_the_links_to_what_it_takes_back(here: DataFolder, archive: Path) -> None:
    no_longer_shared = list[str]()

    async def end(conversation_id: str) -> None:
        no_longer_shared.append(conversation_id)

    imports = Imports(here, is_open=lambda _: False, end_sharing=end)
    job = imports.begin([archive])
    await ended(imports)
    imports.start()
    await ended(imports)
    assert await job.undo() == 0
    assert sorted(no_longer_shared) == sorted(job.chats)


async def test_a_start_takes_back_an_import_in_which_the_process_died(
    here: DataFolder, archive: Path
) -> None:
    job = await imported(here, archive)
    document = dict((await here.whole.imports())[job.id])
    await here.whole.put_import(job.id, {**document, 'state': 'running'})
    await Imports(here, is_open=lambda _: False).recover()
    assert not here.catalog.summaries
    assert not here.trash.conversations


async def test_what_lies_beside_chats_of_ours_is_read_too(here: DataFolder, tmp_path: Path) -> None:
    """But nothing of an archive of ours, or of a data folder, is taken for another program's."""
    together = tmp_path / 'together'
    (together / 'older').mkdir(parents=True)
    async with store_in(tmp_path / 'there') as folder:
        chat = await write_cat(folder)
        (together / 'cat.parlour.json').write_bytes(await exported(folder, 'json', chat))
        await write_cat(folder)
    shutil.copytree(tmp_path / 'there', together / 'Parlour')
    shutil.copy(SAMPLES / 'chatgpt/conversations.json', together)
    shutil.copy(SAMPLES / 'claude/conversations-2024-flat.json', together / 'older')
    alone = [await imported(here, path) for path in (together / 'Parlour', together / 'conversations.json')]
    known = len(here.catalog.summaries)
    job = await imported(here, together)
    assert job.result.is_complete, problem_lines(job.result)
    assert [each.result.states['new'] for each in alone] == [2, known - 2]
    assert job.result.states['new'] == 1  # that of Claude


async def test_what_only_a_journal_has_is_said_to_be_missing(here: DataFolder, tmp_path: Path) -> None:
    """Of a Parlour that was killed; the journal of an older file has nothing more. The rest comes later."""
    there = await open_store(tmp_path / 'there', rewrite_below=0)
    conversation = conversation_of('One')
    await there.conversations.save(conversation)
    conversation.messages += turn('Two')
    await there.conversations.save(conversation)
    killed = shutil.copytree(tmp_path / 'there', tmp_path / 'killed')
    await there.close()
    [journal] = (killed / 'conversations').glob('*.journal')
    shutil.copy(journal, tmp_path / 'there/conversations')
    job = await imported(here, killed)
    said = NOT_MERGED.format(name=f'conversations/{journal.name}')
    assert problem_lines(job.result) == [f'“”: {said}']
    job = await imported(here, tmp_path / 'there')
    assert (job.result.states, job.result.problems) == ({'changed': 1}, [])
    assert len((await here.whole.read(conversation.conversation_id)).messages) == 4


async def test_damage_costs_one_chat(here: DataFolder, archive: Path, tmp_path: Path) -> None:
    """A chat without messages, one of a newer Parlour, a file that is another one."""
    source = zipfile.ZipFile(archive)
    chats = [name for name in source.namelist() if name.endswith('.json')]
    with zipfile.ZipFile(tmp_path / 'odd.zip', 'w') as target:
        whole = json.loads(source.read(chats[0]))
        target.writestr(chats[0], source.read(chats[0]))
        target.writestr('conversations/empty.json', json.dumps(whole | {'entries': {}}))
        target.writestr('conversations/newer.json', json.dumps(whole | {'version': 2}))
        target.writestr('conversations/cut.json', source.read(chats[1])[:-200])
        target.writestr(next(name for name in source.namelist() if 'files/' in name), PICTURE[:-1])
    job = await imported(here, tmp_path / 'odd.zip')
    assert job.result.states == {'new': 1}
    assert not job.result.is_complete
    said = '\n'.join(problem_lines(job.result))
    assert 'empty.json is damaged: it is no whole chat.' in said
    assert 'newer.json was written by a newer version of Parlour. Update Parlour to import it.' in said
    assert 'cut.json ends early' in said
    assert 'The file cat ü.png of “A <script>cat</script>: 1/2” is damaged' in said


async def test_what_is_odd_in_a_chat_of_ours_is_said(here: DataFolder, archive: Path, tmp_path: Path) -> None:
    """An id that is no text, lists without end, a time that nobody can have meant, a message of no kind."""
    source = zipfile.ZipFile(archive)
    text = next(source.read(name) for name in source.namelist() if name.endswith('.json')).decode()
    old, deep, unknown, newer = (json.loads(text) for _ in range(4))
    for chat in (old, deep, unknown, newer):
        chat['record']['1']['conversation_id'] = str(uuid4())
    old['record']['1']['updated_at'] = '0001-01-01T00:00:00+12:00'
    deep['meta']['1']['later'] = '@'
    unknown['entries'][next(iter(unknown['entries']))]['message']['kind'] = 'later'
    newer['entries'][next(iter(newer['entries']))]['message']['parts'].append({'part_kind': 'hologram'})
    texts = {
        'newer.json': json.dumps(newer),
        'number.json': text.replace(json.loads(text)['record']['1']['conversation_id'], '@').replace(
            '"@"', '5'
        ),
        'bare.json': text.replace('"revision"', '"later"'),
        'deep.json': json.dumps(deep).replace('"@"', '[' * 600 + ']' * 600),
        'old.json': json.dumps(old),
        'unknown.json': json.dumps(unknown),
    }
    for name, content in texts.items():
        (tmp_path / name).write_text(content)
    job = await imported(here, *(tmp_path / name for name in texts))
    said = '\n'.join(problem_lines(job.result))
    assert job.result.states == {'new': 3}
    assert '1 of its 4 messages have something in them that this version of Parlour does not know.' in said
    assert 'bare.json is damaged: it is no whole chat.' in said
    assert 'number.json is damaged: it is no whole chat.' in said
    assert 'deep.json is damaged: lists in it are nested more than 200 deep.' in said
    assert 'Its time, 0001-01-01T00:00:00+12:00, cannot be right.' in said
    assert '1 of its 4 messages cannot be read by this version of Parlour.' in said
    assert all(each.updated_at.astimezone() for each in here.catalog.summaries)


async def test_a_file_that_did_not_come_along_gives_no_access_to_one_that_is_here(
    here: DataFolder, tmp_path: Path
) -> None:
    cat = await write_cat(here)
    tables = dict((await here.whole.read(cat)).tables)
    record = tables['record']['1'] | {'conversation_id': '11111111-0000-4000-8000-000000000000'}
    chat = {'_meta': {'1': {'format_version': 1}}} | tables | {'record': {'1': record}}
    (tmp_path / 'chat.json').write_text(json.dumps(chat))
    job = await imported(here, tmp_path / 'chat.json')
    assert job.result.missing_files == 1
    stored = (here.path / 'conversations' / f'{record["conversation_id"]}.json').read_text()
    assert (await here.attachments.save('cat', PICTURE)).blob not in stored


def said(number: int, parent: int | None, text: str, *, minute: int = 0) -> ImportedMessage:
    """A message of another program; even ones ask."""
    message = (
        ModelResponse(parts=[TextPart(text)]) if number % 2 else ModelRequest(parts=[UserPromptPart(text)])
    )
    return ImportedMessage(
        id=str(number),
        parent_id=None if parent is None else str(parent),
        message=message,
        time=datetime(2025, 5, 5, 5, minute, tzinfo=UTC),
    )


def foreign(*messages: ImportedMessage, minute: int = 0) -> ImportedChat:
    return ImportedChat(
        source='elsewhere',
        id='7',
        title='There',
        updated_at=datetime(2025, 5, 5, 5, minute, tzinfo=UTC),
        messages=messages,
    )


async def test_a_chat_that_has_grown_elsewhere_grows_here(here: DataFolder) -> None:
    """What was written here stays shown; what was changed there becomes a version, once."""
    first = prepared(foreign(said(0, None, 'Hello?'), said(1, 0, 'Hello.')), 'Elsewhere')
    await here.whole.put(first.tables, expected_revision=None)
    ours = await here.whole.read(first.id)
    assert is_known(ours, first)
    assert here.catalog.summaries[0].updated_at == datetime(2025, 5, 5, 5, 0, tzinfo=UTC)
    grown = prepared(
        foreign(said(0, None, 'Hello?'), said(1, 0, 'Hi!'), said(2, 1, 'And?', minute=3), minute=3),
        'Elsewhere',
    )
    assert grown.id == first.id
    tables = merged(ours, grown)
    assert tables
    assert len(tables['entries']) == 2
    await here.whole.put(tables, expected_revision=ours.record['revision'])
    both = await here.whole.read(first.id)
    assert [text_of(message) for message in both.messages] == ['Hello?', 'Hi!', 'And?']
    assert both.record['branches'] == [ours.record['head_id']]
    assert is_known(both, grown)
    assert merged(both, grown) is None
    conversation = await here.conversations.load(first.id)
    assert conversation
    conversation.messages.append(ModelResponse(parts=[TextPart('Mine.')]))
    await here.conversations.save(conversation)
    more = prepared(
        foreign(said(0, None, 'Hello?'), said(1, 0, 'Hi!'), said(3, 0, 'Third', minute=4), minute=4),
        'Elsewhere',
    )
    after = await here.whole.read(first.id)
    tables = merged(after, more)
    assert tables
    assert tables['record']['1']['head_id'] == after.record['head_id']


async def test_a_message_is_known_though_another_version_before_it_was_deleted_there(
    here: DataFolder,
) -> None:
    """Or moved: what says where it stands among them is no part of what it is."""
    question, first, second = said(0, None, 'Hello?'), said(1, 0, 'Hello.'), said(3, 0, 'Hi.', minute=1)
    before = prepared(foreign(question, first, second, minute=1), 'Elsewhere')
    await here.whole.put(before.tables, expected_revision=None)
    ours = await here.whole.read(before.id)
    assert merged(ours, prepared(foreign(question, second, minute=2), 'Elsewhere')) is None
    assert merged(ours, prepared(foreign(question, second, first, minute=2), 'Elsewhere')) is None
    grown = prepared(foreign(question, second, said(4, 3, 'And?', minute=3), minute=3), 'Elsewhere')
    tables = merged(ours, grown)
    assert tables
    [added] = tables['entries'].values()
    assert ours.entries[added['parent_id']]['message']['parts'][0]['content'] == 'Hi.'


def text_of(message: ModelRequest | ModelResponse) -> str:
    return ''.join(str(part.content) for part in message.parts if isinstance(part, UserPromptPart | TextPart))


async def test_chats_without_an_id_or_a_time_are_told_apart_by_what_is_said(
    here: DataFolder, tmp_path: Path
) -> None:
    """One that begins as another and goes on otherwise is a chat of its own; a longer copy is the same."""
    hello = ['Hi', 'Hello! How can I help?']
    chats = [[*hello, 'Bread?', 'Flour.'], [*hello, 'Tea?', 'Water.'], ['Hi', 'Hey.'], [*hello]]
    path = tmp_path / 'chats.jsonl'

    def write(*chats: list[str]) -> None:
        roles = ['user', 'assistant'] * 3
        lines = [
            [{'role': role, 'content': text} for role, text in zip(roles, chat, strict=False)]
            for chat in chats
        ]
        path.write_text('\n'.join(json.dumps({'messages': each}) for each in lines))

    write(*chats)
    assert result_lines((await imported(here, path)).result) == ['3 chats imported, 1 here already.']
    write(*chats[:2], [*chats[2], 'And?'])
    assert result_lines((await imported(here, path)).result) == ['1 updated, 2 here already.']


def test_ids_sort_as_versions_were_made() -> None:
    """And are the same at each look, also in a longer copy."""
    answers = [said(number, 0, f'{number}', minute=9 - number) for number in (1, 3, 5)]
    chat = prepared(foreign(said(0, None, 'Q'), *answers), 'Elsewhere')
    by_text = {each['message']['parts'][0]['content']: key for key, each in chat.tables['entries'].items()}
    assert sorted(['1', '3', '5'], key=lambda text: by_text[text]) == ['5', '3', '1']
    longer = prepared(foreign(said(0, None, 'Q'), *answers, said(7, 0, '7', minute=30)), 'Elsewhere')
    assert set(chat.tables['entries']) < set(longer.tables['entries'])


@pytest.mark.parametrize('year', [1, 1969, 1970, 2242, 9999])
def test_times_that_nobody_can_have_meant_are_not_known(year: int) -> None:
    message = replace(said(0, None, 'Hello?'), time=datetime(year, 1, 1, tzinfo=UTC))
    chat = prepared(replace(foreign(message), updated_at=None), 'Elsewhere')
    assert chat.updated_at == datetime(1970, 1, 2, tzinfo=UTC)
    assert chat.updated_at + timedelta(1)


def test_files_of_other_programs_are_described_as_ours() -> None:
    """One without bytes is one that is lost: its name is all that there is of it."""
    contents = [BinaryContent(b'', media_type='image/png', identifier=each) for each in ('a', 'b')]
    message = ModelRequest(parts=[UserPromptPart(['See', *contents])])
    files = {
        'a': ImportedFile(name='a.webp', open=lambda: io.BytesIO(PICTURE)),
        'b': ImportedFile(name='lost.pdf'),
    }
    chat = prepared(
        foreign(ImportedMessage(id='0', parent_id=None, message=message, files=files)), 'Elsewhere'
    )
    assert chat.missing_files == ['lost.pdf']
    [(key, file)] = chat.files.items()
    assert file.name == 'a.webp'
    [entry] = chat.tables['entries'].values()
    stored = Attachment(blob='f' * 64, name='a.webp', media_type='image/png', size=len(PICTURE))
    message_json = filled_entry(entry, {key: (stored, b'')})['message']
    [_, picture, lost] = message_json['parts'][0]['content']
    assert (picture['blob'], picture['identifier'], picture['media_type']) == (
        'f' * 64,
        'a.webp',
        'image/png',
    )
    assert (lost['data'], lost['identifier'], lost.get('blob')) == ('', 'lost.pdf', None)
    assert [each['name'] for each in message_json['metadata']['attachments']] == ['a.webp', 'lost.pdf']


@pytest.fixture
async def grown(here: DataFolder, archive: Path, tmp_path: Path) -> str:
    """The id of a chat that is imported, and has grown where it comes from: see `later.zip`."""
    async with store_in(tmp_path / 'there') as there:
        chat = there.catalog.summaries[0].conversation_id
        await imported(here, archive)
        conversation = await there.conversations.load(chat)
        assert conversation
        conversation.messages.append(ModelRequest(parts=[UserPromptPart('Later')]))
        await there.conversations.save(conversation)
        (tmp_path / 'later.zip').write_bytes(await exported(there, 'zip', chat))
    return chat


async def test_a_chat_that_is_open_by_now_is_not_taken_back(
    here: DataFolder, grown: str, tmp_path: Path
) -> None:
    opened = set[str]()
    imports = Imports(here, is_open=opened.__contains__)
    job = imports.begin([tmp_path / 'later.zip'])
    await ended(imports)
    imports.start()
    await ended(imports)
    opened.add(grown)
    assert await job.undo() == 1
    assert b'Later' in await exported(here, 'openai', grown)


async def test_a_chat_that_is_opened_while_it_is_imported_is_left_alone(
    here: DataFolder, grown: str, tmp_path: Path
) -> None:
    is_open = iter([False, False, True])  # at the first look, at the second, and before it is stored
    imports = Imports(here, is_open=lambda _: next(is_open))
    job = imports.begin([tmp_path / 'later.zip'])
    await ended(imports)
    imports.start()
    await ended(imports)
    assert job.result.states == {'failed': 1}
    assert any('was changed in this moment' in line for line in problem_lines(job.result))
    assert b'Later' not in await exported(here, 'openai', grown)


async def test_an_open_chat_is_left_alone(here: DataFolder, grown: str, tmp_path: Path) -> None:
    job = await imported(here, tmp_path / 'later.zip', opened=grown)
    assert 'Close the page, then import again.' in result_lines(job.result)[-1]
    assert not job.result.is_complete
    before = await exported(here, 'openai', grown)

    def fails(_: str) -> bool:
        raise LookupError

    imports = Imports(here, is_open=fails)
    job = imports.begin([tmp_path / 'later.zip'])
    await ended(imports)
    assert (job.state, job.failure) == ('failed', 'Something went wrong. See the log for details.')
    job = await imported(here, tmp_path / 'later.zip')
    assert job.result.states == {'changed': 1}
    assert b'Later' in await exported(here, 'openai', grown)
    assert await job.undo() == 0
    assert await exported(here, 'openai', grown) == before
