"""The question before sharing is stopped: whether the links end with it, as they do, or are kept."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from chat.ui.html import HtmlElement, HtmlText
from chat.ui.page_events import FLAG, parse_event

QUESTION_TITLE = 'Stop sharing?'
ENDS_MESSAGE = 'Everyone is disconnected and all links end, including those of your own devices.'
KEEP_LINKS_LABEL = 'Keep the links for next time'

SUBMIT_SCRIPT = """(event) => {
  event.preventDefault()
  const isWanted = event.submitter?.value === 'yes'
  const keeps = event.target.elements.keep.checked
  event.target.closest('dialog').close()
  if (isWanted) emit(keeps)
}"""
"""In the browser: closes the question, and tells what was chosen if it was answered with yes."""


class StopQuestion(HtmlElement):
    """Stands in the dialog of sharing; the links are kept only if that is switched on, each time anew."""

    def __init__(self, stop: Callable[[bool], Awaitable[None]]) -> None:
        """`stop` is told whether the links are to be kept."""
        super().__init__('dialog', 'dialog', role='alertdialog', aria_labelledby='stop-title')
        with self:
            HtmlText('h2', QUESTION_TITLE, id='stop-title')
            HtmlText('p', ENDS_MESSAGE)
            with HtmlElement('form') as form:
                with HtmlElement('label', 'links-keep'):
                    HtmlText('span', KEEP_LINKS_LABEL)
                    keep = HtmlElement(
                        'input', 'switch', type='checkbox', role='switch', data_testid='links-keep'
                    )
                    keep.props['name'] = 'keep'
                with HtmlElement('div', 'dialog-row'):
                    HtmlText('button', 'Cancel', 'text-button', type='submit', value='')
                    HtmlText(
                        'button', 'Stop sharing', 'text-button danger', value='yes', data_testid='confirm'
                    )

        form.on('submit', parse_event(FLAG, stop), js_handler=SUBMIT_SCRIPT)
        self._form = form

    def ask(self) -> None:
        """Show it, with the links not kept."""
        ui.run_javascript(f'getHtmlElement({self._form.id}).reset(); getHtmlElement({self.id}).showModal()')
