"""Markdown to HTML: CommonMark with tables, task lists, footnotes, formulas, and hardly any HTML."""

import re
from collections.abc import Callable, Mapping, Sequence
from zlib import crc32

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from chat.rendering import code, links, math
from chat.rendering.callouts import title, use_callouts
from chat.rendering.definitions import definition, use_definitions
from chat.rendering.emphasis import use_cjk_emphasis
from chat.rendering.html_elements import use_html_elements
from chat.rendering.mark_runs import use_mark_runs
from chat.rendering.math_rules import use_formulas
from chat.rendering.rule_index import use_rule_index
from chat.rendering.sized_cache import sized_cache
from chat.rendering.tables import use_tables

LINE_END = re.compile('\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]')

MAX_SHORT_NUMBER = 900
"""The number from which a list needs room for four digits; it may have some items."""

COMPLETE_KEY = 'complete'
"""In the environment of a parse: whether the text will not grow any more."""

MATH_LANGUAGE = 'math'
"""The language of code blocks that hold a formula, as on GitHub."""

TABLE_OPEN = (
    '<div class="table-card"><button class="table-copy" data-testid="table-copy"'
    ' data-icon="content_copy" title="Copy table"></button>'
    '<div class="table-scroll" tabindex="0" role="region" aria-label="Table" dir="auto"><table>\n'
)
"""The button comes first, so that a row that is added is at the very end of what is shown."""

TABLE_CLOSE = '</table></div></div>\n'


def render(text: str) -> str:
    """Render a whole text as HTML that is safe to show; results are cached."""
    return rendered(normalized(text))


def render_with_images(text: str, images: Mapping[str, str]) -> str:
    """Render a text with some images of the web: `images` has their SHA-256 by their addresses."""
    return rendered(normalized(text), tuple(sorted(images.items())))


def image_addresses(text: str) -> set[str]:
    """Return the addresses of the images of the web that a text has, as they are in its links."""
    return {
        str(child.attrGet('src'))
        for token in PARSER.parse(normalized(text), {})
        for child in token.children or ()
        if child.type == 'image' and links.is_on_the_web(str(child.attrGet('src')))
    }


def normalized(text: str) -> str:
    r"""Normalize line ends to `\n`, and remove the one character that HTML cannot hold."""
    return LINE_END.sub('\n', text).replace('\0', '\ufffd')


@sized_cache(max_characters=2_000_000)
def rendered(text: str, images: tuple[tuple[str, str], ...] = ()) -> str:
    """Render a normalized text, as `render` does, or `render_with_images`."""
    # Footnotes are numbered from 1 in each text; this tells apart those of two texts on one page.
    environment: EnvType = {'docId': f'{crc32(text.encode(errors="replace")):08x}', COMPLETE_KEY: True}
    if images:
        environment[links.IMAGES_KEY] = dict(images)
    html: str = PARSER.render(text, environment)
    return html


def build_parser(*, is_indexed: bool = True) -> MarkdownIt:
    """Build the parser with all its rules; without an index of them it finds the same, but slower."""
    # Nesting is bounded because each level needs a piece of the stack.
    options = {
        'html': False,
        'linkify': True,
        'tasklists': True,
        'maxNesting': 100,
        'xhtmlOut': False,
        'breaks': True,
    }
    parser = MarkdownIt('gfm-like', options).use(footnote_plugin, inline=False)
    for extension in EXTENSIONS:
        parser.use(extension)
    parser.add_render_rule('list_item_open', list_item)
    parser.add_render_rule('fence', fence)
    parser.add_render_rule('code_block', of_token(lambda token: code.figure(token.content)))
    parser.add_render_rule('table_open', of_token(lambda _: TABLE_OPEN))
    parser.add_render_rule('table_close', of_token(lambda _: TABLE_CLOSE))
    for block in ('bullet_list_open', 'ordered_list_open', 'blockquote_open'):
        parser.add_render_rule(block, list_or_quote_open)
    parser.add_render_rule('definition', of_token(definition))
    parser.add_render_rule('callout_title', of_token(title))
    parser.add_render_rule('comment', of_token(lambda _: ''))
    parser.add_render_rule('formula', of_token(lambda it: math.formula(it.content, it.info)))
    parser.add_render_rule(
        'formula_display', of_token(lambda it: math.display_formula(it.content, it.info, 'span'))
    )
    parser.add_render_rule(
        'formula_block', of_token(lambda it: math.display_formula(it.content, it.info) + '\n')
    )
    if is_indexed:
        use_rule_index(parser)
    return parser


EXTENSIONS = (
    use_formulas,
    use_mark_runs,
    use_cjk_emphasis,
    use_tables,
    use_html_elements,
    use_callouts,
    use_definitions,
    links.use_links,
)


def of_token(html_of: Callable[[Token], str]) -> Callable[..., str]:
    """Make a render rule of a function that needs only the token."""

    def rule(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
        return html_of(tokens[index])

    return rule


def list_or_quote_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Render the start of a list or quote; as a whole it runs from right to left if its first letter does."""
    token = tokens[index]
    if int(token.attrGet('start') or 0) > MAX_SHORT_NUMBER:
        token.attrSet('class', 'long-numbers')
    token.attrSet('dir', 'auto')
    return renderer.renderToken(tokens, index, options, env)


def list_item(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Render the start of a list item; the checkbox of a task has a label for screen readers."""
    name = 'Done' if tokens[index].meta.get('checked') else 'To do'
    html = renderer.list_item_open(tokens, index, options, env)
    return html.replace(' type="checkbox"', f' type="checkbox" aria-label="{name}"')


def fence(_renderer: object, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType) -> str:
    """Render a code block, highlighted unless it may still grow; a formula or a diagram needs its end."""
    token = tokens[index]
    language = code.language_name(language_of(token))
    is_code = env.get(COMPLETE_KEY) and language not in (MATH_LANGUAGE, code.DIAGRAM_LANGUAGE)
    render_block = code_block if is_code or is_closed(token) else code.plain_figure
    return render_block(token.content, language_of(token))


def code_block(content: str, language: str) -> str:
    """Render a complete code block; one in the language `math` is a formula, if it can be set."""
    if language == MATH_LANGUAGE and (formula := math.mathml(content.strip(), True)):
        return f'<div class="math-card">{formula}</div>\n'
    return code.figure(content, language)


def is_closed(fence: Token) -> bool:
    """Return whether a fence has its closing mark: then it has two lines more than its code."""
    first, end = fence.map or (0, 0)
    return end - first == len(fence.content.splitlines()) + 2


def language_of(fence: Token) -> str:
    """Return the first word after the opening mark, or ''."""
    return next(iter(unescapeAll(fence.info).split()), '')


PARSER = build_parser()
