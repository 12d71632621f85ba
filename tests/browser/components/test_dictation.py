"""What a browser hears, in the message box; the rest of dictation is tried in `test_voice.py`."""

import pytest
from playwright.async_api import expect

from tests.browser.components.composing import box_of, compose
from tests.support.component_page import Stage

RECOGNITION = """(device) => {
    Object.defineProperty(navigator, "userAgent", { value: `Mozilla/5.0 (Linux; ${device}) Chrome/150` });
    localStorage.setItem("parlour-dictation", "yes");
    window.SpeechRecognition = class {
        start() { window.recognition = this; }
        abort() {}
        hear(texts) { this.onresult({ results: texts.map((transcript) => [{ transcript }]) }); }
    };
}"""


@pytest.mark.parametrize(
    ('device', 'results'),
    [
        ('x86_64', ['what do', 'bees see']),
        ('Android 16', ['what', 'what do', 'what do bees', 'what do bees see']),
    ],
)
async def test_every_word_is_written_once(stage: Stage, device: str, results: list[str]) -> None:
    """Chrome on Android says all that it has heard with each result, and never takes one back."""
    await stage.page.evaluate(RECOGNITION, device)
    await compose(stage)
    await box_of(stage).fill('Tell me')
    await stage.page.get_by_test_id('dictate').click()
    await stage.page.wait_for_function('window.recognition')
    for count in range(len(results)):
        await stage.page.evaluate('(texts) => recognition.hear(texts)', results[: count + 1])
    await expect(box_of(stage)).to_have_value('Tell me what do bees see')


async def test_what_comes_back_into_the_box_ends_the_dictation(stage: Stage) -> None:
    """What is heard next would be written over it."""
    await stage.page.evaluate(RECOGNITION, 'x86_64')
    composer = await compose(stage)
    await stage.page.get_by_test_id('dictate').click()
    await stage.page.wait_for_function('window.recognition')
    await stage.page.evaluate('recognition.hear(["what do bees"])')
    await composer.call('returnToBox', {'text': 'From the queue', 'attachments': []})
    await stage.page.evaluate('recognition.onresult?.({ results: [[{ transcript: "what do bees see" }]] })')
    await expect(box_of(stage)).to_have_value('From the queue\nwhat do bees')
