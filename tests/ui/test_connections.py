"""When what is not needed for a page begins: once the first one is connected."""

from nicegui.testing import User

from chat.change_signal import ChangeSignal
from chat.ui.app_context import AppContext
from chat.ui.page_builder import PageBuilder


async def test_a_page_that_is_asked_for_but_not_connected_yet_is_not_competed_with(
    person: User, context: AppContext
) -> None:
    first_page = ChangeSignal()
    PageBuilder(context).follow_connections(first_page)
    assert (await person.http_client.get('/')).status_code == 200
    assert first_page.count == 0
    await person.open('/')
    assert first_page.count == 1
