"""The process that reads one file: its bytes come in, JSON goes out, and it can do nothing else.

`python -m chat.documents KIND BYTES`, where KIND is a media type, "upright" or "readable", and BYTES the
memory that it may take. It may neither write files nor start programs nor speak to the network.
"""

import base64
import json
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from chat.documents.kinds import (
    EMAIL_MEDIA_TYPE,
    EPUB_MEDIA_TYPE,
    HTML_MEDIA_TYPE,
    OUTLOOK_MEDIA_TYPE,
    PDF_MEDIA_TYPE,
    SLIDES_MEDIA_TYPE,
    WORD_MEDIA_TYPE,
)
from chat.documents.pieces import Pieces, Unreadable, joined

FORBIDDEN_EVENTS = (
    'socket.',
    'subprocess.',
    'os.',
    'shutil.',
    'ctypes.',
    'urllib.',
    'http.',
    'ftplib.',
    'smtplib.',
)
"""How the events begin that Python tells of before it does what no reader of a file has to do."""

ALLOWED_EVENTS = frozenset(
    {'os.listdir', 'os.scandir', 'os.walk', 'os.putenv', 'os.unsetenv', 'os.add_dll_directory'}
)
"""Those that an import causes; what a process sets in its environment stays there."""


def main() -> None:
    """Read the file that comes in, and say what is in it, or why it cannot be read."""
    kind, memory = sys.argv[1:]
    _limit_memory(int(memory))
    answer_stream, sys.stdout = sys.stdout, sys.stderr  # a package may print something
    content = sys.stdin.buffer.read()
    sys.addaudithook(forbid_effects)
    try:
        answer = _answer(kind, content)
    except Unreadable as error:
        answer = {'problem': error.problem}
    except MemoryError:
        answer = {'problem': 'memory'}
    except ModuleNotFoundError:
        answer = {'problem': 'packages'}
    except Exception as error:  # noqa: BLE001  # a file from anywhere, and packages of others
        answer = {'problem': 'damaged', 'detail': type(error).__name__}
    json.dump(answer, answer_stream)
    answer_stream.flush()


def _answer(kind: str, content: bytes) -> dict[str, Any]:
    if kind in ('upright', 'readable'):
        from chat.documents import pictures

        found = pictures.upright(content) if kind == 'upright' else pictures.readable(content)
        return {
            'pictures': [base64.b64encode(each).decode() for each in found.contents],
            'count': found.count,
        }
    return asdict(joined(_pieces(kind, content)))


def _pieces(media_type: str, content: bytes) -> Pieces:
    from chat.documents import office, plain

    readers = {
        PDF_MEDIA_TYPE: plain.pdf,
        HTML_MEDIA_TYPE: plain.html,
        EMAIL_MEDIA_TYPE: plain.email,
        EPUB_MEDIA_TYPE: plain.epub,
        WORD_MEDIA_TYPE: office.word,
        SLIDES_MEDIA_TYPE: office.slides,
        OUTLOOK_MEDIA_TYPE: office.outlook,
    }
    reader = readers.get(media_type)
    return reader(content) if reader else office.sheets(content, media_type)


def _limit_memory(size: int) -> None:
    """Have the system refuse more memory than this; on Windows there is only the limit of time."""
    if sys.platform == 'win32':
        return
    import resource

    with suppress(ValueError, OSError):  # macOS knows the limit and does not take it
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def forbid_effects(event: str, arguments: tuple[Any, ...]) -> None:
    """Have everything fail that would be seen outside of this process; Python calls it before it acts.

    Raises:
        PermissionError: If it would be.
    """
    is_write = event == 'open' and isinstance(arguments[1], str) and set(arguments[1]) & set('wax+')
    if is_write or (event.startswith(FORBIDDEN_EVENTS) and event not in ALLOWED_EVENTS):
        raise PermissionError(f'{event} is no part of reading a file')


if __name__ == '__main__':
    main()
