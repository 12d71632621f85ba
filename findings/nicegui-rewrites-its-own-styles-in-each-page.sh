#!/usr/bin/env bash
# NiceGUI 3.18.0: the styles that it serves are not those that its pages have. A script of each page reads the selectors of
# all rules of Quasar, more than two thousand, to change the few that are about cards, also in a page without a card; the
# browser then computes the styles of the whole page once more, while the person waits for it. It finds the rules by the
# address of their file: delivered under another name than Quasar's, they are left as they are.
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
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

WATCH = """() => {
    window.read = 0;
    window.changed = [];
    const { get, set } = Object.getOwnPropertyDescriptor(CSSStyleRule.prototype, "selectorText");
    Object.defineProperty(CSSStyleRule.prototype, "selectorText", {
        get() { read += 1; return get.call(this); },
        set(text) { changed.push(text); set.call(this, text); },
    });
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
        page.add_init_script(f'({WATCH})()')
        page.goto(f'http://127.0.0.1:{port}/')
        page.get_by_text('Hello', exact=True).wait_for()
        read, changed = page.evaluate('[read, changed]')
        cards = page.locator('.q-card').count()
        browser.close()
finally:
    app.terminate()
    app.wait()
print(f'NiceGUI {version("nicegui")}: a page with {cards} cards reads {read:,} selectors, and changes {len(changed)} rules:')
print(*changed, sep='\n')
sys.exit(not (read > 1000 and changed and not cards))
PYTHON
"$folder/venv/bin/python" look.py "$chromium"
