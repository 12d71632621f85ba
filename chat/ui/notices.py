"""Short sentences that come and go at the lower edge of the page."""

from nicegui import ui


def notify(sentence: str) -> None:
    """Say something to the person at this page; it is read out too."""
    ui.notify(sentence, position='bottom', timeout=6000, attrs={'data-testid': 'notice', 'role': 'status'})
