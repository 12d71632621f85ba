"""The fields of a form for what a JSON schema describes, and the value that stands in them.

What fields cannot say is JSON in one box, which is named `arguments`.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, cast

from pydantic import JsonValue

from chat.errors import ArgumentsInvalid

FieldKind = Literal[
    'text', 'long', 'number', 'integer', 'boolean', 'choice', 'choices', 'list', 'date', 'email'
]

FormValues = Mapping[str, str | bool | list[str]]
"""What stands in the fields, by their names."""

JSON_BOX = 'arguments'
"""The name of the box with all of a value as JSON."""

MAX_FORM_LENGTH = 50_000
"""Characters of JSON in a form: a value that is longer is not sent to the page to be edited."""

LONG_TEXT_LENGTH = 80
"""Characters of a text from which on it gets more than one line."""

Schema = Mapping[str, Any]

FORMATS: Mapping[str, FieldKind] = {'date': 'date', 'email': 'email'}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One thing to fill in."""

    name: str
    """Its path, with dots."""
    label: str
    kind: FieldKind
    value: str | bool | list[str]
    """As the browser has it; of choices, the JSON of each."""
    required: bool = False
    help: str = ''
    default: str = ''
    """What holds if it is left empty."""
    group: str = ''
    """The label of the object that it belongs to."""
    options: tuple[tuple[str, str], ...] = ()
    """The JSON of each choice, and what it is called."""
    items: str = ''
    """Of a list, the type of what is in it."""
    mono: bool = False
    """Whether it is JSON."""
    testid: str | None = None


def form_fields(schema: Schema | None, value: Any) -> list[FormField]:
    """Return the fields for a value; one JSON box if the schema is unknown, or says more than a form can.

    None at all if there is nothing to fill in.
    """
    if schema is not None and isinstance(value, dict):
        fields = _object_fields(schema, schema, cast('dict[str, Any]', value))
        if fields is not None:
            return fields
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return [FormField(name=JSON_BOX, label='Arguments', kind='long', value=text, required=True, mono=True)]


def read_values(fields: Sequence[FormField], values: FormValues, before: Any) -> dict[str, Any]:
    """Return the value that stands in a form; what was not touched stays as it was, also if it was not there.

    Raises:
        ArgumentsInvalid: If there is something that cannot be read.
    """
    if [field.name for field in fields] == [JSON_BOX]:
        return _read_box(fields[0], values.get(JSON_BOX, ''), before)
    result: dict[str, Any] = json.loads(json.dumps(before))
    sentences: dict[str, str] = {}
    for field in fields:
        entered = values.get(field.name, field.value)
        if entered != field.value:
            try:
                _put(result, field, entered)
            except ValueError as error:
                sentences[field.name] = str(error)
    if sentences:
        raise ArgumentsInvalid(sentences)
    return result


def _object_fields(
    schema: Schema, root: Schema, values: Mapping[str, Any], path: str = '', group: str = ''
) -> list[FormField] | None:
    properties = as_object(schema.get('properties'))
    if properties is None or not values.keys() <= properties.keys():
        return [] if not values and schema.get('type') == 'object' and properties is None else None
    required: Sequence[str] = schema.get('required', ())
    fields: list[FormField] = []
    for name, raw in properties.items():
        found = _fields_of(raw, root, values.get(name), f'{path}{name}', group, name in required)
        if found is None:
            return None
        fields += found
    return fields


def _fields_of(
    raw: Any, root: Schema, value: Any, path: str, group: str, required: bool
) -> list[FormField] | None:
    schema = _resolved(raw, root)
    if schema is None:
        return None
    own_title = raw.get('title')  # and not that of a class it refers to
    label = str(own_title or path.rpartition('.')[2].replace('_', ' '))
    if schema.get('type') == 'object':
        inner = as_object({} if value is None else value)
        if '.' in path or inner is None or 'properties' not in schema:  # one within another is enough
            return None
        return _object_fields(schema, root, inner, f'{path}.', label)
    if (found := _kind_and_value(schema, root, value)) is None:
        return None
    kind, shown, options, items = found
    return [
        FormField(
            name=path,
            label=label,
            kind=kind,
            value=shown,
            required=required,
            help=str(schema.get('description', '')),
            default=_default_in(raw),
            group=group,
            options=options,
            items=items,
        )
    ]


def _default_in(schema: Schema) -> str:
    default = schema.get('default')
    return str(default) if default and not isinstance(default, dict | list) else ''


_Found = tuple[FieldKind, str | bool | list[str], tuple[tuple[str, str], ...], str]


def _kind_and_value(schema: Schema, root: Schema, value: Any) -> _Found | None:
    """Return how a simple value is filled in; `None` if it is not simple, or not what the schema says."""
    if options := _options(schema):
        shown = '' if value is None else json.dumps(value)
        known = shown == '' or shown in dict(options)
        return ('choice', shown, options, '') if known else None
    match schema.get('type'):
        case 'boolean' if value is None or isinstance(value, bool):
            return 'boolean', bool(value if value is not None else schema.get('default')), (), ''
        case 'integer' | 'number' as kind if value is None or _is_number(value):
            return kind, '' if value is None else json.dumps(value), (), ''
        case 'string' if value is None or isinstance(value, str):
            return _text_kind(schema, value or ''), value or '', (), ''
        case 'array' if value is None or isinstance(value, list):
            return _list_kind(schema, root, cast('list[Any]', value or []))
        case _:
            return None


def _text_kind(schema: Schema, value: str) -> FieldKind:
    longest = max(len(value), schema.get('maxLength', 0) // 2)
    return (
        'long'
        if '\n' in value or longest > LONG_TEXT_LENGTH
        else FORMATS.get(str(schema.get('format')), 'text')
    )


def _list_kind(schema: Schema, root: Schema, values: list[Any]) -> _Found | None:
    items = _resolved(schema.get('items'), root)
    if items is None:
        return None
    if options := _options(items):
        chosen = [json.dumps(value) for value in values]
        return ('choices', chosen, options, '') if {*chosen} <= dict(options).keys() else None
    kind = items.get('type')
    match kind:
        case 'string' if all(isinstance(value, str) and '\n' not in value for value in values):
            return 'list', '\n'.join(values), (), 'string'
        case 'integer' | 'number' if all(map(_is_number, values)):
            return 'list', '\n'.join(map(json.dumps, values)), (), str(kind)
        case _:
            return None


def _options(schema: Schema) -> tuple[tuple[str, str], ...]:
    """Return the values that an enum allows, as JSON, and what each is called; none if it is no enum."""
    titled = schema.get('oneOf') or schema.get('anyOf') or ()
    if titled and all(isinstance(each, dict) and 'const' in each for each in titled):
        return tuple((json.dumps(each['const']), str(each.get('title', each['const']))) for each in titled)
    values = [schema['const']] if 'const' in schema else schema.get('enum', ())
    names = schema.get('enumNames', ())
    names = names if len(names) == len(values) else values
    return tuple((json.dumps(value), str(name)) for value, name in zip(values, names, strict=True))


def _resolved(raw: Any, root: Schema) -> Schema | None:
    """Return a schema without references and without the alternative of nothing; `None` if it has others."""
    schema = as_object(raw)
    for _ in range(10):  # a schema may refer to itself
        if schema is None:
            return None
        parts = schema.get('allOf') or [
            each for each in schema.get('anyOf', ()) if each.get('type') != 'null'
        ]
        if isinstance(reference := schema.get('$ref'), str):
            inner = _referenced(reference, root)
        elif len(parts) == 1:
            inner = as_object(parts[0])
        else:
            return schema
        rest = {key: each for key, each in schema.items() if key not in ('$ref', 'allOf', 'anyOf', 'default')}
        schema = {**inner, **rest} if inner is not None else None
    return None


def _referenced(reference: str, root: Schema) -> Schema | None:
    node: Schema | None = root
    for name in reference.removeprefix('#/').split('/'):
        node = as_object(node.get(name)) if node is not None else None
    return node


def as_object(node: Any) -> Schema | None:
    """Return an object of JSON; `None` if it is something else."""
    return cast('dict[str, Any]', node) if isinstance(node, dict) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_box(field: FormField, text: object, before: Any) -> dict[str, Any]:
    if text == field.value and isinstance(before, dict):
        return cast('dict[str, Any]', before)
    try:
        value = json.loads(str(text))
    except ValueError as error:
        raise ArgumentsInvalid({JSON_BOX: f'This is not JSON: {error}.'}) from error
    if not isinstance(value, dict):
        raise ArgumentsInvalid({JSON_BOX: 'This must be an object in braces, with a value by each name.'})
    return cast('dict[str, Any]', value)


def _put(result: dict[str, Any], field: FormField, entered: str | bool | list[str]) -> None:
    """Put what was entered into its place; an empty field that is not needed is left out."""
    *outer, name = field.name.split('.')
    for each in outer:
        if not isinstance(result.get(each), dict):
            result[each] = {}
        result = result[each]
    if entered == '' and (field.kind not in ('text', 'long') or not field.required):
        result.pop(name, None)
    else:
        result[name] = _read(field, entered)


def _read(field: FormField, entered: str | bool | list[str]) -> JsonValue:
    """Return what was entered as JSON.

    Raises:
        ValueError: If it is no number where one is needed; with a sentence.
    """
    match field.kind, entered:
        case ('number' | 'integer') as kind, str(text):
            return _number(text, kind)
        case 'choice', str(text):
            return json.loads(text)
        case 'choices', list(texts):
            return [json.loads(text) for text in texts]
        case 'list', str(text):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            return [line if field.items == 'string' else _number(line, field.items) for line in lines]
        case _:
            return cast('JsonValue', entered)


def _number(text: str, kind: str) -> int | float:
    for read in (int, float):
        with suppress(ValueError):
            if isfinite(value := read(text.strip())):
                return value
    raise ValueError('It must be a number.' if kind == 'number' else 'It must be a whole number.')
