"""The browser's half of the pages: the ES modules in `js/`, which reach browsers as one module."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from nicegui import ui

JS = Path(__file__).parent / 'js'
"""All of it. Every page has what `index.js` imports, and the halves of all our elements."""

COMPONENTS = JS / 'components'
"""The browser's halves of our elements, each with the name of its element."""

IMPORT_NAME = 'parlour'
"""What stands before the name of a module in imports; in a page it is the name of the one module of all."""

CLASSIC_SCRIPTS = (THEME_SCRIPT := 'theme.js', 'early_page.js')
"""Those that are no modules: they run before the first paint. The first stands for all in a page."""

BEFORE_MOUNT = 'export const beforeMount = modules["templates.js"].compileTemplates;\n'

IMPORT = re.compile(rf'^import (?:\{{([^}}]*)\}} from )?"{IMPORT_NAME}/([\w/]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r'^export ((?:async )?(?:function|class|const) (\w+))', re.MULTILINE)
DEFAULT_EXPORT = re.compile(r'^export default ', re.MULTILINE)
COMMENT = re.compile(r'^\s*(?:/\*\*(?s:(?!\*/).)*\*/|//.*)\n|[ \t]+// [^\n`\'"]*$', re.MULTILINE)
LINE_START = re.compile(r'\n\s+')


def component_files() -> dict[str, Path]:
    """Return the files of the elements that pages are built from, by the names that NiceGUI gives them."""
    # That of NiceGUI is small, and would be asked for by itself.
    theirs = [component.path] if (component := ui.sub_pages.component) else []
    files = [*sorted(COMPONENTS.glob('*.js')), *theirs]
    return {path.stem: path for path in files}


@cache
def joined_modules() -> str:
    """Return all modules as one, which exports `modules` by their names, and what NiceGUI takes from it.

    See `chat.nicegui_compat.deliver_components_together`.
    """
    components = component_files()
    names = {
        path: path.relative_to(JS).as_posix() for path in JS.rglob('*.js') if path.name not in CLASSIC_SCRIPTS
    }
    names |= {path: f'nicegui/{path.name}' for path in components.values() if not path.is_relative_to(JS)}
    tags = (
        f'{json.dumps(f"nicegui-{tag}")}: modules[{json.dumps(names[path])}].default'
        for tag, path in components.items()
    )
    code = joined({name: path.read_text(encoding='utf-8') for path, name in names.items()})
    components_by_tag = f'{{ {", ".join(tags)} }}'
    return f'{code}\nexport const components = {components_by_tag};\n{BEFORE_MOUNT}'


def joined(sources: Mapping[str, str]) -> str:
    """Return modules as one that exports `modules`: each in a function of its own, after what it imports.

    That takes nothing but what our modules are: names are exported where they are declared, imported by name,
    and in no circle; no text of theirs depends on how its lines are indented.

    Args:
        sources: By the names of the modules.

    Raises:
        ValueError: If one of them cannot be joined.
    """
    functions = (_as_function(name, sources[name]) for name in _in_order(sources))
    return '\n'.join(['export const modules = {};', *functions])


def _in_order(sources: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of modules, each after those that it imports."""
    done = list[str]()

    def visit(name: str, above: tuple[str, ...]) -> Iterator[str]:
        if name in above:
            raise ValueError(f'Modules import each other in a circle: {" → ".join((*above, name))}')
        if name not in done:
            for match in IMPORT.finditer(sources[name]):
                yield from visit(match[2], (*above, name))
            done.append(name)
            yield name

    for name in sorted(sources):
        yield from visit(name, ())


def _as_function(name: str, source: str) -> str:
    """Return a module as a function that is called at once, and returns what it exports."""
    exported = [match[2] for match in EXPORT.finditer(source)]
    code, has_default = DEFAULT_EXPORT.subn('const _default = ', source)
    code = EXPORT.sub(r'\1', IMPORT.sub(_as_constant, code))
    code = _shortened(code)
    if re.search(r'^(import|export)\b', code, re.MULTILINE):
        raise ValueError(f'{name} imports or exports in a way that cannot be joined.')
    exports = ', '.join([*exported, *(['default: _default'] if has_default else [])])
    return f'modules[{json.dumps(name)}] = (() => {{\n{code}return {{ {exports} }};\n}})();'


def _as_constant(match: re.Match[str]) -> str:
    if match[1] is None:
        return ''
    names = match[1].replace(' as ', ': ')
    return f'const {{{names}}} = modules[{json.dumps(match[2])}];\n'


def joined_classic_scripts() -> str:
    """Return those that are no modules as one."""
    return ''.join(_shortened((JS / name).read_text(encoding='utf-8')) for name in CLASSIC_SCRIPTS)


def _shortened(code: str) -> str:
    """Return code without comments and indentation: a tenth of all that a first visit loads of ours."""
    return LINE_START.sub('\n', COMMENT.sub('', code))


def module_script(name: str) -> str:
    """Return JavaScript in which a module is to be had, to be awaited in parentheses."""
    return f'(await import({json.dumps(IMPORT_NAME)})).modules[{json.dumps(name)}]'


def confirm_script(question: Mapping[str, str]) -> str:
    """Return a handler that tells the server only when a person confirms; see `dialogs.js`."""
    asking = f'{module_script("dialogs.js")}.askToConfirm({json.dumps(question)})'
    return f'async () => {{ if (await {asking}) emit() }}'
