"""A connection that is lost in mid-answer: the text goes on, and what was being written stays."""

from playwright.async_api import expect

from tests.support.line import Line
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.room import Room
from tests.support.signals import Gate
from tests.support.watch import Watch

WORDS = [f'word{number} ' for number in range(120)]


async def begin(room: Room, line: Line, provider: Provider) -> Gate:
    """Ask through the line, mark the page to know it again, and begin to write the next message."""
    gate = Gate()
    provider.say(Reply(pieces=WORDS, gates={20: gate}, pause=0.005))
    await room.open(line.url)
    await room.send('Talk')
    await expect(room.answers).to_contain_text('word19')
    await room.page.evaluate('window.isTheSamePage = true')
    await room.composer.fill('What I was about to say')
    return gate


async def is_whole(room: Room) -> bool:
    """Whether all has come, once, on the page that was there before, with the draft in it."""
    await room.sees_state('done')
    await expect(room.answers).to_have_text(''.join(WORDS).strip())
    await expect(room.composer).to_have_value('What I was about to say')
    return bool(await room.page.evaluate('window.isTheSamePage'))


async def test_a_line_that_is_cut(app: Parlour, provider: Provider, room: Room, watch: Watch) -> None:
    watch.expect_lost_connection()
    async with Line(app.url) as line:
        gate = await begin(room, line, provider)
        line.cut()
        gate.release()
        assert await is_whole(room)


async def test_a_line_that_is_held(app: Parlour, provider: Provider, room: Room, watch: Watch) -> None:
    """Nothing goes through until the whole answer has been given; then it comes."""
    watch.expect_lost_connection()
    async with Line(app.url) as line:
        gate = await begin(room, line, provider)
        line.hold()
        gate.release()
        elsewhere = Room(await room.page.context.new_page())
        await elsewhere.open(app.url + (await room.address()).removeprefix(line.url))
        await elsewhere.sees_state('done')
        line.release()
        assert await is_whole(room)
