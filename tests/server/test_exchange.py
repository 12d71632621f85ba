"""Chats over HTTP, as files: only the owner gets them out and in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from chat.exchange.export import Exports
from chat.exchange.uploads import ImportUploads
from chat.server.exchange import exchange_routes
from chat.sharing.access import Guest, Owner
from chat.store.data_folder import DataFolder
from tests.exchange.samples import write_cat
from tests.server.test_files import OCTETS, visited_by
from tests.store.store_samples import store_in

NAMES = ('a.zip', '../a.zip', 'a.zip', '.hidden/x', 'chats/b/c', '../../chats/d', '..', 'C:\\x\\y')


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    async with store_in(tmp_path) as folder:
        yield folder


async def test_the_owner_alone_gets_chats_out_and_in(folder: DataFolder) -> None:
    """A guest learns nothing of it; a page of another site cannot send such a type."""
    exports, uploads = Exports(folder.whole), ImportUploads(folder.path)
    app = FastAPI()
    app.include_router(exchange_routes(exports.get, uploads))
    export = exports.begin([await write_cat(folder)], 'html')
    upload_id = uploads.new()
    guest = Guest(session_id='s', conversation_id='c', name='Ann', permission='write')
    async with visited_by(guest, app) as client:
        assert (await client.get(f'/export/{export.id}')).status_code == 404
        query = {'upload_id': upload_id, 'name': 'a'}
        assert (await client.post('/import/', params=query, content=b'a', headers=OCTETS)).status_code == 404
    async with visited_by(Owner(), app) as client:
        page = await client.get(f'/export/{export.id}')
        assert page.headers['content-disposition'].endswith('A%20script%20cat%20script%201%202.html')
        assert page.headers['cache-control'] == 'no-store'
        assert (page.text[:15], export.state) == ('<!DOCTYPE html>', 'done')
        assert (await client.get('/export/other')).status_code == 404
        assert (await client.post('/import/', params=query, content=b'a')).status_code == 415
        for name in (
            'a.zip',
            '../a.zip',
            'a.zip',
            '.hidden/x',
            'chats/b/c',
            '../../chats/d',
            '..',
            'C:\\x\\y',
        ):
            answer = await client.post(
                '/import/', params=query | {'name': name}, content=b'abc', headers=OCTETS
            )
            assert answer.status_code == 201
        unknown = await client.post(
            '/import/', params=query | {'upload_id': 'x'}, content=b'a', headers=OCTETS
        )
        assert (unknown.status_code, 'Reload the page' in unknown.text) == (422, True)
    paths = uploads.paths(upload_id)
    assert sorted(path.name for path in paths) == [
        'C x y', 'a.zip', 'a.zip', 'a.zip', 'chats', 'file', 'hidden',
    ]  # fmt: skip
    written = [path for path in folder.path.glob('.import-*/**/*') if path.is_file()]
    assert len(written) == 8
    assert all(path.read_bytes() == b'abc' for path in written)
    chats = next(path for path in paths if path.name == 'chats')
    assert {path.name for path in chats.rglob('*')} == {'b', 'c', 'd'}
    uploads.remove(upload_id)
    assert not list(folder.path.glob('.import-*'))


def test_what_a_process_that_died_has_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / '.import-x').mkdir()
    (tmp_path / '.import-x' / 'a').write_bytes(b'a')
    ImportUploads(tmp_path).clean_up()
    assert not list(tmp_path.iterdir())
