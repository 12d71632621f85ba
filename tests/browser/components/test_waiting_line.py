"""A long wait for a model counts its seconds, so that it does not look stuck."""

from playwright.async_api import expect

from tests.support.component_page import Stage


async def test_the_seconds_are_counted_after_five(paused: Stage) -> None:
    line = await paused.mount('waiting_line', {'words': 'Waiting for the model …', 'live': True})
    text = paused.page.locator('.waiting-line')
    await paused.pass_time(5_000)
    await expect(text).to_have_text('Waiting for the model …')
    await paused.pass_time(2_000)
    await expect(text).to_have_text('Waiting for the model … 7 s')
    await line.change(live=False)
    await expect(text).to_have_text('Waiting for the model …')
