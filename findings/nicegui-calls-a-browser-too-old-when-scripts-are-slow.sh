#!/usr/bin/env bash
# NiceGUI 3.18.0: whoever gets Vue later than a second after the page, as on a slow Wi-Fi or through a busy proxy, reads
# "Your browser does not support ES modules. Please use a modern browser." until it comes. The sentence is in every page,
# a style shows it after one second, and the first module takes it away, once Vue is there. It is in the page from the
# beginning, only transparent: screen readers find it at once, outside of any landmark, and axe-core complains of that
# as soon as it is opaque.
# Needs Chromium (`chromium` in the path, or CHROMIUM).
set -euo pipefail
chromium="${CHROMIUM:-$(command -v chromium || true)}"
[ -n "$chromium" ] || { echo 'There is no Chromium; set CHROMIUM.'; exit 2; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nicegui==3.18.0 playwright==1.65.2 2>/dev/null
cd "$folder"
cat >app.py <<'PYTHON'
import sys

from nicegui import ui


@ui.page('/')
def page() -> None:
    ui.label('Hello')


ui.run(port=int(sys.argv[1]), host='127.0.0.1', show=False, reload=False)
PYTHON
cat >look.py <<'PYTHON'
import re
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

SENTENCE = '#esm-fallback'

with socket.create_server(('127.0.0.1', 0)) as free:
    port = free.getsockname()[1]
app = subprocess.Popen([sys.executable, 'app.py', str(port)], stdout=subprocess.DEVNULL)
try:
    for _ in range(300):
        try:
            urlopen(f'http://127.0.0.1:{port}/').close()
            break
        except URLError:
            time.sleep(0.1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=sys.argv[1], args=['--no-sandbox'])
        page = browser.new_page()
        held = []
        page.route(re.compile(r'/vue\b[^/]*\.js'), lambda route: held.append(route))  # the line is slow
        page.goto(f'http://127.0.0.1:{port}/', wait_until='commit')
        page.wait_for_function(f'document.querySelector("{SENTENCE}")?.checkVisibility({{opacityProperty: true}})')
        said = ' '.join(page.locator(SENTENCE).inner_text().split())
        for route in held:
            route.continue_()
        page.get_by_text('Hello', exact=True).wait_for()
        left = page.locator(SENTENCE).count()
        browser.close()
finally:
    app.terminate()
    app.wait()
print(f'NiceGUI {version("nicegui")}: while Vue is on its way, a browser that knows modules shows: {said!r}')
print(f'Once it has come, the page is shown, and the sentence is there {left} times.')
sys.exit(not said or bool(left))
PYTHON
"$folder/venv/bin/python" look.py "$chromium"
