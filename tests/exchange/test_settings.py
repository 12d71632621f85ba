"""Settings, assistants, prompts and servers go along with all chats, and come in beside what is there."""

import asyncio
import json
import zipfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from chat.agent.added_servers import ServerDescription
from chat.agent.mcp.entries import StoredServer
from chat.cli_exchange import export_chats, open_settings
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.conversation.content.waiting import AllowedTool
from chat.exchange.export import Exports
from chat.exchange.import_job import Import
from chat.exchange.imports import Imports
from chat.exchange.own_settings import OwnSettings
from chat.exchange.report import problem_lines, result_lines, summary_lines
from chat.store.data_folder import DataFolder
from tests.exchange.samples import ended, write_cat
from tests.store.store_samples import store_in

KEY, TOKEN, PATH_KEY = 'sk-do-not-tell', 'q-do-not-tell', 'q7Xz81Lm0pTe'
COOK = Assistant(id='cook', name='Cook', instructions='Cook.')


@dataclass(frozen=True, slots=True)
class Home:
    """A Parlour of somebody."""

    folder: DataFolder
    settings: OwnSettings

    async def read(self, path: Path) -> tuple[Imports, Import]:
        """Look at a file."""
        imports = Imports(self.folder, is_open=lambda _: False, settings=self.settings)
        job = imports.begin([path])
        await ended(imports)
        return imports, job


@asynccontextmanager
async def home(path: Path) -> AsyncGenerator[Home]:
    async with store_in(path) as folder:
        yield Home(folder, await open_settings(folder))


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """All of somebody who has set much, with keys and a passcode."""
    async with store_in(tmp_path / 'there') as folder:
        address = f'https://me:{KEY}@notes.example/mcp?token={TOKEN}'
        await folder.mcp_servers.put(StoredServer(name='notes', url=address))
        await folder.mcp_servers.put(StoredServer(name='zaps', url=f'https://zaps.example/s/{PATH_KEY}/mcp'))
    async with home(tmp_path / 'there') as there:
        settings = there.settings
        await write_cat(there.folder)
        await settings.library.assistants.put(COOK)
        await settings.library.prompts.put(SavedPrompt(id='p', name='Sum', text='Sum up {{what}}.'))
        await settings.preferences.folders.put(ChatFolder(id='f', name='Garden'))
        await settings.added.save(
            ServerDescription(name='attic', address='http://192.0.2.1:8000/v1', key=SecretStr(KEY))
        )
        await settings.preferences.update(
            lambda now: replace(
                now,
                instructions='Be brief.',
                send_key='mod-enter',
                model='attic:llama3',
                retention_days=1,
                allowed_tools=(AllowedTool(agent='', tool='rm'),),
            )
        )
        chats = [each.conversation_id for each in there.folder.catalog.summaries]
        export = Exports(there.folder.whole).begin(chats, 'zip', settings=settings.exported())
        path = tmp_path / 'all.zip'
        path.write_bytes(b''.join([piece async for piece in (await export.open()).content]))
        return path


async def test_an_export_of_all_has_no_key_and_nothing_that_gives_access(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        document = json.loads(opened.read('settings.parlour'))
        content = b''.join(opened.read(name) for name in opened.namelist()).decode('utf-8', 'replace')
    assert document['preferences'] == {
        'instructions': 'Be brief.',
        'send_key': 'mod-enter',
        'model': 'attic:llama3',
    }
    addresses = [each['url'] for each in document['mcp_servers']]
    assert addresses == ['https://notes.example/mcp', 'https://zaps.example/s/…/mcp']
    assert KEY not in content
    assert TOKEN not in content
    assert PATH_KEY not in content


async def test_the_command_line_exports_the_same(archive: Path, tmp_path: Path) -> None:
    """Also while Parlour runs: nothing in the folder is changed."""
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / 'there').iterdir()}
    output = tmp_path / 'again.zip'
    arguments = {'all': True, 'output': output}
    assert await asyncio.to_thread(export_chats, tmp_path / 'there', arguments) == 0
    with zipfile.ZipFile(archive) as one, zipfile.ZipFile(output) as other:
        assert json.loads(one.read('settings.parlour')) == json.loads(other.read('settings.parlour'))
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / 'there').iterdir()} == before


async def test_it_is_named_then_taken_over_and_taken_back(archive: Path, tmp_path: Path) -> None:
    async with home(tmp_path / 'here') as here:
        imports, job = await here.read(archive)
        assert problem_lines(job.found) == [
            'The MCP server “zaps” was left out: a part of its address may be a secret, which no export has. '
            'Add it in the settings.'
        ]
        assert summary_lines(job.found)[-6:] == [
            '1 assistant: Cook.',
            '1 saved prompt: Sum.',
            '1 folder: Garden.',
            '1 server: attic (http://192.0.2.1:8000/v1).',
            '1 MCP server: notes (https://notes.example/mcp).',
            'Settings: default model, system prompt, key that sends.',
        ]
        assert not here.settings.library.assistants.entries
        imports.start()
        await ended(imports)
        assert job.result.is_complete
        assert 'Taken over: 1 assistant: Cook.' in result_lines(job.result)
        assert here.settings.library.assistants.get('cook') == COOK
        assert here.settings.preferences.current.instructions == 'Be brief.'
        assert here.settings.preferences.current.retention_days == 0
        assert not here.settings.preferences.current.allowed_tools
        assert [each.prefix for each in here.settings.added.servers] == ['attic']
        again = (await here.read(archive))[1]
        assert not again.found.settings
        await here.settings.library.prompts.put(SavedPrompt(id='p', name='Sum', text='Mine.'))
        await job.undo()
        assert not here.settings.library.assistants.entries
        assert [each.text for each in here.settings.library.prompts.entries] == ['Mine.']
        assert not here.settings.added.servers
        assert not here.settings.mcp_servers.added
        assert here.settings.preferences.current.instructions == ''
    async with home(tmp_path / 'here') as here:
        assert not here.settings.library.assistants.entries


async def test_what_a_person_has_set_stays_and_is_named(archive: Path, tmp_path: Path) -> None:
    async with home(tmp_path / 'here') as here:
        mine = replace(COOK, instructions='Bake.')
        await here.settings.library.assistants.put(mine)
        await here.settings.added.save(ServerDescription(name='Attic', address='http://127.0.0.1:9'))
        await here.settings.preferences.update(lambda now: replace(now, instructions='Be kind.'))
        imports, job = await here.read(archive)
        said = problem_lines(job.found)
        assert 'The assistant “Cook” is here and differs: yours stays.' in said
        assert 'The server “attic” is here and differs: yours stays.' in said
        assert 'Your setting for the system prompt stays.' in said
        imports.start(takes_settings=False)
        await ended(imports)
        assert not here.settings.library.prompts.entries
        imports, job = await here.read(archive)
        imports.start()
        await ended(imports)
        assert here.settings.library.assistants.entries == [mine]
        assert here.settings.preferences.current.instructions == 'Be kind.'
        assert here.settings.preferences.current.send_key == 'mod-enter'
        assert len(here.settings.library.prompts.entries) == 1


async def test_what_cannot_be_taken_over_is_not_said_to_be(archive: Path, tmp_path: Path) -> None:
    odd = tmp_path / 'odd.zip'
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(odd, 'w') as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"attic"', b'"../attic"'))
    async with home(tmp_path / 'here') as here:
        await here.settings.preferences.update(lambda now: replace(now, instructions='Be kind.'))
        imports, job = await here.read(odd)
        imports.start()
        await ended(imports)
        assert not any('attic' in line for line in result_lines(job.result))
        said = '\n'.join(problem_lines(job.result))
        assert 'The server “../attic” was left out.' in said
        assert 'Your setting for the system prompt stays.' in said
        assert not job.result.is_complete


async def test_chats_that_go_to_the_trash_soon_are_named(archive: Path, tmp_path: Path) -> None:
    """An import of years of chats, where chats go after days, would vanish without a word."""
    old = tmp_path / 'old.zip'
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(old, 'w') as target:
        name = next(name for name in source.namelist() if name.endswith('.json'))
        chat = json.loads(source.read(name))
        chat['record']['1']['updated_at'] = '2024-01-02T00:00:00Z'
        target.writestr(name, json.dumps(chat))
        for file in source.namelist():
            if file.startswith('files/'):
                target.writestr(file, source.read(file))
    async with home(tmp_path / 'here') as here:
        _, job = await here.read(old)
        assert not problem_lines(job.found)
        await here.settings.preferences.update(lambda now: replace(now, retention_days=30))
        _, job = await here.read(archive)
        assert not any(' days' in line for line in problem_lines(job.found))
        imports, job = await here.read(old)
        assert [line[:38] for line in problem_lines(job.found)] == ['1 chat without a word for 30 days: the']
        imports.start()
        await ended(imports)
        assert problem_lines(job.result) == problem_lines(job.found)
        assert job.result.is_complete


async def test_an_import_in_which_the_process_died_is_taken_back(archive: Path, tmp_path: Path) -> None:
    async with home(tmp_path / 'here') as here:
        imports, job = await here.read(archive)
        imports.start()
        await ended(imports)
        document = (await here.folder.whole.imports())[job.id]
        await here.folder.whole.put_import(job.id, {**document, 'state': 'running'})
    async with home(tmp_path / 'here') as here:
        assert here.settings.library.assistants.entries == [COOK]
        await Imports(here.folder, is_open=lambda _: False, settings=here.settings).recover()
        assert not here.settings.library.assistants.entries
        assert here.settings.preferences.current.instructions == ''
        assert not here.folder.catalog.summaries


async def test_a_newer_file_is_named_and_the_chats_come(archive: Path, tmp_path: Path) -> None:
    newer = tmp_path / 'newer.zip'
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(newer, 'w') as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name,
                content.replace(b'"version": 1', b'"version": 2') if name == 'settings.parlour' else content,
            )
    async with home(tmp_path / 'here') as here:
        _, job = await here.read(newer)
        assert job.found.states == {'new': 1}
        assert not job.found.settings
        assert 'settings.parlour was written by a newer version' in ' '.join(problem_lines(job.found))


async def test_chats_come_into_the_folders_that_they_were_in(tmp_path: Path) -> None:
    """One of that name that is here is used; Undo takes those along that nobody has put a chat into."""
    chat = {'name': '', 'messages': [{'role': 'user', 'content': 'Oldest map?'}], 'model': None, 'prompt': ''}
    names = ['Maps', 'garden', 'Ponds']
    history = [{**chat, 'id': number, 'folderId': number} for number in range(3)]
    folders = [{'id': number, 'name': name, 'type': 'chat'} for number, name in enumerate(names)]
    path = tmp_path / 'history.json'
    path.write_text(json.dumps({'version': 4, 'history': history, 'folders': folders, 'prompts': []}))
    async with home(tmp_path / 'here') as here:
        collection = here.settings.preferences.folders
        await collection.put(ChatFolder(id='f', name='Garden'))
        imports, job = await here.read(path)
        assert summary_lines(job.found)[-1] == 'In 3 folders: Maps, garden, Ponds.'
        imports.start()
        await ended(imports)
        assert [each.name for each in collection.entries] == ['Garden', 'Maps', 'Ponds']
        placed = {each.folder for each in here.folder.catalog.summaries}
        assert placed == {each.id for each in collection.entries}
        own = await write_cat(here.folder)
        metadata = await here.folder.conversations.read_metadata(own)
        ponds = collection.entries[-1].id
        await here.folder.conversations.write_metadata(own, replace(metadata, folder=ponds))
        assert await job.undo() == 0
        assert [each.name for each in collection.entries] == ['Garden', 'Ponds']
