"""Attachments over HTTP: taken in within limits, served as bytes that no browser runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.conversation.content.attachments import MAX_ATTACHMENT_BYTES
from chat.conversation.temporary.temporary_chats import TemporaryChats
from chat.documents.reader import DocumentReader
from chat.server.files import CanViewFile, file_routes
from chat.server.security.authentication import put_session
from chat.sharing.access import Guest, Owner, Session, Visitor
from chat.sharing.uploads import MAX_PENDING_FILES, Uploads
from chat.storage import Storage
from chat.store.data_folder import DataFolder, open_store
from tests.support.files import PDF, png
from tests.support.memory_storage import MemoryStorage
from tests.support.scripted import ScriptedModels, registry_with, saying

OCTETS = {'Content-Type': 'application/octet-stream'}
SCRIPT = b'<!doctype html><script>alert(1)</script>'


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    folder = await open_store(tmp_path)
    yield folder
    await folder.close()


async def everybody(_: Request, __: str) -> bool:
    return True


@pytest.fixture
async def client(folder: DataFolder) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited_by(Owner(), routes(folder, everybody)) as client:
        yield client


async def nothing_ends(_: str) -> None:
    """There is no chat that is left."""


def routes(folder: Storage, may_see: CanViewFile, temporary: TemporaryChats | None = None) -> FastAPI:
    app = FastAPI()
    temporary = temporary or TemporaryChats(end=nothing_ends)
    app.include_router(file_routes(folder.attachments, Uploads(), may_see, temporary, DocumentReader()))
    return app


def visited_by(visitor: Visitor, app: ASGIApp) -> httpx2.AsyncClient:
    """A client whose requests are those of this visitor, as the guard would say."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        put_session(scope, Session(id='browser', visitor=visitor))
        await app(scope, receive, send)

    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=guarded), base_url='http://parlour')


async def post(client: httpx2.AsyncClient, name: str, content: bytes) -> httpx2.Response:
    return await client.post('/files/', params={'name': name}, content=content, headers=OCTETS)


async def upload(client: httpx2.AsyncClient, name: str, content: bytes) -> dict[str, str]:
    answer = await post(client, name, content)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_what_was_uploaded_is_served(client: httpx2.AsyncClient) -> None:
    kept = await upload(client, 'Kätzchen.png', png())
    assert (kept['name'], kept['media_type'], kept['size']) == ('Kätzchen.png', 'image/png', len(png()))
    answer = await client.get(f'/files/{kept["blob"]}')
    assert (answer.content, answer.headers['content-type']) == (png(), 'image/png')


@pytest.mark.parametrize(
    ('name', 'content', 'media_type', 'disposition'),
    [
        ('page.html', SCRIPT, 'text/plain; charset=utf-8', 'inline'),
        ('cat.svg', b'<svg onload="alert(1)"/>', 'text/plain; charset=utf-8', 'inline'),
        ('cat.png', png(), 'image/png', 'inline'),
        ('a.pdf', PDF, 'application/pdf', 'attachment'),
    ],
)
async def test_nothing_that_is_served_can_run(
    client: httpx2.AsyncClient, name: str, content: bytes, media_type: str, disposition: str
) -> None:
    """Whatever its name says; and a browser keeps it for itself."""
    kept = await upload(client, name, content)
    headers = (await client.get(f'/files/{kept["blob"]}')).headers
    assert (headers['content-type'], headers['content-disposition']) == (media_type, disposition)
    assert headers['x-content-type-options'] == 'nosniff'
    assert headers['content-security-policy'].startswith("default-src 'none'")
    assert 'sandbox' in headers['content-security-policy']
    assert headers['cache-control'].startswith('private')


@pytest.mark.parametrize('content', [png() + bytes(5000), PDF, SCRIPT])
async def test_a_storage_without_files_serves_the_same(client: httpx2.AsyncClient, content: bytes) -> None:
    """In pieces, as it gives them out; only what the disk alone knows, such as a time, is missing."""
    async with visited_by(Owner(), routes(MemoryStorage(), everybody)) as other:
        kept = await upload(other, 'x', content)
        assert kept == await upload(client, 'x', content)
        served = await other.get(f'/files/{kept["blob"]}')
        assert (await other.get('/files/x')).status_code == 404
    of_disk = await client.get(f'/files/{kept["blob"]}')
    assert (served.status_code, served.content) == (200, content)
    assert dict(served.headers).items() <= dict(of_disk.headers).items()
    assert of_disk.headers.keys() - served.headers.keys() <= {'accept-ranges', 'last-modified', 'etag'}


async def test_bytes_that_are_nothing_in_particular_are_only_downloaded(
    client: httpx2.AsyncClient, folder: DataFolder
) -> None:
    """A model may have made a file of any kind."""
    name = folder.conversations.blobs.put(b'PK\x03\x04zip')
    headers = (await client.get(f'/files/{name}')).headers
    assert headers['content-type'] == 'application/octet-stream'
    assert headers['content-disposition'] == 'attachment'


@pytest.mark.parametrize('blob', ['0' * 64, 'x', '..%2f..%2fsettings.json', 'F' * 64])
async def test_there_is_no_such_file(client: httpx2.AsyncClient, blob: str) -> None:
    assert (await client.get(f'/files/{blob}')).status_code == 404


async def test_who_may_not_see_a_file_cannot_tell_whether_it_is_there(folder: DataFolder) -> None:
    async def nobody(_: Request, __: str) -> bool:
        return False

    kept = await folder.attachments.save('cat.png', png())
    async with visited_by(Owner(), routes(folder, nobody)) as client:
        there = await client.get(f'/files/{kept.blob}')
        not_there = await client.get(f'/files/{"0" * 64}')
    assert (there.status_code, there.json()) == (404, not_there.json())


async def test_other_kinds_are_refused_with_the_reason(client: httpx2.AsyncClient) -> None:
    answer = await client.post('/files/', params={'name': 'x.zip'}, content=b'PK\x03\x04', headers=OCTETS)
    assert answer.status_code == 422
    assert answer.json()['detail'].startswith("x.zip can't be attached.")


async def test_a_form_of_another_site_uploads_nothing(client: httpx2.AsyncClient, folder: DataFolder) -> None:
    for simple in ('text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'):
        answer = await client.post('/files/', content=b'text', headers={'Content-Type': simple})
        assert answer.status_code == 415
    assert folder.conversations.blobs.names() == set()


async def test_no_more_is_read_than_a_file_may_have(client: httpx2.AsyncClient, folder: DataFolder) -> None:
    """Also when the request does not say how long it is."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10 * MAX_ATTACHMENT_BYTES:
            sent += 1_000_000
            yield b'x' * 1_000_000

    for content in (endless(), b'x' * (MAX_ATTACHMENT_BYTES + 1)):
        answer = await client.post('/files/', params={'name': 'x'}, content=content, headers=OCTETS)
        assert answer.status_code == 422
        assert '(files: up to 20 MB)' in answer.json()['detail']
    assert sent <= MAX_ATTACHMENT_BYTES + 2_000_000
    assert folder.conversations.blobs.names() == set()


async def test_a_guest_leaves_only_so_many_files_about(folder: DataFolder) -> None:
    """What is refused for another reason does not count, nor what another guest uploads, nor the owner's."""
    app = routes(folder, everybody)
    guests = [
        Guest(conversation_id='c', permission='write', name=name, session_id=name) for name in ('Ann', 'Ben')
    ]
    async with visited_by(guests[0], app) as ann, visited_by(guests[1], app) as ben:
        for number in range(MAX_PENDING_FILES):
            assert (await post(ann, 'x.zip', b'PK\x03\x04')).status_code == 422
            await upload(ann, 'note.txt', f'Number {number}'.encode())
        refused = await post(ann, 'note.txt', b'One more')
        await upload(ben, 'note.txt', b'Of Ben')
    assert refused.status_code == 429
    assert 'wait an hour' in refused.json()['detail']
    async with visited_by(Owner(), app) as owner:
        for number in range(MAX_PENDING_FILES + 1):
            await upload(owner, 'note.txt', f'Number {number}'.encode())


async def test_a_file_of_a_temporary_chat_is_in_memory_and_no_guest_puts_one_there(
    folder: DataFolder,
) -> None:
    """Nor does a browser keep it."""
    registry = registry_with(ScriptedModels(saying('Yes.')))
    live = registry.new()
    registry.temporary.begin(live)
    app, chat = routes(folder, everybody, registry.temporary), {'chat': live.id}
    async with visited_by(Owner(), app) as owner:
        answer = await owner.post('/files/', params=chat, content=b'Hush', headers=OCTETS)
        assert answer.status_code == 201
        served = await owner.get(f'/files/{answer.json()["blob"]}')
        assert (served.content, served.headers['cache-control']) == (b'Hush', 'no-store')
        ended = await owner.post('/files/', params={'chat': 'gone'}, content=b'Hush', headers=OCTETS)
        assert (ended.status_code, ended.json()['detail']) == (422, 'This temporary chat has ended.')
    async with visited_by(
        Guest(conversation_id='c', permission='write', name='Ann', session_id='a'), app
    ) as guest:
        refused = await guest.post('/files/', params=chat, content=b'Mine', headers=OCTETS)
    assert refused.status_code == 404
    assert folder.conversations.blobs.names() == set()
