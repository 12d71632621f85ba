"""What a server, or another version, has put into a message never makes a conversation unreadable."""

import json
import logging
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import Conversation, ModelRequest, ModelResponse, TextPart, ToolCallPart, UserPromptPart
from pydantic_ai.messages import ToolReturnPart

from chat.conversation.content.messages import has_content
from chat.store.conversations.document_repair import (
    UNREADABLE_MESSAGE,
    condition_of,
    dump_messages,
    load_message,
    storable_entry,
)
from chat.store.maintenance.repair import repair_folder
from chat.store.maintenance.verify import verify_folder
from tests.store.odd_values import ODD, places, put
from tests.store.store_samples import conversation_of, only_file, store_in, tables_of, turn
from tests.support.profile import sized

Edit = Callable[[dict[str, Any]], None]


def edit(path: Path, change: Edit) -> None:
    tables = tables_of(path)
    change(tables)
    path.write_text(json.dumps(tables))


def conversation_with_all() -> Conversation:
    """A question, a tool that was called, and an answer."""
    return Conversation(
        messages=[
            ModelRequest(parts=[UserPromptPart('Question')], metadata={'turn': 'a'}),
            ModelResponse(
                parts=[TextPart('I look.'), ToolCallPart('look', {'at': 1}, 'call')], model_name='m'
            ),
            ModelRequest(parts=[ToolReturnPart('look', 'seen', 'call')]),
            ModelResponse(parts=[TextPart('Answer')], provider_details={'a': 1}),
        ]
    )


async def test_any_field_of_a_stored_message_may_be_anything(tmp_path: Path) -> None:
    """The others are shown as ever, and what is on the disk stays as it is, whatever is stored after it."""
    conversation = conversation_with_all()
    async with store_in(tmp_path) as data_folder:
        entries = await data_folder.conversations.save(conversation)
    whole = tables_of(only_file(tmp_path))
    for number, place in enumerate(places(whole['entries'][entries[1].id]['message'])):
        spoilt, odd = deepcopy(whole), ODD[number % len(ODD)]
        put(spoilt['entries'][entries[1].id]['message'], place, odd)
        only_file(tmp_path).write_text(json.dumps(spoilt))
        async with store_in(tmp_path) as data_folder:
            loaded = await data_folder.conversations.load(conversation.conversation_id)
            assert loaded is not None, (place, odd)
            assert len(loaded.messages) == 4
            assert loaded.messages[3] == conversation.messages[3]
            loaded.messages += turn('more')
            await data_folder.conversations.save(loaded)
        stored = tables_of(only_file(tmp_path))['entries']
        assert stored[entries[1].id] == spoilt['entries'][entries[1].id], (place, odd)
        assert len(stored) == 6


@pytest.mark.long
def test_whatever_a_field_is_the_message_is_mended_to_one_that_can_be_read() -> None:
    """The short form puts a third of the values into a place, others into the next one."""
    for message in dump_messages(conversation_with_all().messages):
        for number, place in enumerate(places(message)):
            for odd in sized(ODD[number % 3 :: 3], ODD):
                spoilt: dict[str, Any] = {'parent_id': 'a', 'message': deepcopy(message)}
                put(spoilt['message'], place, odd)
                before = deepcopy(spoilt)
                assert condition_of(storable_entry('id', spoilt)) == 'whole', (place, odd)
                assert spoilt == before
                is_said = place[:2] != ('parts', 0) and place not in (('kind',), ('parts',))
                assert not is_said or load_message('id', spoilt).parts, (place, odd)


@pytest.mark.long
async def test_any_field_of_a_record_may_be_anything(tmp_path: Path) -> None:
    """But for those that say which conversation it is, where it ends and in which format it is stored."""
    conversation = conversation_of('one')
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.save(conversation)
    whole = tables_of(only_file(tmp_path))
    kept = ('conversation_id', 'head_id', 'format_version')
    for number, place in enumerate(place for place in places(whole['record']['1']) if place[0] not in kept):
        for other in sized((0,), (0, 4)):
            odd = ODD[(number + other) % len(ODD)]
            spoilt = deepcopy(whole)
            put(spoilt['record']['1'], place, odd)
            only_file(tmp_path).write_text(json.dumps(spoilt))
            async with store_in(tmp_path) as data_folder:
                loaded = await data_folder.conversations.load(conversation.conversation_id)
                assert loaded is not None, (place, odd)
                assert len(loaded.messages) == 2
                loaded.messages += turn('more')
                await data_folder.conversations.save(loaded)


@pytest.mark.parametrize(
    'message', [{'kind': 'nonsense'}, {'kind': 'hologram', 'parts': [{'text': 'Words'}]}, 5, []]
)
async def test_a_message_that_cannot_be_read_is_a_message_that_says_so(tmp_path: Path, message: Any) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one', 'two')
        entries = await data_folder.conversations.save(conversation)
    for at in (0, 1):
        edit(
            only_file(tmp_path),
            lambda tables, at=at: put(tables['entries'], (entries[at].id, 'message'), message),
        )
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages[2:] == conversation.messages[2:]
        assert isinstance(loaded.messages[0], ModelRequest)  # else no turn would begin with it
        [part] = loaded.messages[1].parts
        assert isinstance(part, TextPart)
        assert part.content.startswith(UNREADABLE_MESSAGE)
        fork = await data_folder.conversations.fork(conversation.conversation_id)
    copies = [tables_of(path)['entries'] for path in (tmp_path / 'conversations').glob('*.json')]
    assert len(copies) == 2
    assert all(copy[entries[1].id]['message'] == message for copy in copies)
    assert fork.messages[1] == loaded.messages[1]


async def test_parts_of_another_version_become_text(tmp_path: Path) -> None:
    """A call without an id and what it returned stay together, as an old pydantic-ai has stored them."""
    conversation = conversation_with_all()
    async with store_in(tmp_path) as data_folder:
        _, call, returned, _ = await data_folder.conversations.save(conversation)

    def spoil(tables: dict[str, Any]) -> None:
        parts = tables['entries'][call.id]['message']['parts']
        parts[0] = {'part_kind': 'hologram', 'content': 'What was shown'}
        parts[1]['tool_call_id'] = None
        tables['entries'][returned.id]['message']['parts'][0] |= {
            'tool_call_id': None,
            'outcome': 'postponed',
        }

    edit(only_file(tmp_path), spoil)
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
    assert loaded is not None
    [text, called] = loaded.messages[1].parts
    [result] = loaded.messages[2].parts
    assert text == TextPart('What was shown')
    assert isinstance(called, ToolCallPart)
    assert isinstance(result, ToolReturnPart)
    assert called.tool_call_id == result.tool_call_id
    assert (result.content, result.outcome) == ('seen', 'success')


async def test_what_a_server_has_sent_is_mended_before_it_is_stored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says where, and none of what was said."""
    number: Any = 17
    answer = ModelResponse(parts=[TextPart('secret words')], provider_response_id=number, model_name=number)
    answer.usage.output_tokens = 2.25  # pyright: ignore[reportAttributeAccessIssue]  # servers send such
    conversation = Conversation(messages=[*turn('one'), answer], usage=deepcopy_usage(answer))
    with caplog.at_level(logging.WARNING):
        async with store_in(tmp_path) as data_folder:
            await data_folder.conversations.save(conversation)
            await data_folder.conversations.write_checkpoint(conversation.conversation_id, [answer])
            loaded = await data_folder.conversations.load(conversation.conversation_id)
    assert loaded is not None
    stored = loaded.messages[2]
    assert isinstance(stored, ModelResponse)
    assert (stored.provider_response_id, stored.model_name, stored.usage.output_tokens) == ('17', '17', 2)
    assert 'usage.output_tokens: int_from_float' in caplog.text
    assert 'secret' not in caplog.text
    assert verify_folder(tmp_path).problems == []


def deepcopy_usage(response: ModelResponse) -> Any:
    """What a run would reckon."""
    usage = Conversation().usage
    usage.output_tokens = response.usage.output_tokens
    return usage


async def test_a_file_that_was_set_aside_for_a_number_comes_back(tmp_path: Path) -> None:
    """What once was damaged to Parlour, and is not any more."""
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        await data_folder.conversations.save(conversation)
    path = only_file(tmp_path)
    edit(path, lambda tables: put(tables, ('record', '1', 'usage'), {'output_tokens': 2.25}))
    path.rename(f'{path}.corrupt')
    (tmp_path / 'index.json').unlink()
    async with store_in(tmp_path) as data_folder:
        assert [summary.conversation_id for summary in data_folder.catalog.summaries] == [
            conversation.conversation_id
        ]
        assert data_folder.catalog.problems == []
        assert await data_folder.conversations.load(conversation.conversation_id)
    assert only_file(tmp_path) == path


async def test_repair_mends_odd_fields_for_good_and_keeps_the_file_as_it_was(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        [_, answer] = await data_folder.conversations.save(conversation)
    path = only_file(tmp_path)
    edit(path, lambda tables: put(tables, ('entries', answer.id, 'message', 'provider_response_id'), 17))
    before = path.read_bytes()
    assert 'odd' in verify_folder(tmp_path).problems[0]
    assert any('Mended 1 messages' in line for line in await repair_folder(tmp_path))
    assert verify_folder(tmp_path).problems == []
    [kept] = (tmp_path / 'backups').iterdir()
    assert kept.read_bytes() == before
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
    assert loaded is not None
    assert has_content(loaded.messages[1])


async def test_repair_keeps_what_an_answer_had_said_when_its_process_died(tmp_path: Path) -> None:
    """It is in the journal of the file until Parlour starts, which was not."""
    conversation = conversation_of('one')
    conversation.messages.append(ModelRequest(parts=[UserPromptPart('More?')]))
    async with store_in(tmp_path / 'live') as data_folder:
        entries = await data_folder.conversations.save(conversation)
        said = [ModelResponse(parts=[TextPart('Half of it')])]
        await data_folder.conversations.write_checkpoint(conversation.conversation_id, said)
        shutil.copytree(tmp_path / 'live', killed := tmp_path / 'killed')
    path = only_file(killed)
    edit(path, lambda tables: put(tables, ('entries', entries[1].id, 'message', 'provider_response_id'), 17))
    assert 'Half of it' not in path.read_text()
    assert any('Mended 1 messages' in line for line in await repair_folder(killed))
    assert 'Half of it' in path.read_text()
