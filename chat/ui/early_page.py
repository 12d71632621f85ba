"""What a page shows before its scripts run: a box in which one can write at once.

The scripts of NiceGUI take longer than all else of a visit. Here they start once the box has been painted,
see `js/early_page.js`; what was written by then goes into the box of the page, see `js/early_box.js`.
"""

from html import escape

from chat.conversation.content.chat_settings import SendKey
from chat.nicegui_compat import EARLY_PAGE_ID
from chat.ui.html import icon_html

EARLY_PAGE = """
<div id="{id}">
<div class="early-sidebar"></div>
<main class="page">
<div class="topbar"></div>
<div class="scroller"></div>
<div class="dock">
<form class="composer" data-send-key="{send_key}">
<textarea data-testid="composer" rows="1" placeholder="Ask anything" aria-label="Message" autocomplete="off">
{text}</textarea>
<div class="composer-row">
<button type="button" class="icon-button attach" aria-label="Attach files">{attach}</button>
<button type="button" class="icon-button dictate" aria-label="Dictate">{dictate}</button>
<span class="composer-hint">{hint}</span>
<span class="spacer"></span>
<button type="submit" class="send" data-testid="send" aria-label="Send">{send}</button>
</div>
<p class="composer-problem early-problem" role="alert">{failed}</p>
</form>
<div class="fine-print"><p>{fine_print}</p></div>
</div>
</main>
</div>
"""


def early_page_html(text: str, *, send_key: SendKey, fine_print: str) -> str:
    """Return the HTML.

    Args:
        text: What stands in the box.
        send_key: What sends it.
        fine_print: The sentence below the box.
    """
    hint = 'Shift + Enter for a new line' if send_key == 'enter' else ''
    icons = {name: icon_html(symbol) for name, symbol in ICONS.items()}
    return EARLY_PAGE.format(
        id=EARLY_PAGE_ID,
        text=escape(text),
        send_key=send_key,
        fine_print=escape(fine_print),
        hint=hint,
        failed=FAILED,
        **icons,
    )


FAILED = 'The rest of this page could not be loaded. Copy what you have written, then reload the page.'

ICONS = {'attach': 'add', 'dictate': 'mic', 'send': 'arrow_upward'}
