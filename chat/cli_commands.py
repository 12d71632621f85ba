"""Commands without a server: list, show, verify and repair stored chats, and test the disk."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chat.cli_exchange import export_chats, found_id, import_chats, print_text
from chat.errors import ChatError, StartFailed
from chat.exchange.markdown import export_markdown
from chat.server.instance import Instance
from chat.store.maintenance.reader import FolderReader, read_summaries
from chat.store.maintenance.repair import repair_folder
from chat.store.maintenance.verify import Findings, verify_folder
from chat.store.selftest.selftest import selftest as tried


def chats(folder: Path, action: str, arguments: Mapping[str, Any]) -> int:
    """Do one of `ACTIONS` with a data folder; return the exit code.

    Args:
        folder: The data folder.
        action: What to do.
        arguments: Those of the action, by name; `beginning` is as much of an id as no other begins with.

    Raises:
        StartFailed: If it cannot be done.
    """
    if not folder.is_dir() and action != 'import':
        raise StartFailed(f'There is no data folder {folder}. Name another with --data.')
    try:
        return ACTIONS[action](folder, arguments)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        raise StartFailed(f'The data folder {folder} cannot be used: {error.strerror or error}.') from error


def selftest(folder: Path) -> int:
    """Try the store on the disk of the data folder, which need not be there; return the exit code.

    Raises:
        StartFailed: If nothing can be written there.
    """
    place = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
    try:
        return 0 if tried(place, print_text) else 1
    except OSError as error:
        raise StartFailed(f'The self-test cannot use {place}: {error.strerror or error}.') from error


def _list(folder: Path, _: Mapping[str, Any]) -> int:
    summaries, unread = read_summaries(folder)
    for summary in summaries:
        time = summary.updated_at.astimezone().strftime('%Y-%m-%d %H:%M')
        title = ' '.join(summary.title.split()) or 'New chat'
        print_text(f'{" ".join(summary.conversation_id.split())}  {time}  {title}')
    for name in unread:
        sys.stderr.write(f'parlour: conversations/{name} cannot be read; see `chats verify`.\n')
    return 0


def _show(folder: Path, arguments: Mapping[str, Any]) -> int:
    conversation_id = found_id(folder, arguments['beginning'])
    try:
        stored = asyncio.run(FolderReader(folder).read(conversation_id, with_files=True))
    except ChatError as error:
        raise StartFailed(str(error)) from error
    print_text(export_markdown(stored.messages, stored.metadata).rstrip('\n'))
    return 0


def _verify(folder: Path, _: Mapping[str, Any]) -> int:
    return _print_findings(verify_folder(folder))


def _repair(folder: Path, _: Mapping[str, Any]) -> int:
    instance = Instance(folder, timeout=0)
    if running := instance.claim():
        raise StartFailed(f'Parlour is running at {running.url} and uses {folder}. Stop it, then repair.')
    try:
        done = asyncio.run(repair_folder(folder))
        for sentence in done or ['Nothing to repair.']:
            print_text(sentence)
        return _print_findings(verify_folder(folder))
    finally:
        instance.release()


ACTIONS: Mapping[str, Callable[[Path, Mapping[str, Any]], int]] = {
    'list': _list,
    'show': _show,
    'export': export_chats,
    'import': import_chats,
    'verify': _verify,
    'repair': _repair,
}
"""By their names on the command line."""


def _print_findings(found: Findings) -> int:
    for problem in found.problems:
        print_text(problem)
    print_text(
        f'{found.conversations} conversations, {found.messages} messages, {found.blobs} attachments, '
        f'{found.in_trash} in the trash, {found.journals} journals, {found.set_aside} damaged files set '
        f'aside, {found.leftovers} leftovers.'
    )
    print_text(f'{len(found.problems)} problems.' if found.problems else 'No problems found.')
    return 1 if found.problems else 0
