"""What the owner does until there is something to look at."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from playwright.async_api import Page, expect

from tests.screenshots.sample_chats import LOOKED_UP, QUESTION, STORED_CHATS, THOUGHT
from tests.support.chat_page import ChatPage
from tests.support.files import PDF, png
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall, bad_key, thought, two_halves


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a scene is played."""

    chat: ChatPage
    url: str
    provider: Provider

    @property
    def page(self) -> Page:
        return self.chat.page

    async def go(self, path: str) -> None:
        await self.page.goto(self.url + path)
        await self.page.wait_for_function('window.socket?.connected')

    async def ask(self, question: str) -> None:
        await self.chat.open(self.url)
        await self.chat.composer.fill(question)
        await self.chat.send_button.click()  # on a phone, Enter begins a new line


async def new_chat(stage: Stage) -> None:
    await stage.chat.open(stage.url)


async def answer(stage: Stage) -> None:
    await stage.go(f'/c/{STORED_CHATS[0].id}')
    await expect(stage.chat.answers.last).to_contain_text('1.6e-6')


async def search(stage: Stage) -> None:
    await answer(stage)
    await stage.page.keyboard.press('Control+k')
    await stage.page.get_by_test_id('search-input').fill('rest')
    await expect(stage.page.get_by_test_id('search-result').first).to_be_visible()


async def search_in_vain(stage: Stage) -> None:
    await answer(stage)
    await stage.page.keyboard.press('Control+k')
    await stage.page.get_by_test_id('search-input').fill('xylophone')
    await expect(stage.page.get_by_role('dialog')).to_contain_text('xylophone')


async def manner(stage: Stage) -> None:
    await answer(stage)
    await stage.page.get_by_test_id('chat-settings').click()
    await expect(stage.page.get_by_test_id('chat-temperature')).to_be_visible()


async def models(stage: Stage) -> None:
    await answer(stage)
    await stage.page.get_by_test_id('model-picker').click()
    await expect(stage.page.get_by_test_id('model-search')).to_be_visible()


async def shortcuts(stage: Stage) -> None:
    await answer(stage)
    await stage.page.evaluate('document.activeElement.blur()')
    await stage.page.keyboard.press('?')
    await expect(stage.page.get_by_role('dialog', name='Shortcuts')).to_be_visible()


async def sidebar(stage: Stage) -> None:
    """On a phone it lies over the page; on a desk it is put away."""
    await answer(stage)
    opener = stage.page.get_by_role('button', name='Open sidebar')
    await (opener if await opener.is_visible() else stage.page.get_by_label('Close sidebar')).click()


async def menu(stage: Stage) -> None:
    await answer(stage)
    opener = stage.page.get_by_role('button', name='Open sidebar')
    if await opener.is_visible():
        await opener.click()
    await stage.page.get_by_role('button', name=f'Options for {STORED_CHATS[2].title}').click()
    await expect(stage.page.get_by_role('menuitem').first).to_be_visible()


async def settings(stage: Stage) -> None:
    await stage.go('/settings')


async def mcp_servers(stage: Stage) -> None:
    await stage.go('/settings/mcp')
    for name, state in (('notes', 'ready'), ('calendar', 'failed'), ('search', 'failed')):
        card = stage.page.locator(f'[data-testid="mcp-server"][data-name="{name}"]')
        await expect(card).to_have_attribute('data-state', state)
    await stage.page.get_by_test_id('mcp-log').first.click()


async def mcp_question(stage: Stage) -> None:
    await _ask_with_tool(stage, 'notes_ask')


async def mcp_address(stage: Stage) -> None:
    await _ask_with_tool(stage, 'notes_visit')


async def _ask_with_tool(stage: Stage, tool: str) -> None:
    await mcp_servers(stage)
    stage.provider.reply(Reply(calls=[ToolCall(name=tool)]))
    await stage.chat.open(stage.url)
    await stage.chat.composer.fill('Sign me up for the newsletter.')
    await stage.chat.send_button.click()
    await expect(stage.page.get_by_test_id('elicitation')).to_be_visible()


async def mcp_form(stage: Stage) -> None:
    await mcp_servers(stage)
    await stage.page.get_by_test_id('mcp-add').click()
    await stage.page.get_by_test_id('server-name').fill('notes')
    await stage.page.get_by_test_id('server-address').fill('https://example.com/mcp')
    await stage.page.get_by_test_id('server-save').click()
    await expect(stage.page.get_by_test_id('server-problem')).to_contain_text('already')


async def settings_below(stage: Stage) -> None:
    await settings(stage)
    await stage.page.get_by_test_id('data-folder').scroll_into_view_if_needed()


async def nowhere(stage: Stage) -> None:
    await stage.page.goto(f'{stage.url}/c/unknown')


async def edit(stage: Stage) -> None:
    await answer(stage)
    await stage.chat.turns('user').hover()
    await stage.page.get_by_test_id('edit').click()
    await expect(stage.page.get_by_test_id('edit-box')).to_be_focused()


async def attachments(stage: Stage) -> None:
    await stage.chat.open(stage.url)
    await stage.chat.picker.set_input_files(
        [
            {'name': 'view-from-the-castle.png', 'mimeType': '', 'buffer': png(640, 400)},
            {'name': 'Timetable of the trams.pdf', 'mimeType': '', 'buffer': PDF},
        ]
    )
    await expect(stage.page.locator('.uploading')).to_have_count(0)
    await stage.chat.composer.fill('Which tram goes there?\nAnd when?')


async def queue(stage: Stage) -> None:
    reply, _ = two_halves()
    stage.provider.reply(reply)
    await stage.ask('Tell me both')
    await stage.chat.expect_answer_with('half')
    await stage.chat.composer.fill('And what comes after that?')
    await stage.chat.send_button.click()
    await expect(stage.chat.queued).to_have_count(1)


async def versions(stage: Stage) -> None:
    stage.provider.reply(Reply(pieces=['Heads.']), Reply(pieces=['Tails.']))
    await stage.ask('Toss a coin')
    await stage.chat.expect_answer('Heads.')
    await stage.page.get_by_test_id('regenerate').click()
    await stage.chat.expect_answer('Tails.')


async def failure(stage: Stage) -> None:
    stage.provider.reply(bad_key())
    await stage.ask(QUESTION)
    await stage.chat.expect_state('failed')


async def thinking(stage: Stage) -> None:
    """And a tool, which there is not."""
    stage.provider.reply(
        Reply(pieces=[thought(THOUGHT)], calls=[LOOKED_UP]),
        Reply(pieces=[thought(THOUGHT), 'With the **square** of the step.']),
    )
    await stage.ask(QUESTION)
    await stage.chat.expect_state('done')
    for folded in ('thinking', 'tool-call'):
        await stage.page.get_by_test_id(folded).first.locator('summary').click()


async def agent(stage: Stage) -> None:
    """Has looked at the tasks, and wants to delete one."""
    tasks = ('Book the train to Ljubljana', 'Get tickets for the concert of last week', 'Water the plants')
    calls = [_call('add_task', f't{place}', text=text) for place, text in enumerate(tasks)]
    await _answered(
        stage, 'Note my tasks for this week', Reply(calls=calls), Reply(pieces=['All three are noted.'])
    )
    stage.provider.reply(
        Reply(calls=[_call('list_tasks', 'l1')]),
        Reply(
            pieces=['The concert is over, so that task can go.'], calls=[_call('delete_task', 'd1', number=2)]
        ),
    )
    await stage.chat.composer.fill('What can be taken off the list?')
    await stage.chat.send_button.click()
    await stage.chat.expect_state('needs-approval')


async def agent_decided(stage: Stage) -> None:
    """One approved with other arguments, one denied, one that failed; and what it took."""
    calls = [_call('delete_task', f'd{number}', number=number) for number in (1, 2)]
    stage.provider.reply(Reply(pieces=['These two?'], calls=[*calls, _call('nothing', 'n1')]))
    await stage.ask('Tidy up')
    await stage.chat.expect_state('needs-approval')
    card = stage.page.get_by_test_id('tool-call')
    await card.first.get_by_test_id('approval-form').locator('[name="number"]').fill('3')
    await card.first.get_by_test_id('approve').click()
    await expect(card.first).to_have_attribute('data-state', 'decided')
    stage.provider.reply(Reply(pieces=['One is deleted, the other stays.']))
    await card.nth(1).get_by_test_id('deny-reason').fill('I still need it.')
    await card.nth(1).get_by_test_id('deny').click()
    await stage.chat.expect_state('done')


async def agent_steered(stage: Stage) -> None:
    """What was sent meanwhile stands in the answer, and more waits for the next step."""
    for waits in (False, True):
        reply, gate = two_halves()
        stage.provider.reply(replace(reply, calls=[_call('list_tasks', f'l{waits:d}')]))
        if waits:
            await stage.chat.composer.fill('And now the next ones')
            await stage.chat.send_button.click()
        else:
            await stage.ask('Look through my list')
        await stage.chat.expect_answer_with('half')
        for prompt in ('Only those of this week, please', 'And tell me about the rest')[: 1 + waits]:
            await stage.chat.composer.fill(prompt)
            await stage.chat.send_button.click()
            await expect(stage.chat.queued.last).to_have_text(prompt)
        await stage.page.get_by_test_id('send-now').first.click()
        await expect(stage.page.get_by_test_id('at-next-step')).to_be_visible()
        if not waits:
            stage.provider.reply(Reply(pieces=['This week there is only the train.']))
            gate.release()
            await stage.chat.expect_state('done')


def _call(name: str, call_id: str, **arguments: object) -> ToolCall:
    return ToolCall(name=name, arguments=json.dumps(arguments), id=call_id)


async def _answered(stage: Stage, question: str, *replies: Reply) -> None:
    stage.provider.reply(*replies)
    await stage.ask(question)
    await stage.chat.expect_state('done')


async def archive(stage: Stage) -> None:
    await _put_away(stage, 4, 'Archive', '/archive')


async def trash(stage: Stage) -> None:
    await _put_away(stage, 5, 'Delete', '/trash')


async def _put_away(stage: Stage, place: int, item: str, path: str) -> None:
    await menu(stage)
    await stage.page.keyboard.press('Escape')
    await stage.page.get_by_role('button', name=f'Options for {STORED_CHATS[place].title}').click()
    await stage.page.get_by_role('menuitem', name=item).click()
    await expect(stage.chat.notice).to_be_visible()
    await stage.go(path)
    await expect(stage.page.get_by_test_id('list-row')).to_have_count(1)


Scene = Callable[[Stage], Awaitable[None]]
SCENES: Mapping[str, Scene] = {
    scene.__name__.replace('_', '-'): scene
    for scene in (
        *(new_chat, answer, search, search_in_vain, manner, models, shortcuts, sidebar, menu),
        *(settings, settings_below, mcp_servers, mcp_form, mcp_question, mcp_address, nowhere, edit),
        *(agent, agent_decided, agent_steered),
        *(versions, failure, thinking, queue, archive, trash, attachments),  # these leave something behind
    )
}
