"""What programs put on the clipboard, and what of it stands in the message box."""

from collections.abc import Mapping

import pytest
from playwright.async_api import expect

from tests.browser.components.composing import box_of, compose
from tests.support.component_page import Stage
from tests.support.gestures import paste

PAGE = """<html><body><!--StartFragment--><h2 id="x"><a href="#x"></a>Tails of <em>kites</em></h2>
<p>A tail has <b>six</b> times the length, says <a
href="https://kites.example/a(b)">the guide</a>.<br>Use <code>a`b</code>.</p>
<script>alert(1)</script><img src="https://evil.example/x.png">
<ul><li>Paper</li><li><p>Cloth</p><ol start="3"><li>red</li><li>blue</li></ol></li></ul>
<pre><code class="language-python">if kite:
    fly()
</code></pre><blockquote><p>Wind!</p><p>More.</p></blockquote><!--EndFragment--></body></html>"""

PAGE_MARKDOWN = """## Tails of kites

A tail has **six** times the length, says [the guide](https://kites.example/a%28b%29).
Use ``a`b``.

- Paper
- Cloth
  3. red
  4. blue

```python
if kite:
    fly()
```

> Wind!
>
> More."""

SHEET = """<style>td {}</style><table><col><tbody><tr><td>City</td><td>People, m</td></tr>
<tr><td>Rio | Niterói</td><td>6,2</td></tr><tr><td>a<br>b</td></tr></tbody></table>"""

SHEET_MARKDOWN = """| City | People, m |
| --- | --- |
| Rio \\| Niterói | 6,2 |
| a b |  |"""

DOCS = """<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><p><span
style="font-weight:400">So </span>
<span style="font-weight:700">bold</span></p><ul><li style="list-style-type:disc"><p role="presentation">
<span>One</span></p></li></ul></b>"""

WORD = """<p class=MsoNormal>First:<o:p></o:p></p>
<p class=MsoListParagraph style='text-indent:-18pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·<span>&nbsp;&nbsp; </span></span><![endif]>Cut</p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span
style='mso-list:Ignore'>1.<span>&nbsp;</span></span>paper</p>"""

CODE = """<meta charset='utf-8'><div style="font-family: monospace; white-space: pre;"><div><span
style="color: #00f;">if</span>
<span style="font-weight: bold">kite</span>:</div></div>"""

LINES = '<div>Dear <b>Ann</b>,</div><div>all is well.</div><div><br></div><div>Ben</div>'

FORMULA = """<p>So <math><semantics><mi>x</mi><annotation
encoding="application/x-tex">x^2</annotation></semantics></math>
<strong> holds </strong>.</p>"""

CASES: Mapping[str, tuple[str, str, str]] = {
    'page': (PAGE, 'Tails', PAGE_MARKDOWN),
    'spreadsheet': (SHEET, 'City\tPeople', SHEET_MARKDOWN),
    'documents': (DOCS, 'So bold', 'So **bold**\n\n- One'),
    'word': (WORD, 'First:', 'First:\n\n- Cut\n  1. paper'),
    'lines': (LINES, 'Dear Ann', 'Dear **Ann**,\nall is well.\nBen'),
    'formula': (FORMULA, 'So', 'So $x^2$ **holds** .'),
    'code editor': (CODE, 'if kite:', ''),
    'one block of code': ('<pre style="color:#000"><span>if</span> kite</pre>', 'if kite', ''),
    'one cell': ('<table><tr><td><b>42</b></td></tr></table>', '42', ''),
    'address': ('<a href="https://a.example/">A title</a>', 'https://a.example/', ''),
    'words': ('<span style="color:red">Just</span> words', 'Just words', ''),
    'dangerous link': ('<p><a href="javascript:x()">Click</a> <i>me</i></p>', 'Click me', 'Click *me*'),
}

PASTED = """(() => {
    const clipboard = new DataTransfer();
    clipboard.setData('text/html', %r);
    clipboard.setData('text/plain', %r);
    return pastedMarkdown(clipboard);
})()"""


@pytest.mark.parametrize('program', CASES)
async def test_formatted_text_is_markdown_and_all_else_stays_as_it_is(stage: Stage, program: str) -> None:
    html, plain, markdown = CASES[program]
    assert await stage.use('pasted_markdown', PASTED % (html, plain)) == markdown


async def test_it_is_written_where_the_cursor_is_and_with_shift_as_it_is(stage: Stage) -> None:
    """An office program copies a picture of it too, which is not meant. It can be undone as what is typed."""
    await compose(stage)
    box = box_of(stage)
    await box.fill('Sum up: ')
    await paste(box, 'City\tPeople', {'image.png': b'x'}, SHEET)
    await expect(box).to_have_value(f'Sum up: {SHEET_MARKDOWN}')
    await box.press('Control+z')
    await expect(box).to_have_value('Sum up: ')
    await box.dispatch_event('keydown', {'key': 'V', 'shiftKey': True, 'ctrlKey': True})
    await paste(box, 'City\tPeople', html=SHEET)
    await expect(box).to_have_value('Sum up: City\tPeople')
