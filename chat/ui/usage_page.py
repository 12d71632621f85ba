"""The page `/usage`: what was used each day, by model, and what it cost."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from nicegui import ui

from chat.agent.model_choice import label_of
from chat.agent_names import is_agent_model
from chat.conversation.usage_ledger import DayUsage, UsageLedger, today
from chat.ui.follow_changes import follow
from chat.ui.formatting import format_paid, pluralize
from chat.ui.html import HtmlElement
from chat.ui.javascript import COMPONENTS
from chat.ui.layout import PageNavigation, PlainPage
from chat.ui.page_tasks import start_when_connected

CHART_DAYS = 30
"""Days that the picture shows."""

MAX_ROWS = 400
"""Rows of the table: more than a year with one model."""


def usage_page(ledger: UsageLedger, navigation: PageNavigation) -> None:
    """Build the page."""
    ui.page_title('Usage')
    with PlainPage('Usage', navigation).body, HtmlElement('div', 'usage-body', data_testid='usage-page'):
        UsageReport(ledger)


class UsageReport(ui.element, component=COMPONENTS / 'usage_report.js'):
    """Sums, a picture of the last days, and a table, the newest day first."""

    def __init__(self, ledger: UsageLedger) -> None:
        super().__init__()
        self._ledger = ledger
        with self:
            follow(ledger.changed, self._show)
            start_when_connected(ledger.refresh)

    def _show(self) -> None:
        self.props.update(report_of(self._ledger.days, date.fromisoformat(today())))


def report_of(days: Sequence[DayUsage], now: date) -> dict[str, Any]:
    """Return what the page shows of these days."""
    last = [(now - timedelta(days=ago)).isoformat() for ago in range(CHART_DAYS)][::-1]
    tokens_by_day = {day: sum(each.tokens for each in days if each.day == day) for day in last}
    newest = sorted(days, key=lambda each: (each.day, each.tokens), reverse=True)
    return {
        'sums': [
            _sum('Today', (each for each in days if each.day == now.isoformat())),
            _sum(f'Last {CHART_DAYS} days', (each for each in days if each.day in tokens_by_day)),
            _sum('In all', days),
        ],
        'bars': [{'day': _day(day), 'tokens': tokens} for day, tokens in tokens_by_day.items()],
        'rows': [_row(each) for each in newest[:MAX_ROWS]],
    }


def _sum(name: str, days: Iterable[DayUsage]) -> dict[str, str]:
    days = list(days)
    return {'name': name, 'tokens': f'{sum(each.tokens for each in days):,}', 'cost': format_paid(days)}


def _row(usage: DayUsage) -> list[str]:
    asked = f'{usage.answers:,}' + (f' + {pluralize(usage.titles, "title")}' if usage.titles else '')
    tokens = [f'{number:,}' for number in (usage.input, usage.cached, usage.output)]
    return [_day(usage.day), _model(usage.model), asked, *tokens, format_paid([usage])]


def _model(name: str) -> str:
    """Return what to call a model; those that agents bring along are told apart."""
    agent = name.partition(':')[2]
    return f'Model of {agent}' if is_agent_model(name) and agent else label_of(name)


def _day(day: str) -> str:
    """Return a day as it is said, without the year if that is this one."""
    text = f'{date.fromisoformat(day):%d %b %Y}'.lstrip('0')
    return text.removesuffix(f' {today()[:4]}')
