"""Servers that were added are there tomorrow; what cannot be read costs no start, and nothing else."""

import json
import logging
from pathlib import Path

import pytest
from pydantic import SecretStr
from tinydb import TinyDB

from chat.agent.added_servers import AddedServer, AddedServers, ServerDescription
from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.entries import StoredServer
from chat.store.data_folder import DataFolder
from tests.store.store_samples import store_in
from tests.store.test_api_key_store import texts_in
from tests.support.keyrings import WorkingKeyring, using

ATTIC = AddedServer(name='Attic', url='http://one/v1')
SECRET = 'sk-7e4f0d7a91c2'


async def added_in(folder: DataFolder) -> AddedServers:
    keys = ApiKeys({}, folder.api_keys)
    await keys.read()
    return AddedServers(await folder.servers.read(), store=folder.servers, keys=keys)


async def test_what_was_added_is_there_again_and_what_was_removed_is_not(tmp_path: Path) -> None:
    with using(drawer := WorkingKeyring()):
        async with store_in(tmp_path) as folder:
            added = await added_in(folder)
            await added.save(ServerDescription(name='Attic', address='http://one/v1/', key=SecretStr(SECRET)))
            await added.save(ServerDescription(name='box', address='two:8000'))
        async with store_in(tmp_path) as folder:
            added = await added_in(folder)
            told = [(server.prefix, server.url, server.api_key) for server in added.servers]
            assert told == [('Attic', 'http://one/v1', SECRET), ('box', 'http://two:8000', None)]
            await added.remove('attic')
        assert drawer.passwords == {}
        async with store_in(tmp_path) as folder:
            assert [server.name for server in await folder.servers.read()] == ['box']


async def test_no_file_but_that_of_keys_has_a_key_or_a_password(tmp_path: Path) -> None:
    async with store_in(tmp_path) as folder:
        added = await added_in(folder)
        await added.save(ServerDescription(name='Attic', address='http://one/v1', key=SecretStr(SECRET)))
        await added.save(ServerDescription(name='box', address='http://anna:s3cret-word@two'))
    for secret in (SECRET, 's3cret-word'):
        assert [name for name, text in texts_in(tmp_path).items() if secret in text] == ['keys.json']
    assert (tmp_path / 'servers.json').stat().st_mode & 0o777 == 0o600
    async with store_in(tmp_path) as folder:
        assert [server.password for server in (await added_in(folder)).servers] == ['', 'anna:s3cret-word']


async def test_it_is_a_tinydb_file(tmp_path: Path) -> None:
    async with store_in(tmp_path) as folder:
        await folder.servers.put(ATTIC)
    with TinyDB(tmp_path / 'servers.json') as database:
        table = database.table('servers')  # pyright: ignore[reportUnknownMemberType]  # it is not typed
        table.document_id_class = str  # pyright: ignore[reportAttributeAccessIssue]  # TinyDB says int
        assert table.all() == [{'name': 'Attic', 'url': 'http://one/v1'}]


@pytest.mark.parametrize('content', [b'{"servers": {', b'', b'[]', b'\xff\xfe', b'{"servers": []}', b'7'])
async def test_a_file_that_makes_no_sense_is_said_and_kept(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / 'servers.json').write_bytes(content)
    async with store_in(tmp_path) as folder:
        assert await folder.servers.read() == []
        if content:  # an empty one has nothing to lose
            sentence = 'servers.json is invalid and was set aside as servers.json.corrupt.'
            assert folder.servers.trouble == sentence
            assert sentence in caplog.text
            assert (tmp_path / 'servers.json.corrupt').read_bytes() == content
        await folder.servers.put(ATTIC)
        assert await folder.servers.read() == [ATTIC]
        assert folder.servers.trouble == ''


@pytest.mark.parametrize(
    'document',
    [
        *({}, {'name': 'box'}, {'name': 7, 'url': 'http://x'}, {'name': 'box', 'url': 'ftp://x'}),
        *({'name': 'other', 'url': 'http://x'}, {'name': 'b:x', 'url': 'http://x'}),
    ],
)
async def test_one_that_makes_no_sense_costs_no_other(
    tmp_path: Path, document: object, caplog: pytest.LogCaptureFixture
) -> None:
    text = json.dumps(
        {'servers': {'box': document, 'attic': {'name': 'Attic', 'url': 'http://one/v1', 'more': 1}}}
    )
    (tmp_path / 'servers.json').write_text(text)
    with caplog.at_level(logging.WARNING):
        async with store_in(tmp_path) as folder:
            assert await folder.servers.read() == [ATTIC]
    assert 'box in the stored servers.json is invalid' in caplog.text


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    text = json.dumps({'_meta': {'1': {'format_version': 2}}, 'servers': {'attic': {'of': 'tomorrow'}}})
    (tmp_path / 'servers.json').write_text(text)
    async with store_in(tmp_path) as folder:
        assert await folder.servers.read() == []
        assert folder.servers.trouble == 'servers.json was written by a newer version of Parlour.'
        with pytest.raises(OSError, match='newer version'):
            await folder.servers.put(ATTIC)
    assert (tmp_path / 'servers.json').read_text() == text


async def test_a_command_in_the_file_of_servers_of_tools_is_not_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What the page writes holds addresses only, whoever has edited it; what makes no sense is left out."""
    written = {
        'web': {'name': 'Web', 'url': 'http://one/mcp', 'command': 'touch', 'args': ['x']},
        'bad': {'name': 'bad', 'url': 'touch x'},
        'odd': {'name': 'other', 'url': 'http://one/mcp'},
    }
    (tmp_path / 'mcp_servers.json').write_text(json.dumps({'mcp_servers': written}))
    async with store_in(tmp_path) as folder:
        with caplog.at_level(logging.WARNING):
            assert await folder.mcp_servers.read() == [StoredServer(name='Web', url='http://one/mcp')]
    assert 'bad in the stored mcp_servers.json is invalid and is ignored' in caplog.text
