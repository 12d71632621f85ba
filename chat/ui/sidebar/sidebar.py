"""The list of conversations, alive in every open page."""

from datetime import datetime, timedelta
from itertools import groupby

from nicegui import ui

from chat.store.files.summary import Summary
from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.markup import IconButton, Tag, Text

MOST_SHOWN = 200
"""Conversations in the list; every element of a page costs at each update of any of them."""


class Sidebar(Tag):
    """New chat, and the conversations by the day they were last used."""

    def __init__(self, house: House, *, close: str) -> None:
        """`close` is what runs in the browser to put the sidebar away."""
        super().__init__('nav', 'sidebar', data_testid='sidebar', aria_label='Conversations')
        self._catalog = house.catalog
        self._opened = house.opened
        self._active = ''
        self._shown: object = None
        with self:
            with Tag('div', 'sidebar-head'):
                with Tag('span', 'brand'):
                    Tag('span', 'diamond', aria_hidden='true')
                    Text('span', 'Parlour')
                IconButton('sym_o_left_panel_close', 'Close sidebar', 'sidebar-close').on(
                    'click', js_handler=close
                )
            with ui.link(target='/').classes('new-chat').props('data-testid=new-chat'):
                ui.icon('sym_o_edit_square').props('aria-hidden=true')
                Text('span', 'New chat')
            self._list = Tag('div', 'sidebar-list')
            with Tag('div', 'sidebar-foot'):
                ui.icon('sym_o_lock').props('aria-hidden=true')
                Text('span', 'Kept on this computer', 'foot-note')
            follow(house.catalog.changed, self._show)
            follow(house.opened.activity, self._show)

    def mark_active(self, conversation_id: str) -> None:
        """Show which conversation the page is about; '' for none of them."""
        self._active = conversation_id
        self._show()

    def _show(self) -> None:
        now = datetime.now().astimezone()
        summaries = self._catalog.summaries[:MOST_SHOWN]
        rows = [(row.conversation_id, row.title) for row in summaries]
        state = (rows, self._opened.running, self._active, tuple(self._catalog.notes), now.date())
        if state != self._shown:
            self._shown = state
            self._list.clear()
            with self._list:
                self._build(summaries, now)

    def _build(self, summaries: list[Summary], now: datetime) -> None:
        for period, rows in groupby(summaries, key=lambda summary: period_of(summary.updated_at, now)):
            Text('div', period, 'group-title')
            for row in rows:
                self._row(row)
        for note in self._catalog.notes:
            Text('p', note, 'sidebar-note')

    def _row(self, summary: Summary) -> None:
        is_active = summary.conversation_id == self._active
        is_running = summary.conversation_id in self._opened.running
        link = ui.link(target=f'/c/{summary.conversation_id}').classes('conversation-link')
        link.classes(
            add=' '.join(name for name, holds in (('active', is_active), ('running', is_running)) if holds)
        )
        link.props('data-testid=conversation-link')
        link.props['data-id'] = summary.conversation_id
        if is_active:
            link.props['aria-current'] = 'page'
        with link:
            Text('span', summary.title or 'New chat', 'conversation-title')


def period_of(moment: datetime, now: datetime) -> str:
    """The heading under which a conversation of that moment stands, in the time zone of `now`."""
    days = (now.date() - moment.astimezone(now.tzinfo).date()) / timedelta(days=1)
    for most, name in ((0, 'Today'), (1, 'Yesterday'), (7, 'Previous 7 days'), (30, 'Previous 30 days')):
        if days <= most:
            return name
    return 'Older'
