"""Make the fonts in `assets/fonts`, and the style sheet that names them: `python -m tests.fonts FOLDER`.

In FOLDER, `npm install @fontsource-variable/inter @fontsource-variable/jetbrains-mono
@fontsource/stix-two-math` was run; fonttools and brotli must be installed. Each font comes in pieces, of
which a browser fetches those whose characters it shows: the first has what most texts are written with.
Biome formats the style sheet afterwards.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Set
from pathlib import Path

import nicegui

ASSETS = Path(__file__).parents[1] / 'assets'
NICEGUI_FONTS = Path(nicegui.__file__).parent / 'static'
INTER = '@fontsource-variable/inter/files/inter-{}-wght-{}.woff2'
JETBRAINS_MONO = '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2'
STIX_TWO_MATH = '@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2'

WEIGHTS = '400:700'
"""What is used of those that Inter and JetBrains Mono have; fewer take less."""

FEATURES = {'Inter': 'calt,ccmp,kern,locl,mark,mkmk,pnum,tnum', 'JetBrains Mono': 'ccmp,locl,mark'}
"""What letters do beside each other, where that is not all that a font can: code has no ligatures."""

USED_ICONS = """
add archive arrow_downward arrow_upward attach_file broken_image call_split check chevron_left chevron_right
close content_copy contrast delete delete_forever description download edit edit_square error ios_share keep
keep_off keyboard_arrow_down lan left_panel_close left_panel_open link lock mic more_horiz picture_as_pdf
play_arrow refresh restore_from_trash search send settings stop subdirectory_arrow_right tune unarchive
wrap_text
"""
SPARE_ICONS = """
arrow_back arrow_forward bolt bookmark build calculate calendar_today check_circle code difference
drive_folder_upload expand_more file_save folder folder_open globe group help history image info key
language lightbulb more_vert open_in_new person psychology public schedule share
smart_toy star sync terminal travel_explore undo upload visibility visibility_off warning
"""
"""So that a button can be added without this script; all of them are 4 KB."""

ICONS = frozenset(USED_ICONS.split() + SPARE_ICONS.split())

BASIC = """
U+20-7E, U+A0, U+A7, U+A9, U+AB, U+AD, U+B0-B3, U+B7, U+BB, U+D7, U+2009-200D, U+2010-2015, U+2018-201E,
U+2020-2022, U+2026, U+202F, U+2032, U+2033, U+2039, U+203A, U+20AC, U+2122, U+2191, U+2193, U+2212, U+FEFF,
U+FFFD
"""
"""English, with what is typed and what models make of it."""

LATIN = """
U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, U+0308, U+0329, U+2000-206F,
U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD
"""
"""What fontsource calls so; the second piece has what is not in the first."""

SCRIPTS = {
    'cyrillic': 'U+0301, U+0400-045F, U+0490-0491, U+04B0-04B1, U+2116',
    'greek': 'U+0370-0377, U+037A-037F, U+0384-038A, U+038C, U+038E-03A1, U+03A3-03FF',
    'latin-ext': """
U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+0304, U+0308, U+0329, U+1D00-1DBF,
U+1E00-1E9F, U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF
""",
}

MATH = """
U+20-7E, U+A0, U+A7, U+AC, U+B0, U+B1, U+B4, U+B7, U+D7, U+F7, U+131, U+237, U+300-305, U+307, U+308, U+30A,
U+30C, U+330, U+332, U+391-3A9, U+3B1-3C9, U+3D1, U+3D5, U+3D6, U+3F0, U+3F1, U+3F5, U+2009-200B,
U+2010-2016, U+2018-201D, U+2020-2022, U+2026, U+2032-2034, U+203E, U+2044, U+2057, U+205F-2063, U+20D7,
U+2102, U+210F-2113, U+2115, U+2118, U+211A, U+211D, U+2124, U+2135, U+2190-2195, U+21A6, U+21A9, U+21AA,
U+21BC, U+21BD, U+21C0, U+21C1, U+21D0-21D5, U+2200-2209, U+220B, U+220F-2225, U+2227-222E, U+2234, U+2235,
U+223C, U+2243, U+2245, U+2248, U+2250, U+225C, U+2260, U+2261, U+2264, U+2265, U+226A, U+226B, U+2272-2275,
U+227A, U+227B, U+2282-2287, U+228A, U+228B, U+2295-2299, U+22A2-22A5, U+22C0-22C6, U+22EE-22F1,
U+2308-230B, U+23B0, U+23B1, U+23B4, U+23B5, U+23DC-23E1, U+25A0, U+25A1, U+25B3, U+25CB, U+27E6-27E9,
U+27F0, U+27F1, U+27F5-27FA, U+2A00-2A06, U+1D400-1D467, U+1D6A4, U+1D6A5, U+1D6E2-1D71B
"""
"""What most formulas are written with, and all that stretches: browsers look for that in one font only."""

MATH_LETTERS = 'U+2100-214F, U+1D468-1D6A3, U+1D6A6-1D6E1, U+1D71C-1D7FF'

ALL_OF_UNICODE = 'U+0-10FFFF'

HEAD = '/* The fonts, each fetched only when a page shows its letters. Made by `python -m tests.fonts`. */\n'

ICON_STYLE = """
@font-face {
  font-family: "Material Symbols Outlined";
  font-weight: 400;
  font-display: block;
  src: url("../fonts/material-symbols-outlined.woff2") format("woff2");
}
@layer base {
  .material-symbols-outlined {
    font: 400 24px / 1 "Material Symbols Outlined", sans-serif;
    letter-spacing: normal;
    text-transform: none;
    white-space: nowrap;
    direction: ltr;
    -webkit-font-smoothing: antialiased;
  }
}
"""
"""An icon is written as its name, of which the font makes one sign."""


def main(folder: str) -> None:
    """Make all fonts, and the style sheet."""
    modules = Path(folder) / 'node_modules'
    styles = [HEAD]
    for slope in ('normal', 'italic'):
        end = '' if slope == 'normal' else '-italic'
        latin = modules / INTER.format('latin', slope)
        styles += pieces('Inter', latin, {f'inter-basic{end}': BASIC, f'inter-latin{end}': LATIN}, slope)
        for script, characters in SCRIPTS.items():
            source = modules / INTER.format(script, slope)
            styles += pieces('Inter', source, {f'inter-{script}{end}': characters}, slope)
    mono = {'jetbrains-mono-basic': BASIC, 'jetbrains-mono-latin': LATIN}
    styles += pieces('JetBrains Mono', modules / JETBRAINS_MONO, mono)
    math = {'basic': MATH, 'letters': MATH_LETTERS, 'symbols': ALL_OF_UNICODE}
    math = {f'stix-two-math-{name}': characters for name, characters in math.items()}
    styles += pieces('STIX Two Math', modules / STIX_TWO_MATH, math)
    make_icons(ASSETS / 'fonts' / 'material-symbols-outlined.woff2')
    (ASSETS / 'styles' / 'fonts.css').write_text(''.join([*styles, ICON_STYLE.lstrip()]))


def pieces(family: str, source: Path, ranges: dict[str, str], slope: str = 'normal') -> Iterator[str]:
    """Make the pieces of a font, each without what is in those before it, and yield the style of each."""
    done = set[int]()
    for name, characters in ranges.items():
        here = code_points(characters) - done
        done |= here
        text = ', '.join(unicode_ranges(here))
        subset(source, ASSETS / 'fonts' / f'{name}.woff2', text, FEATURES.get(family))
        weights = WEIGHTS.replace(':', ' ') if family in FEATURES else '400'
        yield (
            f'@font-face {{\n  font-family: "{family}";\n  font-style: {slope};\n  font-weight: {weights};\n'
            f'  font-display: swap;\n  src: url("../fonts/{name}.woff2") format("woff2");\n'
            f'  unicode-range:\n    {text};\n}}\n'
        )


def subset(source: Path, target: Path, characters: str, features: str | None) -> None:
    """Write the part of a font that has these characters, with all that its letters do beside each other."""
    with tempfile.TemporaryDirectory() as folder:
        if features:
            limited = Path(folder) / 'limited.ttf'
            run('fonttools', 'varLib.instancer', '-q', '-o', str(limited), str(source), f'wght={WEIGHTS}')
            source = limited
        options = (f'--layout-features={features or "*"}', '--flavor=woff2', f'--output-file={target}')
        run('pyftsubset', str(source), f'--unicodes={characters}', *options)


def make_icons(target: Path) -> None:
    """Write the part of NiceGUI's Material Symbols that has our icons, and the letters of their names."""
    styles = (NICEGUI_FONTS / 'fonts.css').read_text()
    match = re.search(r'"Material Symbols Outlined";[^}]*url\((.*?)\)', styles)
    assert match
    run(
        'pyftsubset',
        str(NICEGUI_FONTS / match[1]),
        f'--glyphs={",".join(sorted(ICONS))}',
        '--unicodes=U+20, U+5F, U+61-7A, U+30-39',
        '--no-layout-closure',  # else all icons that can be made of these letters
        '--layout-features=rlig',
        '--flavor=woff2',
        f'--output-file={target}',
    )


def code_points(characters: str) -> set[int]:
    """Return the characters of a list of ranges as style sheets have it."""
    found = set[int]()
    for each in characters.replace('\n', ' ').split(','):
        first, _, last = each.strip().removeprefix('U+').partition('-')
        found |= set(range(int(first, 16), int(last or first, 16) + 1))
    return found


def unicode_ranges(characters: Set[int]) -> Iterator[str]:
    """Yield the ranges of characters as style sheets have them."""
    ends = sorted(at for at in characters if at + 1 not in characters)
    begins = sorted(at for at in characters if at - 1 not in characters)
    for first, last in zip(begins, ends, strict=True):
        yield f'U+{first:X}' if first == last else f'U+{first:X}-{last:X}'


def run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603  # programs of fonttools


if __name__ == '__main__':
    main(*sys.argv[1:])
