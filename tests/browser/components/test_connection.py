"""What is heard of the connection."""

from tests.support.component_page import Stage
from tests.support.screen_reader import heard, listen

LOST = 'Connection lost. Trying to reconnect …'


async def test_a_loss_is_said_once_it_lasts(paused: Stage) -> None:
    """One that is over at once, as when a phone wakes up, is none."""
    await listen(paused.page)
    await paused.connect(connected=False)
    await paused.pass_time(900)
    await paused.connect(connected=True)
    await paused.pass_time(2000)
    assert await heard(paused.page, 0) == []
    await paused.connect(connected=False)
    await paused.pass_time(2000)
    assert await heard(paused.page, 0) == [LOST]
    await paused.connect(connected=True)
    await paused.pass_time(2000)
    assert await heard(paused.page, 0) == [LOST, 'Connected again.']


async def test_who_leaves_the_page_has_lost_nothing(paused: Stage) -> None:
    await listen(paused.page)
    await paused.connect(connected=False)
    await paused.page.evaluate('dispatchEvent(new PageTransitionEvent("pagehide"))')
    await paused.pass_time(2000)
    assert await heard(paused.page, 0) == []
