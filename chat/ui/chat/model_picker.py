"""Which model, and which agent, answers in a conversation, and how to choose another one."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_choice import label_of
from chat.agent_config import AgentConfig, AgentRoster
from chat.agent_names import is_agent_model
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.errors import agent_missing_sentence
from chat.ui.follow_changes import follow
from chat.ui.formatting import join_names
from chat.ui.html import HtmlElement, HtmlText, Icon
from chat.ui.model_menu import ModelMenu
from chat.ui.notifications import notify_on_error, notifying_errors
from chat.ui.page_tasks import start_when_connected

OPEN_SCRIPT = '() => document.querySelector(".model-picker").click()'
"""In the browser: opens the list of models, from wherever."""


class ModelPicker(HtmlElement):
    """A button with the model's name; a click opens the list of all that can be picked."""

    def __init__(self, live: LiveConversation, models: ModelCatalog, preferences: PreferencesStore) -> None:
        super().__init__(
            'button', 'model-picker', type='button', data_testid='model-picker', aria_haspopup='listbox'
        )
        self._live = live
        self._models = models
        self._preferences = preferences
        self._default = ''
        with self:
            self._label = HtmlText('span', '', 'model-label')
            Icon('keyboard_arrow_down')
            ModelMenu(
                models,
                preferences,
                selected=lambda: self._name,
                pick=self._pick,
                agent=lambda: live.metadata.agent,
                compare=self._compare,
            )
            follow(models.changed, self._show_default)
            follow(preferences.folders.changed, self.show)
            start_when_connected(models.refresh_default)

    def show(self) -> None:
        """Name the model that will answer next."""
        label = label_of(self._name) if self._name else 'Choose a model'
        if label != self._label.text:
            self._label.set_text(label)
            self.props['aria-label'] = f'Model: {label}'

    @property
    def _name(self) -> str:
        return self._preferences.model_of(self._live.metadata) or self._default

    def _show_default(self) -> None:
        self._default = self._models.snapshot.default or ''  # the answer to a prompt says what is missing
        self.show()

    def _compare(self, models: Sequence[str]) -> None:
        with notifying_errors():
            self._live.comparing.choose(models)

    async def _pick(self, name: str) -> None:
        if name:
            self._live.comparing.choose(())  # one was picked, after several
            await pick_model(self._live, self._preferences, name)


class Notice(HtmlElement, ABC):
    """A quiet line above the box, and behind it what helps; most pages never have one."""

    def __init__(self, testid: str) -> None:
        super().__init__('div', 'model-notice', data_testid=testid, role='status')
        self.set_visibility(False)

    def tell(self, sentence: str) -> None:
        """Show a sentence in place of the one before; '' for none."""
        self.clear()
        self.set_visibility(bool(sentence))
        if sentence:
            with self:
                HtmlText('span', sentence)
                self._build_help()

    @abstractmethod
    def _build_help(self) -> None:
        """Build what helps."""


class ModelNotice(Notice):
    """Is there while the model of a conversation cannot answer; nothing is taken in its place unasked."""

    def __init__(
        self,
        live: LiveConversation,
        models: ModelCatalog,
        preferences: PreferencesStore,
        agents: AgentRoster,
    ) -> None:
        super().__init__('model-missing')
        self._live = live
        self._models = models
        self._preferences = preferences
        self._agents = agents
        self._name: str | None = None
        self._asked_for: str | None = None
        """The model whose server was asked since it was picked: what was known before may be over."""
        self._reason = ''
        with self:
            follow(models.changed, self._show_reason)
            follow(preferences.folders.changed, self.show)

    def show(self) -> None:
        """Have the server asked that has the model, if it is another one."""
        if (name := self._preferences.model_of(self._live.metadata)) != self._name:
            self._name = name
            self._show_reason()
            if self._name:
                start_when_connected(partial(self._ask_for, self._name), self)

    async def _ask_for(self, name: str) -> None:
        await self._models.refresh_server_of(name)
        self._asked_for = name
        self._show_reason()

    def _show_reason(self) -> None:
        is_agent_here = self._agents.find(self._live.metadata.agent) is not None  # else that is what is said
        name = self._name if is_agent_here and self._name == self._asked_for else None
        reason = (self._models.unavailable_reason(name) if name else None) or ''
        if reason != self._reason:
            self._reason = reason
            self.tell(reason)

    def _build_help(self) -> None:
        HtmlText('button', 'Choose a model', 'text-button', type='button').on('click', js_handler=OPEN_SCRIPT)


async def pick_model(live: LiveConversation, preferences: PreferencesStore, name: str) -> None:
    """Have a model answer in a conversation from now on, and remember that it was picked."""
    await notify_on_error(live.update_metadata(lambda metadata: replace(metadata, model=name)))
    if not is_agent_model(name):  # it is offered in the chats of its agent alone
        await notify_on_error(preferences.update(lambda now: now.with_recent_model(name)))


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


class AgentNotice(Notice):
    """Is there while the agent of a conversation does not run; no other takes its place unasked."""

    def __init__(self, live: LiveConversation, registry: ConversationRegistry) -> None:
        super().__init__('agent-missing')
        self._live = live
        self._registry = registry

    def show(self) -> None:
        """Say what is missing, if it is."""
        ref = self._live.metadata.agent
        is_missing = self._registry.agents.find(ref) is None
        if is_missing != self.visible:
            self.tell(agent_missing_sentence(ref) if is_missing else '')

    def _build_help(self) -> None:
        with HtmlElement('span', 'agent-choice'):
            for config in self._registry.agents.configs:
                _agent_button(self._live, self._registry, config, f'Go on with {config.name}')


def _agent_button(
    live: LiveConversation, registry: ConversationRegistry, config: AgentConfig, label: str
) -> HtmlText:
    button = HtmlText(
        'button', label, 'text-button', type='button', data_testid='agent', data_name=config.ref
    )
    button.on('click', partial(_choose_agent, live, registry, config.ref), args=[])
    return button


async def _choose_agent(live: LiveConversation, registry: ConversationRegistry, ref: str) -> None:
    await notify_on_error(live.update_metadata(lambda metadata: registry.with_agent(metadata, ref)))


class CompareNotice(Notice):
    """Says which models will answer the next question, if they are several."""

    def __init__(self, live: LiveConversation) -> None:
        super().__init__('compare-next')
        self._live = live
        self._shown: tuple[str, ...] = ()

    def show(self) -> None:
        """Bring it up to date."""
        if (models := self._live.comparing.next_models) != self._shown:
            self._shown = models
            names = join_names([*map(label_of, models)])
            self.tell(f'Your next question goes to {names}.' if models else '')

    def _build_help(self) -> None:
        cancel = HtmlText('button', 'Cancel', 'text-button', type='button', data_testid='compare-cancel')
        cancel.on('click', lambda: self._live.comparing.choose(()), args=[])
