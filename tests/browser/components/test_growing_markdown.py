"""A page shows a growing text rightly in the end, whatever is lost, doubled or held back on the way."""

import json
import random
from collections.abc import Sequence

import pytest
from playwright.async_api import expect

from chat.rendering.client_state import ClientState, Operation
from chat.rendering.incremental import IncrementalMarkdown
from chat.ui.chat.shorthand import SHORT_FORMS, shortened
from tests.browser.test_grown_page import DOCUMENT
from tests.rendering.test_incremental import FRAGMENTS
from tests.support.component_page import Mounted, Stage

PLAIN_DOCUMENT = DOCUMENT.replace('mermaid', 'text')  # diagrams are drawn on the stage, too
DELIVER = """([number, operations]) => {
    const asked = stage.told(number, "resync").length;
    for (const operation of operations) stage.call(number, "grow", operation);
    return stage.told(number, "resync").length > asked;
}"""
SHOWN = '() => document.querySelector("#stage > div > div").innerHTML'
MEANT = '(html) => Object.assign(document.createElement("div"), { innerHTML: html }).innerHTML'
CALMED = """() => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    window.calmed = new Promise((heard) => calm.addEventListener("change", () => heard()));
}"""


class Way:
    """A way to the page that loses, doubles and holds back what is sent on it, until it is mended."""

    def __init__(
        self, stage: Stage, shown: Mounted, copy: ClientState, dice: random.Random, fates: Sequence[str]
    ) -> None:
        self.is_mended = False
        self._dice = dice
        self._fates = ['kept', 'kept', *fates]
        self._stage = stage
        self._shown = shown
        self._copy = copy
        self._held: list[Operation] = []

    async def send(self, operation: Operation) -> None:
        """Send it, and what the page asks for then."""
        fate = 'kept' if self.is_mended else self._dice.choice(self._fates)
        if fate == 'held':
            self._held.append(operation)
        elif fate != 'lost':
            arriving = [operation, *self._held] if fate == 'kept' else [operation, operation]
            self._held = [] if fate == 'kept' else self._held
            if await self._deliver(arriving):
                await self.send(self._copy.full_update())

    async def _deliver(self, operations: Sequence[Operation]) -> bool:
        """Return whether the page asked for the whole then."""
        return await self._stage.page.evaluate(DELIVER, [self._shown.number, operations])


@pytest.mark.parametrize('fates', [['twice'], ['lost'], ['held'], ['twice', 'lost', 'held']])
async def test_whatever_happens_on_the_way_the_copy_is_right_in_the_end(
    stage: Stage, fates: list[str]
) -> None:
    for seed in range(3):
        dice = random.Random(seed)  # noqa: S311  # any numbers will do
        text = PLAIN_DOCUMENT if seed == 0 else ''.join(dice.choices(FRAGMENTS, k=60))
        stream, copy = IncrementalMarkdown(dice.choice([0, 10, 300])), ClientState()
        shown = await stage.mount('growing_markdown', {'innerHTML': '', 'tail': '', 'sequence': 0})
        way = Way(stage, shown, copy, dice, fates)
        for end in range(0, len(text), dice.randrange(5, 30)):
            stream.update(text[:end])
            if operation := copy.update(stream):
                await way.send(operation)
        way.is_mended = True
        for end in range(0, 250, 10):  # a loss is noticed by what comes next, and a lost answer in time
            stream.update(f'{text}\n\n{"last words " * 30}'[: len(text) + end])
            if operation := copy.update(stream):
                await way.send(operation)
        await shown.call('grow')
        assert await stage.page.evaluate(SHOWN) == await stage.page.evaluate(MEANT, stream.html)
        await shown.remove()


async def test_a_page_reads_the_shorthand_of_the_server(stage: Stage) -> None:
    """Each phrase alone, all together, and texts that hold the characters that stand for them."""
    phrases = list(SHORT_FORMS)
    texts = [*phrases, ''.join(phrases), 'No markup.', '\ue000 \ue001\uf8ff<p>\uf8ff\uf8ff', '¶ and `']
    assert (
        await stage.use('shorthand', f'{json.dumps([shortened(text) for text in texts])}.map(expanded)')
        == texts
    )
    assert len(shortened(''.join(phrases))) == len(phrases)


async def test_new_words_flow_and_all_of_them_are_there_at_the_end(paused: Stage) -> None:
    """They come in a few steps, whole, also those of new elements; what is read by others comes at once."""
    shown = await paused.mount(
        'growing_markdown', {'innerHTML': '<p>Said.</p>', 'tail': '<p>So', 'sequence': 1}
    )

    async def seen() -> str:
        return ' '.join((await paused.page.text_content('#stage') or '').split())

    await shown.call('grow', 2, ' many new <b>words</b> of it', 1)
    assert await seen() == 'Said.So many new words'
    smiles = '🙂' * 40
    await shown.call('grow', 3, '', 0, -1, f'<figure><figcaption>A</figcaption></figure><p>{smiles}</p>')
    assert await seen() == 'Said.So many new words', 'what comes between two steps waits for the next'
    flow = ['']
    while not flow[-1].endswith(smiles):
        await paused.pass_time(130)
        flow.append(await seen())
    assert len(flow) > 3
    starts = [f'Said.So many new words of itA{smiles[:end]}' for end in range(41)]
    assert [text for text in flow[1:] if text not in starts] == []
    await shown.call('grow', 4, '<p>Then it was all said at once.</p>', 0, 1)
    await shown.call('grow')
    assert (await seen()).endswith('AThen it was all said at once.')
    await paused.page.evaluate(CALMED)
    await paused.page.emulate_media(reduced_motion='reduce')
    await paused.page.evaluate('calmed')
    await shown.call('grow', 5, ' Who wants less motion gets none.', 1)
    assert (await seen()).endswith('gets none.')
    await paused.page.emulate_media(reduced_motion='no-preference')


async def test_what_is_far_above_is_passed_over_while_words_come(stage: Stage) -> None:
    """Nothing moves by that, and once the answer is whole it is as it would be without."""
    shown = await stage.mount('growing_markdown', {'innerHTML': '', 'tail': '<p>So', 'sequence': 1})
    kinds = ('p', 'h2', 'blockquote', 'fieldset', 'pre')
    blocks = ''.join(f'<{kinds[n % 5]}>Line {n}.</{kinds[n % 5]}>\n' for n in range(200))
    await shown.call('grow', 2, f', more:</p>\n{blocks}', 0, -1, '<p>Then')
    await stage.page.evaluate('scrollTo(0, document.body.scrollHeight)')
    height = await stage.page.evaluate('document.body.scrollHeight')
    html = (await stage.page.evaluate(SHOWN)).replace('Then', 'Then and now')
    passed_over = stage.page.locator('[style*=content-visibility]')
    await shown.call('grow', 3, ' and', 1)
    await expect(passed_over).to_have_count(20)
    assert await stage.page.evaluate('document.body.scrollHeight') == height
    await shown.call('grow', 4, ' now', 1)
    await shown.call('grow')
    assert await stage.page.evaluate(SHOWN) == html
    assert await stage.page.evaluate('document.body.scrollHeight') == height
