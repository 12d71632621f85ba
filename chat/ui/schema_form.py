"""A form made from a JSON schema: the browser shows fields and buttons, and says what was entered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from nicegui import ui
from pydantic import StrictBool, StrictStr, TypeAdapter

from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import parse_event
from chat.ui.schema_fields import JSON_BOX, FormField, FormValues

FORM_EVENT = TypeAdapter(
    tuple[StrictStr, dict[StrictStr, StrictStr | StrictBool | list[StrictStr]], StrictStr]
)
"""The name of a button, what stands in the fields by their names, and what is said besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAction:
    """A button below a form."""

    name: str
    label: str
    testid: str
    look: Literal['primary', 'plain', 'quiet'] = 'plain'


class SchemaForm(ui.element, component=COMPONENTS / 'schema_form.js'):
    """Shows fields and buttons.

    `act` is called with the name of a button, what stands in the fields, and what is said besides.
    """

    def __init__(
        self,
        fields: Sequence[FormField],
        actions: Sequence[FormAction],
        act: Callable[[str, FormValues, str], object],
        *,
        label: str = '',
        testid: str,
        remark: str = '',
        sends_on_enter: bool = False,
        place: str = '',
    ) -> None:
        """Show the fields, with a line for a `remark` if that says what for.

        What was entered and not sent is kept in the tab of the browser under the name of its `place`, if it
        has one.
        """
        super().__init__()
        self._names = {field.name for field in fields}
        self.props.update(
            fields=[asdict(field) for field in fields],
            actions=[asdict(action) for action in actions],
            label=label,
            testid=testid,
            remark=remark,
            enters=sends_on_enter,
            place=place,
            errors={},
        )
        self.on('act', parse_event(FORM_EVENT, lambda event: act(*event)))

    def show_errors(self, sentences: Mapping[str, str]) -> None:
        """Show what is wrong at the fields, or below them if it belongs to none.

        `sentences` are by the paths of values; what is within a field belongs to that.
        """
        errors: dict[str, list[str]] = {}
        for path, sentence in sentences.items():
            name = self._field_of(path)
            errors.setdefault(name, []).append(sentence if name == path else f'{path}: {sentence}')
        self.props['errors'] = {name: ' '.join(each) for name, each in errors.items()}

    def _field_of(self, path: str) -> str:
        if JSON_BOX in self._names:
            return JSON_BOX
        name = path
        while name and name not in self._names:
            name = name.rpartition('.')[0]
        return name or path
