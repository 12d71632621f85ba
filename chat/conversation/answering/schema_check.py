"""Check arguments against the JSON schema of a tool, in words for the person who has edited them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_ai import ToolCallPart
from pydantic_core import from_json

NEEDED_SENTENCE = 'This is needed.'

TYPE_WORDS = {
    'string': 'a text',
    'number': 'a number',
    'integer': 'a whole number',
    'boolean': 'yes or no',
    'array': 'a list',
    'object': 'an object',
    'null': 'nothing',
}

FORMAT_WORDS = {
    'date': 'a date such as 2026-01-31',
    'date-time': 'a date with a time such as 2026-01-31T12:00:00Z',
    'time': 'a time such as 12:00:00Z',
    'email': 'an email address',
    'uri': 'an address such as https://example.com',
    'uuid': 'a UUID',
}

BOUND_SENTENCES = {
    'minimum': 'At least {}.',
    'maximum': 'At most {}.',
    'exclusiveMinimum': 'More than {}.',
    'exclusiveMaximum': 'Less than {}.',
    'multipleOf': 'A multiple of {}.',
    'minLength': 'At least {} characters.',
    'maxLength': 'At most {} characters.',
    'minItems': 'At least {} of them.',
    'maxItems': 'At most {} of them.',
    'pattern': 'It must match the pattern {}.',
    'const': 'It must be {}.',
}
"""By a keyword of the schema, with its value."""


def sentences_for(arguments: object, schema: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with arguments, by the path of each, with dots; nothing if they fit the schema.

    A schema that is none is not checked: the tool itself does that.
    """
    from jsonschema import Draft202012Validator, FormatChecker  # here: it takes some 70 ms
    from jsonschema.exceptions import SchemaError

    formats = FormatChecker(formats=['date', 'email', 'ipv4', 'ipv6', 'uuid'])
    formats.checks('uri')(_is_uri)
    validator: Any = Draft202012Validator(schema, format_checker=formats)  # its types leave much unknown
    sentences: dict[str, str] = {}
    try:
        validator.check_schema(schema)
        for error in validator.iter_errors(arguments):
            for path, sentence in _sentences(error):
                sentences.setdefault('.'.join(map(str, path)), sentence)
    except (SchemaError, RecursionError):
        return {}
    return sentences


def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or ':' in value.strip(':')


def _sentences(error: Any) -> Iterable[tuple[Sequence[str | int], str]]:
    path, value = [*error.absolute_path], error.validator_value
    match error.validator:
        case 'required':
            missing = [name for name in value if name not in error.instance]
            yield from (([*path, name], NEEDED_SENTENCE) for name in missing)
        case 'additionalProperties':
            yield path, f'There is no such argument: {_quoted(error)}.'
        case 'anyOf' | 'oneOf' if error.context:
            yield from _sentences(_relevant(error.context))
        case _:
            yield path, _sentence(error, value)


def _sentence(error: Any, value: Any) -> str:
    match error.validator:
        case 'type':
            kinds = [value] if isinstance(value, str) else value
            return f'It must be {" or ".join(TYPE_WORDS.get(kind, kind) for kind in kinds)}.'
        case 'enum':
            return f'It must be one of: {", ".join(map(str, value))}.'
        case 'format':
            return f'It must be {FORMAT_WORDS.get(value, value)}.'
        case 'minLength' if value == 1:
            return NEEDED_SENTENCE
        case keyword:
            words = BOUND_SENTENCES.get(str(keyword))
            return words.format(value) if words else f'This does not fit: {error.message[:200]}.'


def _relevant(errors: Sequence[Any]) -> Any:
    """Return the one of the alternatives that says most: not that the value is not nothing."""
    others = [error for error in errors if error.validator_value != 'null']
    return max(others or errors, key=lambda error: len(error.absolute_path))


def _quoted(error: Any) -> str:
    known = error.schema.get('properties', {})
    return ', '.join(f'“{name}”' for name in error.instance if name not in known)


def arguments_in(call: ToolCallPart) -> Any:
    """Return the arguments of a call as JSON; a text if they are none."""
    if not isinstance(call.args, str):
        return call.args or {}
    try:
        return from_json(call.args or '{}')
    except ValueError:
        return call.args
