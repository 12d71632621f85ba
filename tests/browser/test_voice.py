"""Dictation, reading aloud and announcements, with a browser whose own parts of that are stubs."""

from playwright.async_api import expect

from tests.support.chat_page import OpenChatPage
from tests.support.gates import Gate
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply

STUBS = """
window.seen = { spoken: [], notices: [] };
window.SpeechRecognition = class {
  start() { seen.recognition = this; }
  stop() { this.onend(); }
  abort() { seen.isAborted = true; this.onend(); }
  hear(...texts) { this.onresult?.({ results: texts.map((transcript) => [{ transcript }]) }); }
};
Object.defineProperty(window, "speechSynthesis", { value: {
  speak: (utterance) => seen.spoken.push(utterance),
  cancel: () => { seen.isSilent = true; },
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return this.permission = seen.answer; }
  constructor(title, { body }) { seen.notices.push([title, body]); seen.last = this; }
  close() { seen.isClosed = true; }
};
"""
INSECURE = 'Object.defineProperty(window, "isSecureContext", { value: false });'
NOBODY_LOOKS = """
Object.defineProperty(document, "hidden", { value: true, configurable: true });
const now = performance.now.bind(performance);
performance.now = () => now() + 30_000;
"""
ANSWER = 'Die Bienen sehen nicht rot. Das ist so.\n\n```python\nprint(1)\n```\n\n- Mit $x^2$ und\n- ohne\n'


async def test_what_the_browser_can(app: Parlour, provider: Provider, open_chat: OpenChatPage) -> None:
    """Each part says first where words go, asks nothing of its own accord, and ends when it is left."""
    chat = await open_chat(anew=True)
    page = chat.page
    await page.add_init_script(STUBS)
    gate = Gate()
    provider.reply(Reply(pieces=[ANSWER]), Reply(pieces=['So ', 'long.'], gates={1: gate}))
    await chat.open(app.url)

    await chat.composer.fill('Before.')
    await page.get_by_test_id('dictate').click()
    await expect(page.get_by_role('alertdialog')).to_contain_text('server of their maker')
    assert not await page.evaluate('"recognition" in seen')
    await page.get_by_test_id('confirm').click()
    await expect(page.get_by_test_id('dictate')).to_have_attribute('aria-pressed', 'true')
    await page.evaluate('seen.recognition.hear("What do")')
    await page.evaluate('seen.recognition.hear("What do bees", "see")')
    await expect(chat.composer).to_have_value('Before. What do bees see')
    await page.get_by_test_id('dictate').click()
    await expect(page.get_by_test_id('dictate')).to_have_attribute('aria-pressed', 'false')
    await page.get_by_test_id('dictate').click()  # it is not asked again
    await page.evaluate('seen.recognition.hear("at night")')
    await chat.composer.press('Enter')
    assert await page.evaluate('seen.isAborted')
    await page.evaluate('seen.recognition.hear("too late")')
    await chat.expect_state('done')
    await expect(chat.composer).to_have_value('')
    await expect(chat.turns('user').last).to_contain_text('Before. What do bees see at night')

    read = chat.turns('assistant').last.get_by_test_id('read-aloud')
    await read.click()
    spoken = await page.evaluate('seen.spoken.map(({ text, lang }) => [text, lang])')
    assert spoken == [['Die Bienen sehen nicht rot. Das ist so.', 'de'], ['Mit und', 'de'], ['ohne', 'de']]
    await expect(read).to_have_attribute('aria-label', 'Stop reading')
    await page.evaluate('seen.spoken.at(-1).onend()')
    await expect(read).to_have_attribute('aria-label', 'Read aloud')
    await read.click()
    await page.evaluate('seen.spoken.at(-1).onerror()')
    await expect(read).to_have_attribute('data-problem', 'This browser has no voice to read with.')
    await read.click()
    await page.evaluate('seen.isSilent = false')
    address = await chat.address()
    await page.get_by_test_id('settings').click()
    await expect(page.get_by_test_id('settings-page')).to_be_visible()
    assert await page.evaluate('seen.isSilent')

    switch = page.get_by_test_id('notify-answers')
    await expect(switch).not_to_be_checked()
    assert await page.evaluate('Notification.permission') == 'default'
    await page.evaluate('seen.answer = "denied"')
    await switch.click()
    await expect(page.get_by_test_id('notify-problem')).to_contain_text('blocked')
    await expect(switch).not_to_be_checked()
    await page.evaluate('seen.answer = Notification.permission = "granted"')
    await switch.click()
    await expect(switch).to_be_checked()
    await page.evaluate('seen.notices.length = 0')
    await page.get_by_test_id('page-close').click()
    assert await chat.address() == address
    await chat.send('How long?')
    await chat.expect_state('streaming')
    await page.evaluate(NOBODY_LOOKS)
    gate.release()
    await chat.expect_state('done')
    await page.wait_for_function('seen.notices.length')
    assert await page.evaluate('seen.notices') == [['An answer is ready', '']]
    await page.evaluate('window.focus = () => { seen.isInFront = true; }; seen.last.onclick()')
    assert await page.evaluate('[seen.isInFront, seen.isClosed]') == [True, True]


async def test_what_a_plain_address_forbids(
    app: Parlour, provider: Provider, open_chat: OpenChatPage
) -> None:
    """A browser hides it without a word on such a page; the page says why."""
    chat = await open_chat(anew=True)
    await chat.page.add_init_script(INSECURE)
    await chat.open(app.url)
    await chat.page.get_by_test_id('dictate').click()
    await expect(chat.page.locator('.composer-problem')).to_contain_text(
        'Dictation needs a secure connection.'
    )
    await chat.page.get_by_test_id('settings').click()
    await chat.page.get_by_test_id('notify-answers').click()
    await expect(chat.page.get_by_test_id('notify-problem')).to_contain_text(
        'Notifying needs a secure connection.'
    )
