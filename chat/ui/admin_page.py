"""The page `/admin` of a team: its nodes, the answers under way, and what each user has used."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from chat.administration import Administration, NodeStatus, TeamReport, UserStatus
from chat.conversation.error_messages import error_message
from chat.conversation.usage_ledger import today
from chat.errors import ChatError
from chat.ui.formatting import format_paid
from chat.ui.html import HtmlElement
from chat.ui.javascript import COMPONENTS
from chat.ui.layout import PageNavigation, PlainPage

REFRESH_INTERVAL = 5.0
"""Seconds from one look to the next, as long as the page is open."""


def admin_page(administration: Administration, navigation: PageNavigation) -> None:
    """Build the page."""
    ui.page_title('Team')
    with PlainPage('Team', navigation).body, HtmlElement('div', 'usage-body', data_testid='admin-page'):
        AdminReport(administration)


class AdminReport(ui.element, component=COMPONENTS / 'admin_report.js'):
    """Three numbers and three tables, which are brought up to date by themselves."""

    def __init__(self, administration: Administration) -> None:
        super().__init__()
        self._administration = administration
        ui.timer(REFRESH_INTERVAL, self._read)

    async def _read(self) -> None:
        try:
            shown = shown_of(await self._administration.report())
        except (ChatError, OSError) as error:
            shown = {'problem': error_message(error)}
        self.props.update(shown)


def shown_of(report: TeamReport) -> dict[str, Any]:
    """Return what the page shows of it."""
    silent = [node for node in report.nodes if node.is_silent]
    used_today = [user for user in report.users if _tokens(user, today())]
    return {
        'problem': '',
        'sums': [
            _sum('Nodes', len(report.nodes) - len(silent), f'{len(silent)} silent' if silent else ''),
            _sum('Answers under way', len(report.runs)),
            _sum('People today', len(used_today), f'of {len(report.users):,}'),
        ],
        'nodes': [_node_row(node) for node in report.nodes],
        'runs': [[run.user, run.node or 'given up', spoken(run.seconds)] for run in report.runs],
        'users': _user_rows(report.users),
    }


def _sum(name: str, number: int, note: str = '') -> dict[str, str]:
    return {'name': name, 'number': f'{number:,}', 'note': note}


def _node_row(node: NodeStatus) -> dict[str, Any]:
    is_here = 'leaving' if node.is_leaving else 'running'
    state = f'silent for {spoken(node.silent_for)}' if node.is_silent else is_here
    return {
        'name': node.name,
        'state': f'{state}, shows you this page' if node.is_this else state,
        'answers': f'{node.answers:,}',
        'silent': node.is_silent,
    }


def _user_rows(users: Sequence[UserStatus]) -> list[list[str]]:
    """Return a row for each user, those who use most first."""
    ordered = sorted(users, key=lambda user: (-_tokens(user), user.name))
    return [
        [
            user.name,
            f'{user.chats:,}',
            f'{_tokens(user, today()):,}',
            f'{_tokens(user):,}',
            format_paid(user.days),
        ]
        for user in ordered
    ]


def _tokens(user: UserStatus, day: str = '') -> int:
    """Return what somebody has used in all, or on one day."""
    return sum(usage.tokens for usage in user.days if day in ('', usage.day))


def spoken(seconds: float) -> str:
    """Return a time as one says it: `12 s`, `3 min`, `2 h`."""
    if seconds < 100:
        return f'{max(0, round(seconds))} s'
    return f'{round(seconds / 60)} min' if seconds < 100 * 60 else f'{round(seconds / 3600)} h'
