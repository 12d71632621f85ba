"""Which agent answers in a conversation: chosen at its start, and named when it does not run."""

from functools import partial

from chat.agent_config import AgentConfig
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.errors import agent_missing_sentence
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.notifications import notify_on_error


class AgentChoice(HtmlElement):
    """A button for each agent, if there are several; the one that will answer is pressed."""

    def __init__(self, live: LiveConversation, registry: ConversationRegistry) -> None:
        super().__init__('div', 'agent-choice', role='group', aria_label='Agent')
        self._live = live
        self._buttons: dict[str, HtmlText] = {}
        self._pressed = ''
        configs = registry.agents.configs
        self.set_visibility(len(configs) > 1)
        with self:
            for config in configs if len(configs) > 1 else ():
                self._buttons[config.ref] = _agent_button(live, registry, config, config.name)
        self.show()

    def show(self) -> None:
        """Press the button of the agent that will answer."""
        if (chosen := self._live.metadata.agent) != self._pressed:
            self._pressed = chosen
            for ref, button in self._buttons.items():
                button.props['aria-pressed'] = str(ref == chosen).lower()


class AgentNotice(HtmlElement):
    """A quiet line while the agent of a conversation does not run; no other takes its place unasked."""

    def __init__(self, live: LiveConversation, registry: ConversationRegistry) -> None:
        super().__init__('div', 'model-notice', data_testid='agent-missing', role='status')
        self._live = live
        self._agents = registry.agents
        with self:
            self._sentence = HtmlText('span', '')
            with HtmlElement('span', 'agent-choice'):
                for config in self._agents.configs:
                    _agent_button(live, registry, config, f'Go on with {config.name}')
        self.set_visibility(False)

    def show(self) -> None:
        """Say what is missing, if it is."""
        ref = self._live.metadata.agent
        is_missing = self._agents.find(ref) is None
        if is_missing != self.visible:
            self._sentence.set_text(agent_missing_sentence(ref) if is_missing else '')
            self.set_visibility(is_missing)


def _agent_button(
    live: LiveConversation, registry: ConversationRegistry, config: AgentConfig, label: str
) -> HtmlText:
    button = HtmlText(
        'button', label, 'text-button', type='button', data_testid='agent', data_name=config.ref
    )
    button.on('click', partial(_choose, live, registry, config.ref), args=[])
    return button


async def _choose(live: LiveConversation, registry: ConversationRegistry, ref: str) -> None:
    await notify_on_error(live.update_metadata(lambda metadata: registry.with_agent(metadata, ref)))
