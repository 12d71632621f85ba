"""A page of a team that has lost its connection asks the proxy whether its person is still signed in."""

import pytest
from playwright.async_api import Page, Route

from tests.support.component_page import Stage, StageServer


@pytest.mark.parametrize(
    ('answer', 'is_loaded_anew'),
    [
        ({'status': 200}, False),
        ({'status': 503}, False),
        ({'status': 401}, True),
        ({'status': 403}, True),
        ({'status': 302, 'headers': {'Location': 'https://login.example/'}}, True),
        (None, False),
    ],
    ids=['signed in', 'no node', 'refused', 'forbidden', 'led to a login', 'no network'],
)
async def test_it_is_loaded_anew_when_its_person_has_to_sign_in(
    desk_page: Page, stage_server: StageServer, answer: dict[str, object] | None, is_loaded_anew: bool
) -> None:
    """The proxy shows the way then; while nobody is there to ask, what was read stays on the screen."""
    page, stage = desk_page, Stage(desk_page, stage_server.url)  # on which errors are part of the test
    await stage.clear()

    async def respond(route: Route) -> None:
        await (route.fulfill(**answer) if answer else route.abort())  # pyright: ignore[reportArgumentType]  # as above

    await page.route('**/unlock', respond)
    await page.evaluate('socket.io.on = (name, look) => { window.attempts = { [name]: look } }')
    await stage.mount('sign_in_watch')
    await page.evaluate('window.isTheSamePage = true')
    if is_loaded_anew:
        async with page.expect_event('load'):
            await page.evaluate('void attempts.reconnect_attempt()')
    else:
        await page.evaluate('attempts.reconnect_attempt()')
        assert await page.evaluate('window.isTheSamePage')
    await page.unroute('**/unlock')
