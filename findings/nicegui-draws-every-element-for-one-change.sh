#!/usr/bin/env bash
# NiceGUI 3.18.0: when one element of a page changes, the browser draws all of them anew. Elements are no Vue components of
# their own: one function draws the tree from its root, and reads every element each time. A page with 300 labels of
# which one gets another text reads all 300 and compares them with what is shown; so what a change costs grows with what else is
# on the page, as with each message of a long chat. The message itself names the one element only.
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
    for number in range(300):
        ui.label(f'Label {number}')
    told = ui.label('before').props('id=told')
    ui.button('Change', on_click=lambda: told.set_text('after'))


ui.run(port=int(sys.argv[1]), host='127.0.0.1', show=False, reload=False)
PYTHON
cat >look.py <<'PYTHON'
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

COUNT_READS = """() => {
    window.read = new Set();
    for (const [id, element] of Object.entries(Vue.toRaw(mounted_app.elements))) {
        const { tag } = element;
        Object.defineProperty(element, "tag", { get: () => (read.add(id), tag) });
    }
    return Object.keys(mounted_app.elements).length;
}"""

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
        page.goto(f'http://127.0.0.1:{port}/')
        page.get_by_text('Label 299', exact=True).wait_for()
        page.wait_for_function('window.did_handshake')
        all_of_them = page.evaluate(COUNT_READS)
        page.get_by_role('button').click()
        page.get_by_text('after', exact=True).wait_for()
        read = page.evaluate('read.size')
        browser.close()
finally:
    app.terminate()
    app.wait()
print(f'NiceGUI {version("nicegui")}: of {all_of_them} elements {read} are read to draw one that has changed')
sys.exit(read < 300)
PYTHON
"$folder/venv/bin/python" look.py "$chromium"
