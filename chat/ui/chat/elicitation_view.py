"""Questions of MCP servers, above the box: forms, and addresses that a person is to open."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from chat.agent.mcp.elicitation import Elicitation, ElicitationBoard
from chat.conversation.answering.schema_check import sentences_for
from chat.errors import ArgumentsInvalid
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.schema_fields import JSON_BOX, FormValues, form_fields, read_values
from chat.ui.schema_form import FormAction, SchemaForm

DECLINE = FormAction(name='decline', label='Decline', testid='elicitation-decline')
SEND = FormAction(name='accept', label='Send', testid='elicitation-accept', look='primary')
DONE = FormAction(name='accept', label='Done', testid='elicitation-accept', look='primary')

UNCLEAR_MESSAGE = 'Several chats use this server just now, so this may be about another one.'
NO_LINK_MESSAGE = "This address can't be opened from here."


class ElicitationList(HtmlElement):
    """The questions that belong to a conversation, each until it is answered or its call has ended."""

    def __init__(self, board: ElicitationBoard, conversation_id: str, owner: str) -> None:
        """`owner` is whose conversation it is, in a team."""
        super().__init__('div', 'elicitations')
        self._owner = owner
        self._board = board
        self._conversation_id = conversation_id
        self._cards: dict[str, HtmlElement] = {}
        with self:
            follow(board.changed, self._show)

    def _show(self) -> None:
        questions = {one.id: one for one in self._board.of(self._conversation_id, self._owner)}
        for closed in self._cards.keys() - questions.keys():
            self._cards.pop(closed).delete()
        with self:
            for question_id, question in questions.items():
                if question_id not in self._cards:
                    self._cards[question_id] = ElicitationCard(self._board, question)


class ElicitationCard(HtmlElement):
    """One question. Its address is shown whole; nothing but a click of the person opens it."""

    def __init__(self, board: ElicitationBoard, question: Elicitation) -> None:
        self._heading = heading = f'“{question.server}” asks'
        super().__init__(
            'section', 'approval asks elicitation', aria_label=heading, data_testid='elicitation'
        )
        self._board = board
        self._question = question
        with self:
            HtmlText('p', heading, 'approval-line')
            HtmlText('p', question.request.text, 'approval-told')
            if question.conversation_id is None:
                HtmlText('p', UNCLEAR_MESSAGE, 'approval-line')
            if question.request.schema is None:
                self._build_address(question.request.url)
            else:
                self._build_form(question.request.schema)

    def _build_form(self, schema: Mapping[str, Any]) -> None:
        defaults = defaults_in(schema)
        fields = [
            replace(field, label='Answer, as JSON') if field.name == JSON_BOX else field
            for field in form_fields(schema, defaults)
        ]

        async def act(name: str, values: FormValues, _: str) -> None:
            if name != 'accept':
                self._board.decline(self._question.id)
                return
            try:
                content = read_values(fields, values, defaults)
                if sentences := await asyncio.to_thread(sentences_for, content, schema):
                    raise ArgumentsInvalid(sentences)
            except ArgumentsInvalid as error:
                form.show_errors(error.sentences)
            else:
                self._board.accept(self._question.id, content)

        form = SchemaForm(
            fields,
            [SEND, DECLINE],
            act,
            label=self._heading,
            testid='elicitation-form',
            sends_on_enter=True,
            place=f'elicitation {self._question.id}',
        )

    def _build_address(self, url: str) -> None:
        before, host, after = parts_of(url)
        with HtmlElement('p', 'elicitation-address', data_testid='elicitation-address'):
            HtmlText('span', before)
            HtmlText('strong', host)
            HtmlText('span', after)
        if host:
            link = HtmlText(
                'a', 'Open', 'text-button', href=url, target='_blank', data_testid='elicitation-open'
            )
            link.props['rel'] = 'noopener noreferrer'
        else:
            HtmlText('p', NO_LINK_MESSAGE, 'approval-line')

        def act(name: str, _: FormValues, __: str) -> None:
            (self._board.accept if name == 'accept' else self._board.decline)(self._question.id)

        SchemaForm([], [DONE, DECLINE], act, label=self._heading, testid='elicitation-form')


def defaults_in(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form holds before anything is entered."""
    fields: Mapping[str, Any] = schema.get('properties', {})
    return {name: field['default'] for name, field in fields.items() if 'default' in field}


def parts_of(url: str) -> tuple[str, str, str]:
    """Return an address in three parts, the second of which is the host to which it really leads.

    It is '' if a browser cannot open the address, and as the network knows it if it has other letters.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ''
        shown = host if host.isascii() else host.encode('idna').decode()
    except ValueError:  # also of a host that cannot be encoded
        return url, '', ''
    if parts.scheme not in ('http', 'https') or not host:
        return url, '', ''
    start = url.lower().rindex(host, 0, len(parts.scheme) + 3 + len(parts.netloc))
    return url[:start], shown, url[start + len(host) :]
