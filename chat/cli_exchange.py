"""The commands `chats export` and `chats import`."""

import asyncio
import contextlib
import sys
import unicodedata
from collections.abc import AsyncIterator, Generator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from chat.agent.added_servers import AddedServers
from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.servers import McpServers
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.library import EntryCollection, open_library
from chat.errors import ChatError, InvalidOption, StartFailed
from chat.exchange.export import Export
from chat.exchange.export_formats import EXPORT_FORMATS
from chat.exchange.import_job import Import
from chat.exchange.imports import Imports
from chat.exchange.own_settings import OwnSettings
from chat.exchange.report import problem_lines, result_lines, summary_lines
from chat.exchange.settings_file import ExportedSettings, parsed_settings
from chat.exchange.zip_stream import bytes_of
from chat.server.instance import Instance
from chat.storage import Storage
from chat.store.data_folder import open_store
from chat.store.filesystem.layout import DataLayout
from chat.store.maintenance.reader import FolderReader, read_documents, read_summaries

IMPORT_PAGE = 'settings'
"""Where the page imports and exports."""


def found_id(folder: Path, beginning: str) -> str:
    """Return the id of the one chat whose id is this, or begins so.

    Raises:
        StartFailed: If there is none, or more than one.
    """
    ids = [summary.conversation_id for summary in read_summaries(folder)[0]]
    found = [each for each in ids if each == beginning] or [
        each for each in ids if each.startswith(beginning)
    ]
    if len(found) != 1:
        which = 'No' if not found else 'More than one'
        raise StartFailed(f'{which} chat has an id that begins with {beginning}. See `chats list`.')
    return found[0]


def export_chats(folder: Path, arguments: Mapping[str, Any]) -> int:
    """Write one chat, or all of them; return the exit code.

    Raises:
        InvalidOption: If it is not said which.
        StartFailed: If it cannot be done.
    """
    beginning, is_all, output = (
        arguments.get('beginning'),
        arguments.get('all', False),
        arguments.get('output'),
    )
    if bool(beginning) == bool(is_all):
        raise InvalidOption('Name one chat by its id, or export all of them with --all. See `chats list`.')
    summaries, unread = read_summaries(folder) if is_all else ([], [])
    ids = [each.conversation_id for each in summaries] if is_all else [found_id(folder, str(beginning))]
    is_archive = output is not None and output.suffix.lower() == '.zip'
    export_format = arguments.get('format') or ('zip' if is_all or is_archive else 'md')
    if (all_versions := arguments.get('all_versions', False)) and export_format == 'pydantic-ai':
        raise InvalidOption('pydantic-ai messages are one version: the one that is shown.')
    export = Export(
        reader=FolderReader(folder),
        chats=ids,
        format=export_format,
        all_versions=all_versions,
        settings=_settings_in(folder) if is_all else None,
    )
    try:
        asyncio.run(_write(export, output))
    except ChatError as error:
        raise StartFailed(str(error)) from error
    problems = [
        *(f'conversations/{name} cannot be read; see `chats verify`.' for name in unread),
        *export.problems,
    ]
    for sentence in problems:
        sys.stderr.write(f'parlour: {sentence}\n')
    return 1 if problems else 0


def _settings_in(folder: Path) -> ExportedSettings:
    """Return what an export has beside the chats, read without changing it."""
    layout = DataLayout(folder)
    paths = {
        'assistants': layout.assistants,
        'prompts': layout.prompts,
        'folders': layout.chat_folders,
        'servers': layout.servers,
        'mcp_servers': layout.mcp_servers,
    }
    documents = {name: read_documents(path, path.stem) for name, path in paths.items()}
    preferences = read_documents(layout.settings, 'preferences')
    return parsed_settings(
        {**documents, 'preferences': preferences[0] if preferences else {}}
    ).without_defaults()


async def _write(export: Export, output: Path | None) -> None:
    """Write an export to a file, which is whole or as before, or to standard output.

    Raises:
        StartFailed: If it cannot be written.
    """
    is_archive = output is not None and output.suffix.lower() == '.zip'
    if export.format == 'md' and len(export.chats) == 1 and not is_archive:
        await _write_markdown(export, output)
        return
    file = await export.open()
    if output is None and file.name.endswith('.zip') and sys.stdout.isatty():
        raise StartFailed(
            'This is a zip archive, which a terminal cannot show. Write it to a file with --output FILE.'
        )
    _check_ending(Path(file.name).suffix, output)
    if output is None:
        await _copy(file.content, sys.stdout.buffer)
    else:
        await _write_file(file.content, output)


def _check_ending(ending: str, output: Path | None) -> None:
    """Check that an archive is called one, and nothing else is.

    Raises:
        StartFailed: If the name says something else.
    """
    called = output.suffix.lower() if output else ''
    if output is None or called == ending or called not in {each.ending for each in EXPORT_FORMATS.values()}:
        return
    if '.zip' in (called, ending):
        what = 'a zip archive' if ending == '.zip' else 'no zip archive'
        raise StartFailed(f'This is {what}. Call it {output.with_suffix(ending)}.')


async def _write_markdown(export: Export, output: Path | None) -> None:
    """Write a chat as text, with the files that it names beside it if it goes to a file."""
    whole = await export.reader.read(export.chats[0])
    links = await export.links(whole)
    if output is None:
        await _copy(export.one(whole, links), sys.stdout.buffer)
        if links:
            sys.stderr.write('parlour: This chat has files. --output FILE writes them beside it.\n')
        return
    await _write_file(export.one(whole, links), output)
    for blob, path in links.items():
        if file := await export.reader.file(blob):
            target = output.parent / path
            target.parent.mkdir(exist_ok=True)
            await _write_file(bytes_of(file), target)


async def _write_file(content: AsyncIterator[bytes], output: Path) -> None:
    if not output.name:
        raise StartFailed(f'{output} is a folder. Name a file with --output.')
    unfinished = output.with_name(f'{output.name}.unfinished')
    try:
        with unfinished.open('wb') as target:
            await _copy(content, target)
        unfinished.replace(output)
    except OSError as error:
        raise StartFailed(f'{output} cannot be written: {error.strerror or error}.') from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


async def _copy(content: AsyncIterator[bytes], target: BinaryIO) -> None:
    async for piece in content:
        target.write(piece)
    target.flush()


def import_chats(folder: Path, arguments: Mapping[str, Any]) -> int:
    """Import files and folders into a data folder that is not in use; return the exit code.

    Raises:
        StartFailed: If Parlour is running, or the folder cannot be used.
    """
    instance = Instance(folder, timeout=0)
    if running := instance.claim():
        raise StartFailed(
            f'Parlour is running at {running.url} and uses {folder}. '
            f'Import there: {running.url}{IMPORT_PAGE}, under Import and export.'
        )
    try:
        return asyncio.run(_import(folder, arguments['paths'], is_dry=arguments.get('dry_run', False)))
    except KeyboardInterrupt:
        print_text('Cancelled. Chats that were imported by then are here; import again for the rest.')
        return 1
    finally:
        instance.release()


async def _import(folder: Path, paths: list[Path], *, is_dry: bool) -> int:
    storage = await open_store(folder)
    try:
        imports = Imports(storage, is_open=lambda _: False, settings=await open_settings(storage))
        await imports.recover()
        job = imports.make(paths)
        with _progress(job):
            await job.read()
            if job.state == 'found' and not is_dry:
                await job.run()
    finally:
        await storage.close()
    report = job.found if is_dry else job.result
    lines = summary_lines(report) if is_dry else result_lines(report)
    for line in [job.failure] if job.failure else [*lines, *problem_lines(report)]:
        print_text(line)
    return 0 if report.is_complete and not job.failure else 1


async def open_settings(storage: Storage) -> OwnSettings:
    """Return what an import changes beside chats; nothing of it is connected to."""
    keys = ApiKeys({}, storage.api_keys)
    folders = EntryCollection(await storage.folders.read(), storage.folders)
    return OwnSettings(
        preferences=PreferencesStore(await storage.preferences.read(), storage.preferences.write, folders),
        library=await open_library(storage.assistants, storage.prompts),
        added=AddedServers(await storage.servers.read(), store=storage.servers, keys=keys),
        mcp_servers=McpServers([], await storage.mcp_servers.read(), storage=storage.mcp_servers, keys=keys),
    )


@contextlib.contextmanager
def _progress(job: Import) -> Generator[None]:
    """Write on one line of a terminal how far an import is."""

    async def follow() -> None:
        while True:
            seen = job.changed.count
            verb = 'Reading' if job.state == 'reading' else 'Importing'
            sys.stderr.write(f'\r{verb} … {job.done:,} chats')
            sys.stderr.flush()
            await job.changed.wait(seen)

    if not sys.stderr.isatty():
        yield
        return
    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        sys.stderr.write('\r\x1b[K')


def print_text(text: str) -> None:
    """Write text to standard output without control characters."""
    shown = ''.join(
        '\ufffd' if unicodedata.category(char) == 'Cc' and char not in '\n\t' else char for char in text
    )
    encoding = sys.stdout.encoding or 'utf-8'
    sys.stdout.write(shown.encode(encoding, 'replace').decode(encoding) + '\n')
