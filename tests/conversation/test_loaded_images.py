"""Images of the web in an answer: loaded once when somebody wants to see them, and kept with the answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from chat.conversation.content.turns import blobs_in
from chat.conversation.image_loader import ImageLoader
from chat.conversation.live_conversation import LiveConversation
from chat.errors import AttachmentRefused, FetchFailed, TurnMissing
from chat.store.data_folder import DataFolder, open_store
from tests.support.files import png
from tests.support.scripted import ScriptedModels, registry_with, saying, wait_until_answered
from tests.support.web_server import Page, WebServer

AVIF = b'\0\0\0\x20ftypavif' + b'\0' * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    folder = await open_store(tmp_path)
    yield folder
    await folder.close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer({'/cat.png': Page(body=png()), '/cat.avif': Page(body=AVIF)}) as server:
        yield server


@pytest.fixture
async def loader(folder: DataFolder, web: WebServer) -> AsyncIterator[ImageLoader]:
    loader = ImageLoader(web.fetcher())
    yield loader
    await loader.close()


@pytest.fixture
async def live(folder: DataFolder) -> LiveConversation:
    """A chat with an answer."""
    live = registry_with(ScriptedModels(saying('A picture')), folder.conversations).new()
    live.send('Show me')
    await wait_until_answered(live)
    return live


def entry(live: LiveConversation) -> str:
    return live.turns[0].first_answer_entry_id


async def test_it_is_fetched_once_and_there_after_a_restart(
    live: LiveConversation, folder: DataFolder, web: WebServer, loader: ImageLoader, tmp_path: Path
) -> None:
    """Whoever sees the chat may see the file; what nobody names any more is removed, and this is not."""
    url = f'{web.url}/cat.png'
    await asyncio.gather(*(loader.load(live, entry(live), url) for _ in range(3)))
    assert web.paths == ['/cat.png']
    blob = sha256(png()).hexdigest()
    await folder.close()
    again = await open_store(tmp_path)
    assert await again.conversations.collect_blobs() == 0
    reopened = await registry_with(ScriptedModels(saying('')), again.conversations).open(live.id)
    assert reopened.turns[0].answer_parts[0].images == {url: blob}
    assert blobs_in(reopened.turns) == {blob}
    file = await again.attachments.get(blob)
    assert file
    assert file.media_type == 'image/png'
    await again.close()


async def test_a_fork_has_the_images_of_what_it_shares(
    live: LiveConversation, folder: DataFolder, web: WebServer, loader: ImageLoader
) -> None:
    await loader.load(live, entry(live), f'{web.url}/cat.png')
    registry = registry_with(ScriptedModels(saying('')), folder.conversations)
    live = await registry.open(live.id)
    fork = await registry.fork(live, live.turns[0].answer_entry_id)
    assert fork.turns[0].images == live.turns[0].images
    without = await registry.fork(live, live.turns[0].prompt_entry_id)
    assert without.metadata.images == {}


async def test_it_goes_with_its_version_of_the_answer(
    live: LiveConversation, folder: DataFolder, web: WebServer, loader: ImageLoader, tmp_path: Path
) -> None:
    """Other versions have no images of it; once it is deleted, the file is too."""
    await loader.load(live, entry(live), f'{web.url}/cat.png')
    live.regenerate()
    await wait_until_answered(live)
    assert live.turns[0].images == {}
    await live.switch(live.turns[0].id, 'answer', -1)
    assert live.turns[0].images
    (file,) = (tmp_path / 'blobs').iterdir()
    await live.delete_version(live.turns[0].id, 'answer', live.turns[0].answer_entry_id)
    assert live.metadata.images == {}
    await folder.close()
    assert not file.exists()


async def test_it_is_not_shown_in_an_answer_that_was_erased_meanwhile(
    live: LiveConversation, web: WebServer, loader: ImageLoader
) -> None:
    gone = entry(live)
    live.regenerate()
    await wait_until_answered(live)
    await live.switch(live.turns[0].id, 'answer', -1)
    await live.delete_version(live.turns[0].id, 'answer', live.turns[0].answer_entry_id)
    with pytest.raises(TurnMissing):
        await loader.load(live, gone, f'{web.url}/cat.png')
    assert live.metadata.images == {}


@pytest.mark.parametrize('body', [SVG, b'<!doctype html><p>hello', b'', b'\0\1\2', b'%PDF-1.4\n'])
async def test_what_is_no_picture_is_not_kept(
    live: LiveConversation, web: WebServer, loader: ImageLoader, tmp_path: Path, body: bytes
) -> None:
    """Whatever its server says it is."""
    web.pages['/cat.png'] = Page(body=body, headers={'Content-Type': 'image/png'})
    with pytest.raises(FetchFailed, match='This is no picture'):
        await loader.load(live, entry(live), f'{web.url}/cat.png')
    assert live.metadata.images == {}
    assert list((tmp_path / 'blobs').iterdir()) == []


async def test_one_that_failed_can_be_tried_again(
    live: LiveConversation, web: WebServer, loader: ImageLoader
) -> None:
    page = web.pages.pop('/cat.png')
    with pytest.raises(FetchFailed, match='404'):
        await loader.load(live, entry(live), f'{web.url}/cat.png')
    web.pages['/cat.png'] = page
    await loader.load(live, entry(live), f'{web.url}/cat.png')
    assert len(live.turns[0].images) == 1


async def test_avif_is_shown_and_not_sent_to_models(
    live: LiveConversation, folder: DataFolder, web: WebServer, loader: ImageLoader
) -> None:
    await loader.load(live, entry(live), f'{web.url}/cat.avif')
    (blob,) = live.turns[0].images.values()
    file = await folder.attachments.get(blob)
    assert file
    assert file.media_type == 'image/avif'
    with pytest.raises(AttachmentRefused):
        await folder.attachments.save('cat.avif', AVIF)
