"""What a new conversation shows: a question, a few ways to begin, and at first who could answer."""

from collections.abc import Callable, Iterable
from functools import partial

from markupsafe import Markup

from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_choice import label_of
from chat.agent.servers import ModelServer
from chat.agent_names import BUILT_IN, DEMO_MODEL_NAME
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.library import NO_ASSISTANT, Assistant, Library
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import AttachmentStorage, DraftStorage
from chat.ui.chat.model_picker import AgentChoice, pick_model
from chat.ui.chat.temporary_chat import TemporaryButton
from chat.ui.follow_changes import follow
from chat.ui.formatting import pluralize
from chat.ui.html import HtmlElement, HtmlText, Link, icon_html, span_html
from chat.ui.notifications import notify_on_error
from chat.ui.page_messages import send_props
from chat.ui.page_tasks import start_when_connected

DEMO_HINT = 'No key needed. Not a real AI – shows what answers look like.'  # noqa: RUF001
DEMO_PROMPT = 'Show what answers look like'

SUGGESTIONS = (
    'Explain how a rolling median works',
    'Review a Python function with me',
    'Plan a weekend in Lisbon',
    DEMO_PROMPT,
)

Send = Callable[[str], None]


class GettingStarted(HtmlElement):
    """Sends one of a few suggestions; as long as only the demo could answer, it says what else could."""

    def __init__(
        self,
        live: LiveConversation,
        models: ModelCatalog,
        preferences: PreferencesStore,
        registry: ConversationRegistry,
        library: Library,
        attachments: AttachmentStorage,
        drafts: DraftStorage,
        *,
        send: Send,
        on_place_changed: Callable[[], None],
        can_add_keys: bool,
    ) -> None:
        super().__init__('div', 'empty-state', data_testid='empty-state')
        self._agents = registry.agents
        self._live = live
        self._models = models
        self._preferences = preferences
        self._model = preferences.model_of(live.metadata)
        self._library = library
        self._send = send
        self._shown: object = None
        with self:
            self._folder = HtmlElement('p', 'empty-folder', data_testid='chat-folder')
            self._heading = HtmlText('h1', '')
            self._description = HtmlText('p', '', 'empty-note')
            self._choice = AgentChoice(live, registry)
            self._assistants = AssistantChoice(live, library)
            self._temporary = TemporaryButton(live, registry, attachments, drafts, on_place_changed)
            self._note = HtmlText('p', '', 'empty-note')
            self._setup_options = SetupOptions(live, models, preferences, send, can_add_keys=can_add_keys)
            self._own_suggestions = HtmlElement('div', 'suggestions')
            with HtmlElement('div', 'suggestions') as self._suggestions:
                buttons = {suggestion: _suggestion_button(suggestion, send) for suggestion in SUGGESTIONS}
            self._questions = [button for suggestion, button in buttons.items() if suggestion != DEMO_PROMPT]
            """What only a real model could answer."""
            self._show_agent()
            follow(models.changed, self._show_models)
            follow(preferences.folders.changed, self.show)

    def show(self) -> None:
        """Look again who answers, if it is another model; go when something was said."""
        if self.is_deleted:
            return
        if self._live.turns:
            self.delete()
            return
        self._temporary.show()
        self._show_agent()
        folder = self._preferences.folder_of(self._live.metadata)
        self._folder.set_content(icon_html('folder') + span_html(f'In the folder “{folder.name}”'))
        self._folder.set_visibility(bool(folder.id))
        if (model := self._preferences.model_of(self._live.metadata)) != self._model:
            self._model = model
            self._show_models()

    def _show_agent(self) -> None:
        """Name who will answer; what is suggested is the assistant's own, or for the built-in agent."""
        self._choice.show()
        self._assistants.show()
        config = self._agents.find(self._live.metadata.agent) or self._agents.first
        is_given = config.ref not in ('', BUILT_IN)
        assistant = self._library.assistants.get(self._live.metadata.assistant) or NO_ASSISTANT
        heading = assistant.name or (config.name if is_given else 'What are we working on?')
        shown = (heading, assistant.suggestions)
        if shown != self._shown:
            self._shown = shown
            self._heading.set_text(heading)
            self._description.set_text(config.agent.description or '' if is_given else '')
            self._suggestions.set_visibility(not is_given and not assistant.suggestions)
            self._own_suggestions.clear()
            with self._own_suggestions:
                for suggestion in assistant.suggestions:
                    _suggestion_button(suggestion, self._send)

    def _show_models(self) -> None:
        known = self._models.snapshot
        if not (name := self._model or known.default):
            self._note.set_text(known.default_problem)
            return
        is_demo = name == DEMO_MODEL_NAME
        self._note.set_text('No model is connected yet.' if is_demo else '')
        for question in self._questions:
            question.set_visibility(not is_demo)
        self._setup_options.show(known.servers, are_needed=is_demo)


class AssistantChoice(HtmlElement):
    """A button for each assistant, if there are some; a click on that of this chat takes it back."""

    def __init__(self, live: LiveConversation, library: Library) -> None:
        super().__init__('div', 'assistant-choice', role='group', aria_label='Assistant')
        self._live = live
        self._library = library
        self._shown: object = None
        self._buttons: dict[str, HtmlElement] = {}
        """By the id of its assistant."""
        with self:
            follow(library.assistants.changed, self.show)

    def show(self) -> None:
        """Bring the buttons up to date; one that is pressed stays where it is, with the focus."""
        if (entries := self._library.assistants.entries) != self._shown:
            self._shown = entries
            self.clear()
            self.set_visibility(bool(entries))
            with self:
                self._buttons = {assistant.id: self._build_button(assistant) for assistant in entries}
        for assistant_id, button in self._buttons.items():
            is_chosen = assistant_id == self._live.metadata.assistant
            send_props(button, **{'aria-pressed': str(is_chosen).lower()})

    def _build_button(self, assistant: Assistant) -> HtmlElement:
        with HtmlElement('button', 'assistant', type='button', data_testid='assistant') as button:
            assistant_sign(assistant)
            HtmlText('span', assistant.name or 'Unnamed')
        button.props['data-name'] = assistant.name
        button.on('click', partial(self._choose, assistant), args=[])
        return button

    async def _choose(self, assistant: Assistant) -> None:
        chosen = NO_ASSISTANT if assistant.id == self._live.metadata.assistant else assistant
        await notify_on_error(self._live.update_metadata(chosen.begin))


def assistant_sign(assistant: Assistant) -> None:
    """Build what stands for an assistant, for those who can see it."""
    with HtmlElement('span', 'assistant-sign', aria_hidden='true'):
        if assistant.picture:
            HtmlElement('img', src=assistant.picture, alt='')
        else:
            HtmlText('span', assistant.sign)


class SetupOptions(HtmlElement):
    """What one can do without a model, the easiest first: the demo, a key, a server that was found here."""

    def __init__(
        self,
        live: LiveConversation,
        models: ModelCatalog,
        preferences: PreferencesStore,
        send: Send,
        *,
        can_add_keys: bool,
    ) -> None:
        super().__init__('div', 'start-options')
        self._live = live
        self._models = models
        self._preferences = preferences
        self._found: set[str] = set()
        """The prefixes of the servers that are offered."""
        self.set_visibility(False)
        with self:
            _option_button('Try the demo', DEMO_HINT, partial(send, DEMO_PROMPT))
            if can_add_keys:
                hint = 'OpenAI, Anthropic, Google and more. It stays on your computer.'
                content = _option_content('Add an API key', hint)
                Link('/settings#keys', 'start-option', content, data_testid='way')

    def show(self, servers: Iterable[ModelServer], *, are_needed: bool) -> None:
        """Offer them, with the servers that have models; when they are needed first, look for some."""
        if are_needed and not self.visible:
            start_when_connected(self._models.refresh, self)
        self.set_visibility(are_needed)
        for server in servers if are_needed else ():
            if server.model_names and server.prefix not in self._found:
                self._found.add(server.prefix)
                with self:
                    self._add_server(server)

    def _add_server(self, server: ModelServer) -> None:
        name = f'{server.prefix}:{server.default_model}'
        count = pluralize(len(server.model_names), 'model')
        key = '' if server.authorization else ' No key needed.'
        hint = f'Found {server.heading} with {count}.{key}'
        _option_button(f'Use {label_of(name)}', hint, lambda: self._pick(name))

    async def _pick(self, name: str) -> None:
        await pick_model(self._live, self._preferences, name)


def _suggestion_button(suggestion: str, send: Send) -> HtmlText:
    button = HtmlText('button', suggestion, 'suggestion', type='button')
    return button.on('click', partial(send, suggestion), args=[])


def _option_button(title: str, hint: str, act: Callable[[], object]) -> None:
    content = _option_content(title, hint)
    button = HtmlElement('button', 'start-option', content, type='button', data_testid='way')
    button.on('click', act, args=[])


def _option_content(title: str, hint: str) -> Markup:
    return span_html(title, 'start-option-title') + span_html(hint, 'start-option-hint')
