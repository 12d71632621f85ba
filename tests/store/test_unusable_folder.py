"""A data folder that is full, read-only, gone, open to others, or was used while the clock was wrong."""

import asyncio
import errno
import logging
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic_ai.conversation_store import ConversationRecord

from chat.conversation.error_messages import error_message
from chat.conversation.storage import TRASH_LIFETIME
from chat.store.conversations.format import dump_record, load_record
from chat.store.data_folder import open_store
from chat.store.filesystem.disk import Disk
from tests.store.store_samples import conversation_of, only_file, prompts_in, store_in, tables_of, turn
from tests.store.test_odd_messages import edit
from tests.support.timeouts import WAIT_TIMEOUT


class RefusingDisk(Disk):
    """Refuses every change from some moment on."""

    def __init__(self, number: int) -> None:
        self.refuses = False
        self._number = number

    def write(self, path: Path, data: bytes) -> None:
        self._refuse()
        super().write(path, data)

    def extend(self, path: Path, data: bytes) -> None:
        self._refuse()
        super().extend(path, data)

    def rename(self, source: Path, target: Path) -> None:
        self._refuse()
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._refuse()
        super().unlink(path)

    def _refuse(self) -> None:
        if self.refuses:
            raise OSError(self._number, 'refused')


@pytest.mark.parametrize('number', [errno.EROFS, errno.EMFILE, errno.ENOSPC])
async def test_ending_while_nothing_can_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    disk = RefusingDisk(number)
    data_folder = await open_store(tmp_path, disk=disk, rewrite_below=0)
    conversation = conversation_of('one')
    await data_folder.conversations.save(conversation)
    conversation.messages += turn('two')
    await data_folder.conversations.save(conversation)
    disk.refuses = True
    await data_folder.close()
    assert not [record for record in caplog.records if record.exc_info]
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert prompts_in(loaded) == ['one', 'two']


async def test_on_a_full_disk_one_can_read(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        await data_folder.conversations.save(conversation)
    disk = RefusingDisk(errno.ENOSPC)
    disk.refuses = True
    data_folder = await open_store(tmp_path, disk=disk)
    assert 'is full: nothing can be saved. Make room on it.' in data_folder.warnings[0]
    assert prompts_in(await data_folder.conversations.load(conversation.conversation_id)) == ['one']
    with pytest.raises(OSError, match='refused'):
        await data_folder.conversations.save(conversation_of('two'))
    await data_folder.close()


async def test_a_folder_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / 'data'
    async with store_in(folder) as data_folder:
        shutil.move(folder, tmp_path / 'elsewhere')
        with pytest.raises(FileNotFoundError) as raised:
            await data_folder.conversations.save(conversation_of('one'))
        assert 'The data folder is not where it was.' in error_message(raised.value)
    assert not folder.exists()


@pytest.mark.parametrize(
    ('number', 'advice'),
    [
        (errno.ENOSPC, 'Make room on the disk'),
        (errno.EROFS, 'Make the data folder writable'),
        (errno.EMFILE, 'Close some pages'),
        (errno.EIO, 'Try again.'),
    ],
)
def test_the_advice_is_about_what_is_the_matter(number: int, advice: str) -> None:
    assert advice in error_message(OSError(number, 'refused'))


@pytest.mark.skipif(sys.platform == 'win32', reason='has other rights')
async def test_a_folder_that_is_open_to_others_is_closed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / 'data'
    (folder / 'conversations').mkdir(parents=True)
    for each in (folder, folder / 'conversations'):
        each.chmod(0o755)
    with caplog.at_level(logging.WARNING):
        async with store_in(folder):
            modes = {each.stat().st_mode & 0o777 for each in (folder, folder / 'conversations')}
    assert modes == {0o700}
    assert 'was accessible to others' in caplog.text


async def test_the_order_heals_after_the_clock_was_wrong(tmp_path: Path) -> None:
    """What is dated years ahead does not stay on top of what is written now."""
    async with store_in(tmp_path) as data_folder:
        early = conversation_of('one')
        await data_folder.conversations.save(early)

    def spoil(record: ConversationRecord) -> ConversationRecord:
        record.updated_at = datetime.now(UTC) + timedelta(days=900)
        return record

    path = only_file(tmp_path)
    edit(
        path,
        lambda tables: tables['record'].update({'1': dump_record(spoil(load_record(tables['record']['1'])))}),
    )
    async with store_in(tmp_path) as data_folder:
        late = conversation_of('two')
        await data_folder.conversations.save(late)
        order = [late.conversation_id, early.conversation_id]
        assert [summary.conversation_id for summary in data_folder.catalog.summaries] == order
    async with store_in(tmp_path) as data_folder:
        assert [summary.conversation_id for summary in data_folder.catalog.summaries] == order
    assert tables_of(path)


async def test_the_trash_is_emptied_while_parlour_runs(tmp_path: Path) -> None:
    time = datetime.now(UTC)
    data_folder = await open_store(tmp_path, trash_check_interval=0.05, clock=lambda: time)
    conversation = conversation_of('one')
    await data_folder.conversations.save(conversation)
    await data_folder.conversations.move_to_trash(conversation.conversation_id)
    time += TRASH_LIFETIME
    await data_folder.trash.erase_expired()
    assert data_folder.trash.conversations, 'it stays for its whole time'
    time += timedelta(seconds=1)
    async with asyncio.timeout(WAIT_TIMEOUT):
        while data_folder.trash.conversations:
            await data_folder.trash.changed.wait()
    assert not (tmp_path / 'trash' / f'{conversation.conversation_id}.json').exists()
    await data_folder.close()
