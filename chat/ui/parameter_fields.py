"""The fields for how a model is to answer, in the settings of a chat and of an assistant."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TypeAlias, cast

from chat.conversation.content.model_parameters import ModelParameters, ThinkingEffort
from chat.ui.fields import NumberField, Segments, SettingRow, Slider
from chat.ui.html import HtmlElement

DEFAULT_EFFORT = 'default'

EFFORT_LABELS = {DEFAULT_EFFORT: 'Default', 'off': 'Off', 'low': 'Low', 'medium': 'Medium', 'high': 'High'}

ChangeParameters: TypeAlias = Callable[[ModelParameters], ModelParameters]


class ParameterFields(HtmlElement):
    """Thinking, temperature, top-p and the longest answer."""

    def __init__(self, change: Callable[[ChangeParameters], Awaitable[object]]) -> None:
        """`change` gets what a person has changed, to do it to the parameters as they are by then."""
        super().__init__('div', 'parameters')
        self._change = change
        with self:
            with SettingRow(
                'Thinking', 'More takes longer and costs more. Not every model has it.', classes='wide'
            ):
                self._effort = Segments('Thinking', EFFORT_LABELS, self._set_effort, testid='chat-effort')
            with SettingRow(
                'Temperature',
                'Lower is more focused, higher more creative. Not every model supports it.',
                classes='wide',
            ):
                self._temperature = Slider(
                    'temperature',
                    partial(self._set, 'temperature'),
                    maximum=2.0,
                    step=0.1,
                    testid='chat-temperature',
                )
            with SettingRow(
                'Top-p',
                'How many unlikely words it may choose from. Change this or the temperature.',
                classes='wide',
            ):
                self._top_p = Slider(
                    'top-p', partial(self._set, 'top_p'), maximum=1.0, step=0.05, testid='chat-top-p'
                )
            with SettingRow(
                'Longest answer', 'In tokens, thinking included. A longer one is cut off.', tag='label'
            ):
                self._max_tokens = NumberField(
                    'Longest answer in tokens',
                    self._set_max_tokens,
                    placeholder='Default',
                    testid='chat-max-tokens',
                )

    def show(self, parameters: ModelParameters) -> None:
        """Bring the fields up to date."""
        self._effort.show(parameters.thinking or DEFAULT_EFFORT)
        self._temperature.show(parameters.temperature)
        self._top_p.show(parameters.top_p)
        self._max_tokens.show_number(parameters.max_tokens or 0)

    async def _set_effort(self, effort: str) -> None:
        await self._set('thinking', None if effort == DEFAULT_EFFORT else cast('ThinkingEffort', effort))

    async def _set_max_tokens(self, tokens: int) -> None:
        await self._set('max_tokens', tokens or None)

    async def _set(self, name: str, value: float | str | None) -> None:
        await self._change(lambda parameters: replace(parameters, **{name: value}))
