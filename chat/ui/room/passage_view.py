"""One passage of an answer on the page: its text, or what the model thought before."""

from chat.conversation.messages import Passage
from chat.rendering.blocks import BlockStream
from chat.ui.markup import Tag, Text
from chat.ui.room.growing_markdown import GrowingMarkdown


class PassageView:
    """A text that may grow."""

    kind = 'text'

    def __init__(self) -> None:
        self._markdown = GrowingMarkdown()
        self._grew = False

    def show(self, text: str, stream: BlockStream | None) -> None:
        """Show the text; with a stream it may still grow, without one it is whole."""
        if stream:
            self._markdown.grow(text, stream)
            self._grew = True
        elif self._grew:  # before these eyes, and has ended now
            self._markdown.settle(text)
            self._grew = False
        elif self._markdown.content != text:
            self._markdown.content = text

    def delete(self) -> None:
        self._markdown.delete()


class ThinkingView(PassageView):
    """A thought, folded away."""

    kind = 'thinking'

    def __init__(self) -> None:
        with Tag('details', 'thinking', data_testid='thinking') as self._details:
            Text('summary', 'Thinking')
            super().__init__()

    def delete(self) -> None:
        self._details.delete()


def fits(pair: tuple[PassageView, Passage]) -> bool:
    """Whether a view can show a passage; another answer to the same question may have other ones."""
    view, passage = pair
    return view.kind == passage.kind
