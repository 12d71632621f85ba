"""Tools that are switched on in a chat, as its runs get them."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from pydantic_ai import ToolReturnPart
from pydantic_ai.toolsets import FunctionToolset

from chat.agent_config import Asking, BuiltInTool, ToolOptions, ToolsForRun
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.exchange.own_format import exported_tables
from chat.store.data_folder import open_store
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.scripted import wait_until_answered


def build_dice(asking: Asking, options: ToolOptions) -> ToolsForRun:
    def roll() -> int:
        return int(options.get('sides', 6))

    return ToolsForRun(toolsets=(FunctionToolset([roll], id='dice'),))


DICE = BuiltInTool(name='dice', title='Dice', sentence='Rolls dice.', build=build_dice)
CELLAR = replace(DICE, name='cellar', is_for_guests=False)


def rolled(*names: str) -> Reply:
    return Reply(calls=[ToolCall(name=name, id=f'call-{place}') for place, name in enumerate(names)])


def offered(provider: Provider) -> list[str]:
    """The tools that the model was told of last."""
    return [tool['function']['name'] for tool in provider.requests[-1].get('tools', [])]


def results(live: LiveConversation) -> list[tuple[str, str]]:
    """What each call has returned, and whether that was well."""
    parts = [part for message in live.turns[-1].answer for part in message.parts]
    return [(part.model_response_str(), part.outcome) for part in parts if isinstance(part, ToolReturnPart)]


async def ask(live: LiveConversation, provider: Provider, *replies: Reply, by: str = '') -> None:
    provider.reply(*replies)
    live.send('Do it.', by=by)
    await wait_until_answered(live)


DONE = Reply(pieces=['Done.'])


async def test_a_tool_is_given_to_the_runs_of_chats_in_which_it_is_switched_on(
    any_store: ConversationStorage,
) -> None:
    """With what is set of it there, also after a restart; one that is unknown by now harms nobody."""
    with Provider() as provider:
        registry = make_registry(provider.url, store=any_store, built_in_tools=[DICE])
        live, other = registry.new(), registry.new()
        await ask(live, provider, DONE)
        assert offered(provider) == []
        tools = {'dice': {'sides': 20}, 'gone': {}}
        await live.update_metadata(lambda metadata: replace(metadata, tools=tools))
        await ask(live, provider, rolled('roll'), DONE)
        assert results(live) == [('20', 'success')]
        await ask(other, provider, DONE)
        assert offered(provider) == []
        await registry.close()
        again = await make_registry(provider.url, store=any_store, built_in_tools=[DICE]).open(live.id)
        assert again.metadata.tools == tools
        await ask(again, provider, DONE)
        assert offered(provider) == ['roll']
        assert 'tools' not in provider.requests[0]


async def test_switched_on_tools_do_not_leave_with_an_export(tmp_path: Path) -> None:
    """Else whoever imports a chat would have tools on that they have not switched on."""
    async with AsyncExitStack() as stack:
        folder = await open_store(tmp_path)
        stack.push_async_callback(folder.close)
        provider = stack.enter_context(Provider())
        live = make_registry(provider.url, store=folder.conversations, built_in_tools=[DICE]).new()
        await ask(live, provider, DONE)
        await live.update_metadata(lambda metadata: replace(metadata, tools={'dice': {}}))
        whole = await folder.whole.read(live.id)
        assert whole.tables['meta']['1']['tools'] == {'dice': {}}
        assert 'tools' not in exported_tables(whole)['meta']['1']


async def test_some_tools_are_not_for_guests() -> None:
    with Provider() as provider:
        live = make_registry(provider.url, built_in_tools=[CELLAR]).new()
        await live.update_metadata(lambda metadata: replace(metadata, tools={'cellar': {}}))
        await ask(live, provider, DONE, by='Ann')
        assert offered(provider) == []
        await ask(live, provider, DONE)
        assert offered(provider) == ['roll']
