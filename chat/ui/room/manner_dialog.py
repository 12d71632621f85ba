"""How a model is to answer in one conversation: its instructions and its temperature."""

from dataclasses import replace

from nicegui.events import GenericEventArguments

from chat.conversation.live import LiveConversation
from chat.conversation.preferences import PreferencesStore
from chat.ui.housekeeping import attempt
from chat.ui.markup import IconButton, Tag, Text
from chat.ui.settings.fields import Row, TextField

OPEN = '() => document.querySelector(".manner-dialog").showModal()'
CLOSE = '(event) => event.target.closest("dialog").close()'
CHOSEN = '(event) => emit(Number(event.target.value))'

LABEL = 'Instructions and temperature of this chat'

HOTTEST = 2.0


class MannerButton(IconButton):
    """Opens the dialog; a dot says that something is set there."""

    def __init__(self, live: LiveConversation) -> None:
        super().__init__('sym_o_tune', LABEL, 'manner-button', data_testid='chat-settings')
        self._live = live
        self._is_set = False
        self.on('click', js_handler=OPEN)

    def show(self) -> None:
        """Bring the dot up to date."""
        is_set = bool(self._live.metadata.instructions) or self._live.metadata.temperature is not None
        if is_set != self._is_set:
            self._is_set = is_set
            self.props['data-set'] = 'true' if is_set else 'false'


class MannerDialog(Tag):
    """Is the same on all pages of the conversation, and holds from the next answer on."""

    def __init__(self, live: LiveConversation, preferences: PreferencesStore) -> None:
        super().__init__(
            'dialog', 'dialog manner-dialog', aria_label=LABEL, data_testid='chat-settings-dialog'
        )
        self._live = live
        self._preferences = preferences
        self._shown: object = None
        with self:
            Text('h2', 'This chat')
            with Row('Instructions', 'Here they take the place of those in the settings.', classes='wide'):
                self._instructions = TextField(
                    'Instructions of this chat', self._set_instructions, testid='chat-instructions'
                )
            with Row(
                'Temperature', 'Low is sober, high is playful. Not all models take one.', classes='wide'
            ):
                self._build_temperature()
            with Tag('div', 'dialog-row'):
                done = Text('button', 'Done', 'text-button', type='button')
                done.on('click', js_handler=CLOSE)

    def _build_temperature(self) -> None:
        with Tag('div', 'temperature'):
            self._slider = Tag(
                'input',
                'slider',
                type='range',
                min='0',
                max=str(HOTTEST),
                step='0.1',
                aria_label='Temperature',
                data_testid='chat-temperature',
            ).on('change', self._set_temperature, js_handler=CHOSEN)
            self._degrees = Text('output', '', 'degrees', data_testid='chat-degrees')
            self._reset = Text('button', 'As the model does', 'text-button', type='button')
            self._reset.on('click', self._reset_temperature, args=[])

    def show(self) -> None:
        """Bring the fields up to date."""
        details = self._live.metadata
        shown = (details.instructions, details.temperature, self._preferences.current.instructions)
        if shown == self._shown:
            return
        self._shown = shown
        self._instructions.props['placeholder'] = (
            self._preferences.current.instructions or 'What the model is to know and to heed here …'
        )
        self._instructions.show(details.instructions)
        is_set = details.temperature is not None
        self._slider.props['data-set'] = 'true' if is_set else 'false'
        self._slider.props['value'] = str(details.temperature if is_set else HOTTEST / 2)
        self._degrees.set_text(f'{details.temperature:.1f}' if is_set else 'as the model does by itself')
        self._reset.set_visibility(is_set)

    async def _set_instructions(self, text: str) -> None:
        await attempt(self._live.update_metadata(lambda details: replace(details, instructions=text.strip())))

    async def _set_temperature(self, event: GenericEventArguments) -> None:
        match event.args:
            case int() | float() as degrees if 0 <= degrees <= HOTTEST:
                await attempt(
                    self._live.update_metadata(lambda details: replace(details, temperature=float(degrees)))
                )
            case _:
                pass  # nothing that our page sends

    async def _reset_temperature(self) -> None:
        await attempt(self._live.update_metadata(lambda details: replace(details, temperature=None)))
