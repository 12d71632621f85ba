"""A message that cannot be read stays on the disk and in the page; the model is asked without it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from chat.store.data_folder import open_store
from tests.store.store_samples import conversation_of, only_file, tables_of
from tests.support.chat_page import request_messages
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import wait_until_answered


async def spoilt(folder: Path, places: Sequence[int]) -> str:
    """A conversation of three questions of which the messages at these places make no sense any more."""
    data_folder = await open_store(folder)
    conversation = conversation_of('one', 'two', 'three')
    entries = await data_folder.conversations.save(conversation)
    await data_folder.close()
    tables = tables_of(only_file(folder))
    for place in places:
        tables['entries'][entries[place].id]['message'] = {'kind': 'hologram', 'text': 'Odd words'}
    only_file(folder).write_text(json.dumps(tables))
    return conversation.conversation_id


@pytest.mark.parametrize(
    ('places', 'sent'),
    [
        ([0], ['two', 'pong', 'three', 'pong', 'more']),
        ([0, 1], ['two', 'pong', 'three', 'pong', 'more']),
        ([1], ['one\n\ntwo', 'pong', 'three', 'pong', 'more']),
        ([2], ['one', 'pong\n\npong', 'three', 'pong', 'more']),
        ([5], ['one', 'pong', 'two', 'pong', 'three\n\nmore']),
        ([1, 3, 5], ['one\n\ntwo\n\nthree\n\nmore']),
        ([*range(6)], ['more']),
    ],
)
async def test_a_strict_server_gets_the_others_in_turns(
    tmp_path: Path, places: Sequence[int], sent: list[str]
) -> None:
    conversation_id = await spoilt(tmp_path, places)
    folder = await open_store(tmp_path)
    async with Provider() as provider:
        provider.reply(Reply(pieces=['Fine.']))
        live = await make_registry(provider.url, store=folder.conversations).open(conversation_id)
        live.send('more')
        await wait_until_answered(live)
        asked = request_messages(provider.requests[0])
    await folder.close()
    assert live.turns[-1].text == 'Fine.'
    assert [text for _, text in asked] == sent
    assert [role for role, _ in asked] == [('user', 'assistant')[at % 2] for at in range(len(sent))]
    shown = ' '.join(f'{turn.question} {turn.text}' for turn in live.turns)
    assert shown.count('Odd words') == len(places)
    assert json.dumps(tables_of(only_file(tmp_path))).count('Odd words') == len(places)
