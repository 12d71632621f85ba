"""What leads from a failed answer to where it can be put right: the key of a provider, the list of models."""

from collections.abc import Iterator

from nicegui.element import Element

from chat.ui.markup import Text
from chat.ui.room.model_picker import OPEN


def ways_out(way: str) -> Iterator[Element]:
    """Build what an `Ending.way` leads to, here."""
    place, _, prefix = way.partition(':')
    match place:
        case 'key':
            yield Text(
                'a', 'Open the key', 'text-button', href=f'/settings#keys-{prefix}', data_testid='open-key'
            )
        case 'model':
            button = Text('button', 'Choose a model', 'text-button', type='button', data_testid='open-models')
            yield button.on('click', js_handler=OPEN)
        case _:
            pass
