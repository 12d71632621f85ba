"""Files with a message: sent, shown in the turn, and kept."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from playwright.async_api import FilePayload, expect

from tests.documents.made import HEIC, REPORT, scan
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.files import PDF, png
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.replies import two_halves

CAT = png(640, 400)
LOST = PDF + b'\n'
NOTES = '# Notes\n\nGrüße'.encode()


def file(name: str, content: bytes) -> FilePayload:
    return {'name': name, 'mimeType': '', 'buffer': content}


def parts(request: dict[str, Any]) -> list[dict[str, Any]]:
    """What the last message to the provider consists of."""
    return list(request['messages'][-1]['content'])


async def attach(chat: ChatPage, *files: FilePayload) -> None:
    """Pick files, and wait until they are uploaded."""
    await chat.picker.set_input_files(files)
    await expect(chat.attachments).to_have_count(len(files))
    await expect(chat.page.locator('.uploading')).to_have_count(0)


async def test_images_pdf_and_text_reach_the_model(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    await chat.open(app.url)
    await attach(chat, file('cat.png', CAT), file('a.pdf', PDF), file('notes.md', NOTES))
    await chat.send('What are these?')
    await chat.expect_state('done')
    text, image, pdf, notes = parts(provider.requests[0])
    assert text['text'] == 'What are these?'
    assert image['image_url'] == {'url': f'data:image/png;base64,{b64encode(CAT).decode()}'}
    assert b64encode(PDF).decode() in str(pdf['file'])
    assert 'Grüße' in notes['text']
    assert 'notes.md' in notes['text']
    await expect(chat.attachments).to_have_count(0)


async def test_a_document_reaches_the_model_as_text_and_a_picture_of_a_phone_as_one_it_reads(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """Its chip says how long it is, before and after it is sent; what is downloaded is the document."""
    await chat.open(app.url)
    await attach(chat, file('report.docx', REPORT), file('IMG_1.heic', HEIC))
    await expect(chat.attachments.first).to_contain_text('Word, 2 pages, about 20 tokens')
    await expect(chat.attachments.last).to_contain_text('IMG_1.jpg')
    await chat.picker.set_input_files([file('fax.tif', scan(9))])
    await expect(chat.attachments).to_have_count(10)
    await expect(chat.page.get_by_role('alert')).to_have_text('A message can have up to 10 files.')
    await chat.send('What are these?')
    await chat.expect_state('done')
    _, text, picture, *_ = parts(provider.requests[0])
    assert '[Page 2]\nPears are late.' in text['text']
    assert picture['image_url']['url'].startswith('data:image/jpeg;base64,')
    shown = chat.turns('user').get_by_test_id('attachment').first
    await expect(shown).to_contain_text('Word, 2 pages, about 20 tokens')
    async with chat.page.expect_download() as downloading:
        await shown.click()
    download = await downloading.value
    assert await asyncio.to_thread((await download.path()).read_bytes) == REPORT


async def test_they_are_shown_in_the_turn_and_stay(
    start: StartApp, provider: Provider, open_chat: OpenChatPage, tmp_path: Path, watch: PageErrors
) -> None:
    """After a restart too, also what was not sent yet; a file that is lost is said in its place."""
    watch.expect_lost_connection()
    app, chat = await start(), await open_chat()
    kept = await sent_with(app, chat, file('cat.png', CAT), file('a.pdf', PDF))
    lost = await sent_with(app, chat, file('lost.pdf', LOST))
    await chat.open(app.url)
    await attach(chat, file('cat.png', CAT))
    await chat.composer.fill('About this')
    await chat.wait_until_saved()
    await chat.page.close()
    app.kill()
    (tmp_path / 'data' / 'blobs' / sha256(LOST).hexdigest()).unlink()
    app, chat = await start(), await open_chat()
    await chat.open(app.url)
    await expect(chat.attachments).to_contain_text('cat.png')
    await expect(chat.attachments.locator('img')).to_have_js_property('naturalWidth', 640)
    await expect(chat.composer).to_have_value('About this')
    await chat.open(app.url + kept)
    await can_be_looked_at(chat)
    await chat.send('And now?')
    await expect(chat.turns('assistant')).to_have_count(2)
    await chat.expect_state('done')
    assert b64encode(CAT).decode() in str(provider.requests[-1]['messages'])
    await chat.open(app.url + lost)
    await expect(chat.turns('user').get_by_test_id('attachment')).to_contain_text('file is missing')
    await chat.send('And now?')
    await expect(chat.turns('assistant')).to_have_count(2)
    await chat.expect_state('done')


async def sent_with(app: Parlour, chat: ChatPage, *files: FilePayload) -> str:
    """Begin a conversation with these files, and return its path."""
    await chat.open(app.url)
    await attach(chat, *files)
    await chat.send('What are these?')
    await chat.expect_state('done')
    return (await chat.address()).removeprefix(app.url)


async def can_be_looked_at(chat: ChatPage) -> None:
    """See that a picture opens large, and that another file can be downloaded."""
    shown = chat.turns('user').get_by_test_id('attachment')
    await expect(shown).to_have_count(2)
    await expect(shown.first.locator('img')).to_have_js_property('naturalWidth', 640)
    await shown.first.click()
    await expect(chat.page.locator('dialog.enlarged img')).to_be_visible()
    await chat.page.keyboard.press('Escape')
    await expect(chat.page.locator('dialog.enlarged')).to_have_count(0)
    async with chat.page.expect_download() as downloading:
        await shown.last.click()
    download = await downloading.value
    assert download.suggested_filename == 'a.pdf'
    assert await asyncio.to_thread((await download.path()).read_bytes) == PDF


async def test_a_question_with_files_can_do_without_words(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    await chat.open(app.url)
    await attach(chat, file('cat.png', CAT))
    await chat.send('What is this?')
    await chat.expect_state('done')
    question = chat.turns('user').last
    await question.get_by_test_id('edit').click()
    await question.get_by_test_id('edit-box').fill('')
    await question.get_by_test_id('edit-save').click()
    await expect(question.get_by_test_id('version-label')).to_have_text('2/2')
    await chat.expect_state('done')
    assert 'What is this?' not in str(provider.requests[-1]['messages'])
    assert b64encode(CAT).decode() in str(provider.requests[-1]['messages'])


async def test_files_wait_with_their_message_and_come_back_with_it(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    reply, gate = two_halves()
    provider.reply(reply)
    await chat.open(app.url)
    await chat.send('Hello')
    await chat.expect_answer('The first half')
    await chat.address()
    await attach(chat, file('cat.png', CAT))
    await chat.send('Look')
    await expect(chat.queued).to_have_text('Look')
    await chat.page.get_by_test_id('queued-edit').click()
    await expect(chat.attachments).to_contain_text('cat.png')
    await chat.composer.press('Enter')
    await expect(chat.queued).to_have_text('Look')
    gate.release()
    await expect(chat.turns('user')).to_have_count(2)
    await chat.expect_state('done')
    await expect(chat.turns('user').last.get_by_test_id('attachment')).to_have_count(1)
    assert b64encode(CAT).decode() in str(provider.requests[-1]['messages'][-1])


async def test_a_large_file_passes_the_guard_and_nothing_in_it_can_run(app: Parlour, chat: ChatPage) -> None:
    page = b'<!doctype html><script>alert(1)</script>' + b' ' * 900_000
    for name, content in (('page.html', page), ('a.pdf', PDF + b' ' * 5_000_000)):
        answer = await chat.page.request.post(
            f'{app.url}/files/',
            params={'name': name},
            data=content,
            headers={'Content-Type': 'application/octet-stream'},
        )
        assert answer.status == 201, await answer.text()
        shown = await chat.page.request.get(f'{app.url}/files/{(await answer.json())["blob"]}')
        assert 'sandbox' in shown.headers['content-security-policy']
        assert 'script' not in shown.headers['content-security-policy']
