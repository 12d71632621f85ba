"""What leads from a failed answer to where it can be put right: a key, a server, the list of models."""

from chat.ui.addresses import local_address
from chat.ui.chat.model_picker import OPEN_SCRIPT
from chat.ui.html import HtmlText


def recovery_link(way: str) -> None:
    """Build what a `TurnOutcome.way` leads to, here; nothing if it says none."""
    place, _, name = way.partition(':')
    match place:
        case 'key' | 'server':
            href = local_address(f'/settings#{place}s-{name}')
            HtmlText('a', 'Check API key', 'text-button', href=href, data_testid='open-key')
        case 'model':
            button = HtmlText(
                'button', 'Choose a model', 'text-button', type='button', data_testid='open-models'
            )
            button.on('click', js_handler=OPEN_SCRIPT)
        case _:
            pass
