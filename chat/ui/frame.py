"""The shell around every page: the sidebar stays, what is beside it is swapped."""

from nicegui import ui

from chat.ui.addresses import Addresses
from chat.ui.house import House
from chat.ui.housekeeping import Housekeeping
from chat.ui.notices import Notices
from chat.ui.search.search_dialog import SearchDialog
from chat.ui.sharing.share_dialog import ShareDialog
from chat.ui.sidebar.sidebar import Sidebar
from chat.ui.theme import HOME_SCREEN
from chat.ui.update_note import UpdateNote

ON_A_PHONE = 767
"""Pixels up to which the sidebar lies over the page instead of beside it."""

WENT_ON_A_PHONE = f'innerWidth <= {ON_A_PHONE} && event.target.closest("a, .sidebar-way")'
"""In the browser: whether a click in the sidebar led to something that it now hides."""


class Frame:
    """One browser page, and the addresses it can go to without being loaded again."""

    def __init__(self, house: House) -> None:
        ui.add_head_html(HOME_SCREEN)
        notices = Notices()
        UpdateNote(notices)
        housekeeping = Housekeeping(house, notices)
        search, share = SearchDialog(house), ShareDialog(house)
        drawer = ui.left_drawer(value=False).props(f'show-if-above width=268 breakpoint={ON_A_PHONE}')
        hide = f'getElement({drawer.id}).hide()'
        with drawer:
            sidebar = Sidebar(
                house,
                housekeeping,
                close=f'() => {hide}',
                search=f'() => getElement({search.id}).open()',
                share=share.open,
            )
        sidebar.on('click', js_handler=f'(event) => {{ if ({WENT_ON_A_PHONE}) {hide} }}')
        show_sidebar = f'() => getElement({drawer.id}).show()'
        Addresses(house, housekeeping, sidebar, open_sidebar=show_sidebar, share=share.open)
