"""The address that is opened in the browser when Parlour has been started."""

import os
from pathlib import Path

from chat.server.instance import RunningInstance

REDIRECT_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Parlour</title>
<meta http-equiv="refresh" content="0; url={entrance}">
<p><a href="{entrance}">Open Parlour</a></p>
"""


def address_to_open(running: RunningInstance, folder: Path) -> str:
    """What a browser is started with.

    Everybody at a computer can see with which arguments a program was started, so an address with a token
    stands in a page that only its owner can read, and which leads there.
    """
    if running.entrance == running.url:
        return running.url
    page = folder / '.enter.html'
    page.unlink(missing_ok=True)
    descriptor = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, 'w') as file:
        file.write(REDIRECT_PAGE.format(entrance=running.entrance))
    return page.absolute().as_uri()
