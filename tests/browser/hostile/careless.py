"""Pages that show a text without any care, to see that the traps close: all that is in it counts."""

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from chat.rendering.markdown import of_token
from chat.rendering.math_rules import use_formulas
from tests.browser.hostile.small_web import LIBRARIES

FORMULA = '<span class="formula">'
DIAGRAM = '<pre class="mermaid">'
KATEX = next(path.name for path in LIBRARIES.glob('katex-*.js'))

FORMULAS = f"""<script type=module>
    import {{ renderToString }} from "/{KATEX}";
    const options = {{ trust: true, strict: false, throwOnError: false }};
    for (const formula of document.querySelectorAll(".formula"))
        formula.innerHTML = renderToString(formula.textContent, options);
</script>"""

DIAGRAMS = """<script type=module>
    import { mermaid } from "/index.js";
    mermaid.initialize({ startOnLoad: false, securityLevel: "loose", suppressErrorRendering: true });
    window.drawn = mermaid.run({ querySelector: ".mermaid", suppressErrors: true });
</script>"""


class CarelessHTML(RendererHTML):
    """Writes attributes as they come."""

    @staticmethod
    def renderAttrs(token: Token) -> str:  # noqa: N802  # it overrides another
        return ''.join(f' {name}="{value}"' for name, value in token.attrs.items())


def careless_page(text: str) -> str:
    """A page with the text, and with its source in a script."""
    html: str = PARSER.render(text)
    scripts = [script for mark, script in ((FORMULA, FORMULAS), (DIAGRAM, DIAGRAMS)) if mark in html]
    source = f'<script>String(String.raw`{text}`)</script>'
    return f'<!doctype html>{source}<body>{"".join(scripts)}<div class="careless">{html}</div>'


def build_parser() -> MarkdownIt:
    parser = MarkdownIt('gfm-like', {'html': True, 'maxNesting': 200}, renderer_cls=CarelessHTML)
    parser.use(footnote_plugin).use(use_formulas)
    parser.validateLink = lambda url: True
    parser.normalizeLink = lambda url: url
    for formula in ('formula', 'formula_display', 'formula_block'):
        parser.add_render_rule(formula, of_token(lambda token: f'{FORMULA}{token.content}</span>'))
    parser.add_render_rule('fence', of_token(fence))
    parser.add_render_rule('code_inline', of_token(lambda token: f'<code>{token.content}</code>'))
    return parser


def fence(token: Token) -> str:
    if token.info == 'mermaid':
        return f'{DIAGRAM}{token.content.replace("<", "&lt;")}</pre>'
    return f'<pre><code class="{token.info}">{token.content}</code></pre>'


PARSER = build_parser()
