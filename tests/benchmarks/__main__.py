"""What Parlour costs, in a real browser: `python -m tests.benchmarks [--short] [part …]`.

The parts are `rates`, `flowing`, `crowds`, `viewers`, `streaming`, `together`, `opening`, `arriving`,
`starting`, `visiting`, `agents` and `cluster`; without names all of them. The provider is one of our own on
loopback: no key, no network. Needs Chromium and, for `rates`, `flowing`, `crowds` and `visiting`, git, for
`cluster` PostgreSQL; reads /proc, so it runs on Linux only. `--short` shows in seconds that it runs, and
measures nothing that is worth reading.
"""

import os
import platform
import shutil
import sys
from importlib.metadata import version

from playwright.sync_api import sync_playwright

from tests.benchmarks import (
    agents,
    arriving,
    cluster,
    crowds,
    flowing,
    opening,
    rates,
    starting,
    streaming,
    together,
    viewers,
    visiting,
)
from tests.support.provider import Provider

PARTS = {
    'rates': rates.run,
    'flowing': flowing.run,
    'crowds': crowds.run,
    'viewers': viewers.run,
    'streaming': streaming.run,
    'together': together.run,
    'opening': opening.run,
    'arriving': arriving.run,
    'starting': starting.run,
    'visiting': visiting.run,
    'agents': agents.run,
    'cluster': cluster.run,
}


def main(*arguments: str) -> None:
    names = [name for name in arguments if name in PARTS] or list(PARTS)
    chromium = os.environ.get('PARLOUR_CHROMIUM') or shutil.which('chromium')
    print(f'Python {platform.python_version()}, NiceGUI {version("nicegui")}, {os.cpu_count()} cores')
    with sync_playwright() as playwright, Provider() as provider:
        browser = playwright.chromium.launch(executable_path=chromium, args=['--no-sandbox', '--disable-gpu'])
        for name in names:
            print()
            PARTS[name](browser, provider, is_short='--short' in arguments)
        browser.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
