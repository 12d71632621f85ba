"""Forms made from the schemas of tools: what there is to fill in, and what comes of it."""

from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from pydantic_ai import Tool

from chat.conversation.answering.schema_check import sentences_for
from chat.errors import ArgumentsInvalid
from chat.ui.schema_fields import JSON_BOX, FormField, form_fields, read_values


class Size(Enum):
    small = 's'
    large = 'l'


class Place(BaseModel):
    street: str
    city: str | None = None


def order(
    item: str,
    count: int,
    price: float = 1.5,
    size: Size = Size.small,
    extras: list[Literal['card', 'ribbon']] = [],  # noqa: B006  # as people write tools
    tags: list[str] = [],  # noqa: B006
    express: bool = False,
    note: str | None = None,
    place: Place | None = None,
) -> None:
    """Order something."""


SCHEMA = Tool(order).function_schema.json_schema
GIVEN: dict[str, Any] = {'item': 'Tea', 'count': 2, 'tags': ['new'], 'place': {'street': 'Hill 1'}}


def fields_by_name(value: Any = GIVEN) -> dict[str, FormField]:
    return {field.name: field for field in form_fields(SCHEMA, value)}


def test_there_is_a_field_for_each_argument_that_a_form_can_say() -> None:
    fields = fields_by_name()
    assert {name: field.kind for name, field in fields.items()} == {
        'item': 'text',
        'count': 'integer',
        'price': 'number',
        'size': 'choice',
        'extras': 'choices',
        'tags': 'list',
        'express': 'boolean',
        'note': 'text',
        'place.street': 'text',
        'place.city': 'text',
    }
    assert fields['size'].options == (('"s"', 's'), ('"l"', 'l'))
    assert (fields['item'].required, fields['price'].required) == (True, False)
    assert (fields['place.street'].group, fields['price'].default) == ('place', '1.5')


def test_what_is_not_touched_stays_as_it_was() -> None:
    """Also what was not there: a default of the tool is still its own."""
    fields = form_fields(SCHEMA, GIVEN)
    untouched = {field.name: field.value for field in fields}
    assert read_values(fields, untouched, GIVEN) == GIVEN


def test_what_is_entered_is_read_by_its_kind() -> None:
    fields = form_fields(SCHEMA, GIVEN)
    entered = {
        'item': '',
        'count': ' 3 ',
        'price': '2',
        'size': '"l"',
        'extras': ['"ribbon"'],
        'tags': 'new\n\nblue',
        'express': True,
        'note': 'Ring twice.\n',
        'place.street': 'Hill 1',
        'place.city': 'Lisbon',
    }
    assert read_values(fields, entered, GIVEN) == {
        'item': '',
        'count': 3,
        'price': 2,
        'size': 'l',
        'extras': ['ribbon'],
        'tags': ['new', 'blue'],
        'express': True,
        'note': 'Ring twice.\n',
        'place': {'street': 'Hill 1', 'city': 'Lisbon'},
    }


def test_what_cannot_be_read_is_said_at_its_field() -> None:
    fields = form_fields(SCHEMA, GIVEN)
    with pytest.raises(ArgumentsInvalid) as raised:
        read_values(fields, {'count': 'two', 'price': 'nan', 'item': 'Tea'}, GIVEN)
    assert raised.value.sentences == {'count': 'It must be a whole number.', 'price': 'It must be a number.'}


def test_what_does_not_fit_the_schema_is_said_as_well() -> None:
    wrong = {**GIVEN, 'count': 2.5, 'size': 'xl', 'place': {'street': 1}, 'extras': ['bow']}
    assert sentences_for(GIVEN, SCHEMA) == {}
    assert sentences_for(wrong, SCHEMA) == {
        'count': 'It must be a whole number.',
        'size': 'It must be one of: s, l.',
        'place.street': 'It must be a text.',
        'extras.0': 'It must be one of: card, ribbon.',
    }
    schema = {
        'properties': {'mail': {'format': 'email'}, 'day': {'format': 'date'}, 'link': {'format': 'uri'}}
    }
    assert sentences_for({'mail': 'ann', 'day': '31.1.2026', 'link': 'here'}, schema) == {
        'mail': 'It must be an email address.',
        'day': 'It must be a date such as 2026-01-31.',
        'link': 'It must be an address such as https://example.com.',
    }


@pytest.mark.parametrize(
    ('schema', 'value'),
    [
        (None, {'a': 1}),
        ({'type': 'object', 'properties': {'rows': {'type': 'array', 'items': {'type': 'object'}}}}, {}),
        ({'type': 'object', 'properties': {'a': {'anyOf': [{'type': 'string'}, {'type': 'integer'}]}}}, {}),
        ({'type': 'object', 'properties': {'a': {'$ref': '#'}}}, {'a': {'a': {}}}),
        (SCHEMA, {'item': 7, 'count': 2}),
        (SCHEMA, {**GIVEN, 'unknown': True}),
        (SCHEMA, 'not JSON'),
    ],
)
def test_all_else_is_one_box_of_json(schema: dict[str, Any] | None, value: Any) -> None:
    fields = form_fields(schema, value)
    assert [field.name for field in fields] == [JSON_BOX]
    assert read_values(fields, {JSON_BOX: '{"a": [1]}'}, value) == {'a': [1]}
    for text, start in (('{', 'This is not JSON'), ('[1]', 'This must be an object')):
        with pytest.raises(ArgumentsInvalid) as raised:
            read_values(fields, {JSON_BOX: text}, value)
        assert raised.value.sentences[JSON_BOX].startswith(start)


def test_without_arguments_there_is_nothing_to_fill_in() -> None:
    assert form_fields({'type': 'object', 'properties': {}, 'additionalProperties': False}, {}) == []
    assert form_fields({'type': 'object'}, {}) == []
