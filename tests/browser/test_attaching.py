"""How files come to a message: dropped, pasted, picked; checked before they leave, and removed again.

What is attached to the next chat belongs to all pages: a test that leaves something there has its own app.
"""

import asyncio
import re
from pathlib import Path

from playwright.async_api import Route, expect

from chat.conversation.content.attachments import MAX_ATTACHMENT_BYTES, MAX_TEXT_BYTES
from tests.browser.test_attachments import CAT, attach, file, parts
from tests.support.chat_page import ChatPage, request_messages
from tests.support.files import PDF, png
from tests.support.gestures import drop, paste
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.timeouts import WAIT_TIMEOUT

HOLD_READING = """() => {
    window.reading = [];
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = async function () {
        await new Promise((goOn) => window.reading.push(goOn));
        return read.call(this);
    };
}"""
"""Files whose first byte takes long, as on a drive that has to fetch them: each comes when it is let go."""


async def test_a_drop_anywhere_attaches_and_never_leads_away(
    own_app: Parlour, chat: ChatPage, watch: PageErrors
) -> None:
    watch.expect_error('404')
    await chat.open(own_app.url)
    assert await drop(chat.page.locator('.sidebar'), files={'cat.png': CAT})
    await expect(chat.attachments).to_contain_text('cat.png')
    assert await drop(chat.page.locator('.thread'), text='https://example.org/')
    assert not await drop(chat.composer, text='words for the box')
    await chat.page.goto(f'{own_app.url}/c/unknown')
    assert await drop(chat.page.locator('body'), files={'cat.png': CAT})


async def test_a_pasted_picture_is_attached_and_pasted_words_are_words(
    own_app: Parlour, chat: ChatPage
) -> None:
    """What an office program copies is both, and the words are meant; a file manager adds only a name."""
    await chat.open(own_app.url)
    await paste(chat.composer, files={'image.png': CAT})
    await expect(chat.attachments).to_have_count(1)
    await chat.composer.focus()
    await paste(chat.composer, text='a table', files={'image.png': png()})
    await expect(chat.composer).to_have_value('a table')
    await expect(chat.attachments).to_have_count(1)
    await paste(chat.composer, text='/home/me/dog.png', files={'dog.png': png(8, 8)})
    await expect(chat.attachments).to_have_count(2)
    await expect(chat.composer).to_have_value('a table')


async def paste_plain(chat: ChatPage, text: str) -> None:
    await chat.composer.dispatch_event('keydown', {'key': 'V', 'ctrlKey': True, 'shiftKey': True})
    await paste(chat.composer, text=text)


async def test_a_long_paste_becomes_a_file(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """With the keys that paste without formatting it stays in the box."""
    long = 'A line.\n' * 1000
    await chat.open(app.url)
    await chat.composer.focus()
    await paste(chat.composer, text=long)
    await expect(chat.attachments).to_contain_text('Pasted text.txt')
    await expect(chat.composer).to_have_value('')
    await paste_plain(chat, long)
    await expect(chat.composer).to_have_value(long)
    await chat.send('Sum it up')
    await chat.expect_state('done')
    _, asked = request_messages(provider.requests[0])[-1]
    assert long in asked


async def test_what_cannot_be_attached_is_refused_in_the_words_of_the_server(
    app: Parlour, chat: ChatPage, watch: PageErrors
) -> None:
    watch.expect_error('422')
    await chat.open(app.url)
    problem = chat.page.get_by_role('alert')
    for name, content, reason in (
        ('x.zip', b'PK\x03\x04' + bytes(100), "x.zip can't be attached"),
        ('log.txt', b'x' * (MAX_TEXT_BYTES + 1), 'log.txt is too large: 1 MB (text files: up to 1 MB)'),
        ('empty.txt', b'', 'empty.txt is empty'),
    ):
        await chat.picker.set_input_files([file(name, content)])
        await expect(problem).to_have_text(re.compile(f'^{re.escape(reason)}'))
    await chat.picker.set_input_files([file('x.zip', b'PK\x03\x04' + bytes(100)), file('empty.txt', b'')])
    await expect(problem).to_contain_text("x.zip can't be attached")
    await expect(problem).to_contain_text('empty.txt is empty')
    await expect(chat.attachments).to_have_count(0)


async def test_what_is_too_large_never_leaves(app: Parlour, chat: ChatPage, tmp_path: Path) -> None:
    """Nobody waits for the end of an upload to be told."""
    uploads: list[str] = []
    chat.page.on('request', lambda request: uploads.append(f'{request.method} {request.url}'))
    await chat.open(app.url)
    scan = tmp_path / 'scan.pdf'
    scan.write_bytes(PDF + bytes(MAX_ATTACHMENT_BYTES))
    await chat.picker.set_input_files(scan)
    reason = 'scan.pdf is too large: 20 MB (files: up to 20 MB).'
    await expect(chat.page.get_by_role('alert')).to_have_text(reason)
    assert [each for each in uploads if each.startswith('POST') and '/files/' in each] == []
    await expect(chat.attachments).to_have_count(0)


async def until_held(held: list[Route], count: int) -> None:
    async with asyncio.timeout(WAIT_TIMEOUT):
        while len(held) < count:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)


async def test_progress_removal_and_a_failed_upload(
    own_app: Parlour, chat: ChatPage, watch: PageErrors
) -> None:
    """A message does not go without a file that was meant to go with it."""
    watch.expect_error('ERR_FAILED')
    held: list[Route] = []
    await chat.open(own_app.url)
    await chat.page.route('**/files/?name=*', lambda route: held.append(route))
    await chat.picker.set_input_files([file('cat.png', CAT), file('a.pdf', PDF)])
    await expect(chat.attachments.locator('progress')).to_have_count(2)
    await chat.send('Too early')
    await expect(chat.page.get_by_role('alert')).to_contain_text('as soon as the files are uploaded')
    await chat.attachments.first.get_by_role('button', name='Remove cat.png').click()
    await expect(chat.attachments).to_have_count(1)
    await until_held(held, 2)
    await next(route for route in held if 'a.pdf' in route.request.url).abort()
    await expect(chat.page.get_by_role('alert')).to_contain_text('a.pdf was not attached')
    await expect(chat.attachments).to_have_count(0)
    await expect(chat.composer).to_have_value('Too early')


async def test_a_message_waits_for_its_files(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """Also if the last to arrive is there already, under another name."""
    held: list[Route] = []
    await chat.open(app.url)
    await chat.page.route('**/files/?name=*', lambda route: held.append(route))
    await chat.picker.set_input_files([file('cat.png', CAT), file('copy.png', CAT)])
    await expect(chat.attachments.locator('progress')).to_have_count(2)
    await chat.send('Look')
    await expect(chat.composer).to_have_value('Look')
    await until_held(held, 2)
    await held[0].continue_()
    await expect(chat.attachments.locator('progress')).to_have_count(1)
    await held[1].continue_()
    await chat.expect_state('done')
    assert len(parts(provider.requests[0])) == 2


async def test_a_message_waits_for_files_that_are_still_being_read(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """Also when others are uploaded by then; one that is removed meanwhile is never uploaded."""
    uploads: list[str] = []
    chat.page.on('request', lambda request: uploads.append(request.url))
    await chat.open(app.url)
    await chat.page.evaluate(HOLD_READING)
    files = [file('cat.png', CAT), file('a.pdf', PDF), file('gone.pdf', PDF + b'\n')]
    await chat.picker.set_input_files(files)
    await expect(chat.attachments.locator('progress')).to_have_count(3)
    await chat.attachments.get_by_role('button', name='Remove gone.pdf').click()
    await chat.page.evaluate('reading[2]()')
    await chat.send('Look')
    await expect(chat.page.get_by_role('alert')).to_have_text('Sending as soon as the files are uploaded.')
    await chat.page.evaluate('reading[0]()')
    await expect(chat.attachments.locator('progress')).to_have_count(1)
    await expect(chat.composer).to_have_value('Look')
    await chat.page.evaluate('reading[1]()')
    await chat.expect_state('done')
    assert [part['type'] for part in parts(provider.requests[0])] == ['text', 'image_url', 'file']
    assert not [url for url in uploads if 'gone.pdf' in url]


async def test_a_model_known_not_to_read_a_kind_is_named_before_one_sends(
    own_app: Parlour, chat: ChatPage
) -> None:
    await chat.open(own_app.url)
    for name, warns in (('gpt-oss-20b', True), ('parlour-test', False)):
        await chat.page.get_by_test_id('model-picker').click()
        await chat.page.locator('.model-search').fill(f'server:{name}')
        await chat.page.locator('.model-search').press('Enter')
        await attach(chat, file('cat.png', CAT))
        warning = chat.page.locator('.composer-warning')
        if warns:
            await expect(warning).to_contain_text("can't read images")
            await chat.attachments.get_by_role('button').click()
        await expect(warning).to_have_count(0)
