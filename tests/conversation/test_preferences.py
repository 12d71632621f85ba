"""What a person has set, for all pages at once."""

import asyncio
from dataclasses import replace

from chat.conversation.content.chat_settings import Preferences
from tests.support.scripted import preferences_store


def test_recent_models_are_few_and_each_is_named_once() -> None:
    preferences = Preferences()
    for name in [*'abcdefgh', 'b']:
        preferences = preferences.with_recent_model(name)
    assert preferences.recent_models == tuple('bhgfed')


async def test_who_looks_is_told_and_only_if_there_is_news() -> None:
    live = preferences_store()
    waiting = asyncio.create_task(live.changed.wait())
    await live.update(lambda now: now)
    await asyncio.sleep(0)
    assert not waiting.done()
    await live.update(lambda now: replace(now, send_key='mod-enter'))
    await waiting
    assert live.current.send_key == 'mod-enter'
