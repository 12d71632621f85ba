"""What axe-core finds on a page, and an answer with all kinds of things in it for it to look at."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.async_playwright import Axe  # pyright: ignore[reportMissingTypeStubs]
from playwright.async_api import Page

ALL_IMPACTS = ('minor', 'moderate', 'serious', 'critical')
SERIOUS_IMPACTS = ALL_IMPACTS[2:]

EVERYTHING = """## A heading

A [link](https://example.com), `code`, $E = mc^2$ and a list:

- [x] done
- [ ] open

```python
def greet(name: str) -> str:
    \"\"\"Say hello.\"\"\"
    return f'Hello, {name}!'  # a comment
```

| left | right |
|------|------:|
| one  |     2 |
"""


ONLY_VIOLATIONS = {'resultTypes': ['violations']}
"""Leaves out the elements with which all is well."""
THEMED_RULES = {'runOnly': ['color-contrast', 'link-in-text-block']}
"""Those whose result depends on the theme."""


async def find_violations(page: Page, where: str, impacts: Sequence[str] = SERIOUS_IMPACTS) -> list[str]:
    """What is wrong in the light, and with the colours in the dark: a rule, how bad, and the elements."""
    await page.emulate_media(color_scheme='light', reduced_motion='reduce')
    found = await run_axe(page, where, impacts)
    await page.emulate_media(color_scheme='dark')
    return found + await run_axe(page, f'{where}, in the dark', impacts, THEMED_RULES)


async def run_axe(
    page: Page, where: str, impacts: Sequence[str], options: dict[str, Any] | None = None
) -> list[str]:
    """What is wrong with the page as it is, in the order of axe-core; `options` are those of axe-core."""
    axe = Axe('') if await page.evaluate('"axe" in window') else Axe()  # half a megabyte, once for each page
    results: Any = await axe.run(page, options=ONLY_VIOLATIONS | (options or {}))  # pyright: ignore[reportUnknownMemberType]
    violations: list[dict[str, Any]] = results.response['violations']
    return [
        f'{where}: {one["id"]} ({one["impact"]}): {[node["target"] for node in one["nodes"]][:5]}'
        for one in violations
        if one['impact'] in impacts
    ]
