"""Preferences outlast the process, and no file can keep Parlour from starting."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat.conversation.content.chat_settings import Preferences, PreferencesStore
from tests.store.store_samples import stock_tinydb, store_in, tables_of

SET = Preferences(
    model='openai:gpt-6-luna',
    recent_models=('demo', 'ollama:qwen3:8b'),
    instructions='Answer in rhymes.',
    refines_titles=False,
    title_model='demo',
    send_key='mod-enter',
)


async def read_in(folder: Path) -> Preferences:
    async with store_in(folder) as data_folder:
        return await data_folder.preferences.read()


async def test_they_are_as_usual_at_first(tmp_path: Path) -> None:
    assert await read_in(tmp_path) == Preferences()
    assert not (tmp_path / 'settings.json').exists()


async def test_they_outlast_the_process(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        live = PreferencesStore(await data_folder.preferences.read(), data_folder.preferences.write)
        await live.update(lambda _: SET)
        await live.update(lambda now: replace(now, refines_titles=True))
    assert await read_in(tmp_path) == replace(SET, refines_titles=True)


async def test_the_file_is_plain_and_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.preferences.write(SET)
    assert tables_of(tmp_path / 'settings.json')['preferences']['1']['send_key'] == 'mod-enter'
    assert (tmp_path / 'settings.json').stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize('text', ['{"preferences": ', '[]', '\x00\x00', '{"preferences": 7}'])
async def test_a_damaged_file_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / 'settings.json').write_text(text)
    async with store_in(tmp_path) as data_folder:
        assert await data_folder.preferences.read() == Preferences()
        await data_folder.preferences.write(SET)
        assert await data_folder.preferences.read() == SET
    assert (tmp_path / 'settings.json.corrupt').read_text() == text


@pytest.mark.parametrize('change', [{'send_key': 'F13'}, {'recent_models': [7]}, {'from_the_future': True}])
async def test_one_that_makes_no_sense_leaves_the_others(
    tmp_path: Path, change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.preferences.write(SET)
    with stock_tinydb(tmp_path / 'settings.json') as database:
        database.table('preferences').update(change)
    with caplog.at_level(logging.WARNING):
        preferences = await read_in(tmp_path)
    assert preferences.instructions == SET.instructions
    assert 'rhymes' not in caplog.text


async def test_what_a_newer_version_wrote_is_left_alone(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.preferences.write(SET)
    path = tmp_path / 'settings.json'
    path.write_text(newer := path.read_text().replace('"format_version": 1', '"format_version": 2'))
    async with store_in(tmp_path) as data_folder:
        live = PreferencesStore(await data_folder.preferences.read(), data_folder.preferences.write)
        assert live.current == Preferences()
        with pytest.raises(OSError, match='newer version'):
            await live.update(lambda now: replace(now, instructions='Be brief.'))
        assert live.current.instructions == 'Be brief.'
    assert path.read_text() == newer
