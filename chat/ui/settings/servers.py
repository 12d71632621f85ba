"""The servers of models that need no key: what each said when it was asked last."""

from nicegui import ui

from chat.agent.models import ModelChoices
from chat.agent.servers import ModelServer
from chat.ui.markup import Tag, Text
from chat.ui.words import counted


class ServerRows(Tag):
    """One line for each server; they are asked when the page is opened."""

    def __init__(self, models: ModelChoices) -> None:
        super().__init__('div', 'server-rows')
        self._models = models
        self._states: list[tuple[ModelServer, Text]] = []
        with self:
            for server in models.servers:
                with Tag('div', 'setting', data_testid='server-row'), Tag('div', 'setting-words'):
                    Text('span', server.heading, 'setting-label')
                    self._states.append((server, Text('span', 'Asking …', 'setting-hint', role='status')))
            ui.timer(0, self._ask, once=True)

    async def _ask(self) -> None:
        await self._models.refresh()
        for server, text in self._states:
            text.set_text(state_of(server))


def state_of(server: ModelServer) -> str:
    """What it said when it was asked last."""
    if server.model_names:
        return counted(len(server.model_names), 'model') + '.'
    if server.is_down and server.is_local:
        return 'Not running.'
    return f'{server.problem[:1].upper()}{server.problem[1:]}. {server.remedy}'.strip()
