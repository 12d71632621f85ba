"""Agents of somebody's: chosen at the start of a chat, kept with it, and named when they do not run."""

import asyncio
import json
from pathlib import Path

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.page_errors import PageErrors
from tests.support.process import StartApp
from tests.support.provider import Provider

MODULE = """
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

model = OpenAIChatModel('{name}-model', provider=OpenAIProvider(base_url={url!r}, api_key='none'))
agent = Agent(model, name='{name}', description='Knows all about {subject}.', instructions='You are {name}.')
"""


async def test_an_agent_is_chosen_kept_and_missed(
    start: StartApp, chat: ChatPage, provider: Provider, watch: PageErrors, tmp_path: Path
) -> None:
    for name, subject in {'guide': 'places', 'cook': 'food'}.items():
        code = MODULE.format(name=name.title(), subject=subject, url=provider.url)
        (tmp_path / f'{name}.py').write_text(code)
    app = await start('--agent', 'guide:agent', '--agent', 'cook:agent')
    page = chat.page
    await chat.open(app.url)
    empty = page.get_by_test_id('empty-state')
    heading = empty.get_by_role('heading')
    await expect(heading).to_have_text('Guide')
    await expect(empty).to_contain_text('Knows all about places.')
    agents = empty.get_by_test_id('agent')
    await expect(agents).to_have_text(['Guide', 'Cook'])
    await agents.nth(1).click()
    await expect(heading).to_have_text('Cook')
    await expect(agents.nth(1)).to_have_attribute('aria-pressed', 'true')
    await expect(agents.nth(0)).to_have_attribute('aria-pressed', 'false')
    picker = page.get_by_test_id('model-picker')
    await expect(picker).to_contain_text('Model of the agent')
    await picker.click()
    await expect(page.get_by_role('option').first).to_contain_text('Model of the agent')
    await expect(page.get_by_role('option').filter(has_text='Model of the agent')).to_have_count(1)
    await page.keyboard.press('Escape')

    await chat.send('What is for dinner?')
    await chat.expect_state('done')
    assert provider.requests[0]['model'] == 'Cook-model'
    assert provider.requests[0]['messages'][0]['content'] == 'You are Cook.'
    address = await chat.address()
    path = tmp_path / 'data' / 'conversations' / f'{address.rpartition("/")[2]}.json'
    watch.expect_lost_connection()
    assert await asyncio.to_thread(app.terminate) == 0
    assert json.loads(path.read_text())['meta']['1']['agent'] == 'cook:agent'

    await chat.leave()
    await start('--agent', 'guide:agent')
    await chat.open(address)
    missing = page.get_by_test_id('agent-missing')
    sentence = 'The agent of this chat, “cook:agent”, is not running here.'
    await expect(missing).to_contain_text(f'{sentence} Start Parlour with it (--agent cook:agent)')
    await expect(page.get_by_test_id('model-missing')).to_be_hidden()
    await chat.expect_answer_with('I got')
    asked = len(provider.requests)
    await chat.send('And for lunch?')
    await chat.expect_state('failed')
    await expect(chat.turns('assistant').last).to_contain_text(sentence)
    assert len(provider.requests) == asked
    await missing.get_by_text('Go on with Guide').click()
    await expect(missing).to_be_hidden()
    await chat.retry.click()
    await chat.expect_state('done')
    assert provider.requests[-1]['model'] == 'Guide-model'
    assert provider.requests[-1]['messages'][0]['content'] == 'You are Guide.'
