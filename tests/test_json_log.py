"""The log as one JSON object a line: what each line says, and that it hides secrets."""

import asyncio
import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from chat.json_log import LOG_FIELDS, JsonFormatter
from chat.redaction import SecretRedactor, redact_logs

log = logging.getLogger('of.a.test')


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What a handler with this format writes."""
    handler, root = logging.StreamHandler(stream := StringIO()), logging.getLogger()
    handler.setFormatter(JsonFormatter())
    before = {other: other.formatter for other in root.handlers}
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    for other, formatter in before.items():
        other.setFormatter(formatter)


def lines(written: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_each_line_is_an_object_without_secrets(written: StringIO) -> None:
    """Also a secret that is part of JSON itself leaves it whole, and a text over several lines is one."""
    redact_logs(SecretRedactor({'SOME_API_KEY': 'message', 'OTHER_TOKEN': 'x"y\nz-secret'}))
    log.warning('The key is %s\nor %s', 'message', 'x"y\nz-secret')
    try:
        raise ValueError('x"y\nz-secret')
    except ValueError:
        log.exception('It failed')
    first, second = lines(written)
    assert first['message'] == 'The key is •••\nor •••'
    assert (first['level'], first['logger'], first['time'][-6:]) == ('warning', 'of.a.test', '+00:00')
    assert 'ValueError: •••' in second['exception']
    assert 'z-secret' not in written.getvalue()


def test_a_line_can_be_written_whatever_it_says() -> None:
    record = logging.makeLogRecord({'msg': 'half of one: \ud800, \x00'})
    assert json.loads(JsonFormatter().format(record).encode())['message'] == 'half of one: ?, \x00'


async def test_a_line_says_during_which_run_it_was_written(written: StringIO) -> None:
    async def run(name: str) -> None:
        LOG_FIELDS.set({'conversation': 'c', 'run': name})
        await asyncio.sleep(0)
        log.warning('Something happened')

    await asyncio.gather(asyncio.create_task(run('one')), asyncio.create_task(run('two')))
    log.warning('Outside')
    assert [line.get('run') for line in lines(written)] == ['one', 'two', None]
