"""How long it takes from the command to the first page, against a NiceGUI page with an agent in it."""

import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager

from playwright.sync_api import Browser

from tests.benchmarks.measuring import App, naive, parlour
from tests.support.provider import Provider


def run(_: Browser, provider: Provider, *, is_short: bool) -> None:
    print(f'{"start-up":26}{"server s":>11}{"seconds":>10}')
    ours, theirs = (
        min((start(make(provider)) for _ in range(1 if is_short else 3)), key=lambda cost: cost[1])
        for make in (parlour, naive)
    )
    for name, (cpu, seconds) in (('Parlour', ours), ('naive NiceGUI', theirs)):
        print(f'{name:26}{cpu:>11.2f}{seconds:>10.1f}')
    print(f'{ours[0] / theirs[0]:.1f} times the server, {ours[1] / theirs[1]:.1f} times as long')


def start(starting: AbstractContextManager[App]) -> tuple[float, float]:
    """Seconds of the processor, and seconds, until a page has been served."""
    begun = time.perf_counter()
    with starting as app:
        while not is_served(app):
            time.sleep(0.02)
        return app.cpu, time.perf_counter() - begun


def is_served(app: App) -> bool:
    try:
        with urllib.request.urlopen(app.url) as answer:  # noqa: S310  # on loopback
            return bool(answer.read())
    except urllib.error.URLError:
        return False
