"""How full the context of the model is, and what the chat has taken so far."""

from chat.conversation.content.usage import AnswerUsage, sum_of
from chat.conversation.live_conversation import LiveConversation
from chat.ui.chat.answer_actions import cost_text
from chat.ui.html import HtmlElement
from chat.ui.local_text import LocalText


class ContextGauge(HtmlElement):
    """A ring and a share below the prompt box; the rest of it to a pointer or a tap."""

    def __init__(self, live: LiveConversation) -> None:
        super().__init__('button', 'context-gauge', type='button', data_testid='context-gauge')
        self._live = live
        self._shown: object = None
        with self:
            HtmlElement('span', 'ring', aria_hidden='true')
            self._label = LocalText('span', '')
            self._details = LocalText('span', '', 'usage', role='tooltip', data_testid='chat-usage')
        self.set_visibility(False)

    def show(self) -> None:
        """Bring it up to date."""
        turns = [turn for turn in self._live.turns if not turn.is_running]
        if turns == self._shown:
            return
        self._shown = turns
        usage = sum_of(turn.usage for turn in turns)
        share = usage.context / usage.window if usage.context and usage.window else None
        self.set_visibility(share is not None or bool(usage.input or usage.output))
        self.props['style'] = f'--share: {min(share, 1):.3f}' if share is not None else ''
        self.props['data-known'] = 'true' if share is not None else 'false'
        self._label.set_text(f'{share:.0%} of context' if share is not None else _tokens(usage))
        self._details.set_text(' · '.join(filter(None, details_of(usage))))


def details_of(usage: AnswerUsage) -> list[str]:
    """Return what a chat has taken, and how much its model holds."""
    held = f'{usage.context:,} of {usage.window:,} tokens held' if usage.context and usage.window else ''
    cached = f' ({usage.cached:,} cached)' if usage.cached else ''
    return [
        held,
        f'This chat: {usage.input or 0:,} tokens in{cached}, {usage.output or 0:,} out',
        cost_text(usage),
    ]


def _tokens(usage: AnswerUsage) -> str:
    return f'{(usage.input or 0) + (usage.output or 0):,} tokens'
