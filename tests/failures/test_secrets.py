"""No key and no trace of the program in what a person reads, and no key in what the log says."""

import json
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from chat.redaction import SecretRedactor
from tests.support.http_models import make_registry, model_catalog_at
from tests.support.launching import Launch
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, refusal
from tests.support.scripted import wait_until_answered
from tests.support.timeouts import WAIT_TIMEOUT

KEY = 'my-own-very-secret-key'


@pytest.mark.parametrize('status', [400, 401, 403, 404, 429, 500])
async def test_a_key_that_the_provider_repeats_is_hidden(status: int) -> None:
    async with Provider() as provider:
        provider.reply(refusal(status, f'No access with {KEY}, go away.'))
        live = make_registry(model_catalog_at(provider.url, api_key=KEY)).new()
        live.send('Hello')
        await wait_until_answered(live)
        assert provider.exchanges[0].headers['authorization'] == f'Bearer {KEY}'
    assert live.turns[-1].failure
    assert KEY not in live.turns[-1].failure
    assert 'Traceback' not in live.turns[-1].failure


def test_a_key_that_is_learned_later_is_hidden_too() -> None:
    environment = {'PATH': '/usr/bin', 'SHORT_KEY': 'abc'}
    redactor = SecretRedactor(environment, None, 'given-at-the-start')
    assert redactor.redact('abc in /usr/bin') == 'abc in /usr/bin'
    environment['ANTHROPIC_API_KEY'] = KEY
    assert redactor.redact(f'Bearer {KEY}; given-at-the-start') == 'Bearer •••; •••'


FORMS = {
    'as it is': KEY,
    'in an address': f'https://anna:{KEY}@example.org/v1',
    'as Python writes a header': repr(f'Bearer {KEY}\n'.encode()),
    'as JSON': json.dumps({'key': f'{KEY}\n'}),
    'with quotation marks': f'"{KEY}"',
    'in a query': f'?key={quote(KEY, safe="")}&x=1',
    'between others': f'a {KEY}, {KEY}; {KEY}',
}


@pytest.mark.parametrize('form', FORMS)
@pytest.mark.parametrize('given', [KEY, f'{KEY}\n', f' {KEY} ', f'"{KEY}"'])
def test_a_key_is_hidden_whatever_its_form(form: str, given: str) -> None:
    """Also if it was given with more around it than belongs to it."""
    assert KEY not in SecretRedactor({'ANTHROPIC_API_KEY': given}).redact(FORMS[form])


def test_odd_keys_are_hidden_as_libraries_write_them() -> None:
    """A key that no header can carry turns up in the errors about that."""
    for key in ('sk-with space-in-it', 'sk-line\nline-two', 'sk-\u00fcmlaut-in-it', 'sk-"quoted"-in-it'):
        redactor = SecretRedactor({'MY_API_KEY': key})
        for text in (key, repr(key), ascii(key), json.dumps(key), quote(key), quote(key, safe='')):
            assert redactor.redact(f'Illegal value: {text}!').count('•••') >= 1
            assert not any(part in redactor.redact(text) for part in ('space', 'line', 'mlaut', 'quoted'))


def test_the_password_of_an_address_is_hidden() -> None:
    redactor = SecretRedactor({'HTTPS_PROXY': 'http://anna:p%40ssword@proxy:8080'})
    basic = b64encode(b'anna:p@ssword').decode()
    told = redactor.redact(f'http://anna:p%40ssword@proxy:8080 p@ssword Basic {basic} http://me:you@there')
    assert told == 'http://•••@proxy:8080 ••• Basic ••• http://•••@there'


def test_no_key_in_the_log_and_no_traceback(tmp_path: Path, launch: Launch) -> None:
    """Even when the log says all it can."""
    with Provider() as provider:
        provider.reply(refusal(500, f'Something with {KEY}.'), Reply(pieces=['Half'], ending='cut'))
        (tmp_path / '.env').write_text(f'PARLOUR_API_KEY={KEY}\n')
        with Parlour(tmp_path / 'data', '--log-level', 'debug', base_url=provider.url, launch=launch) as app:
            app.wait_until_ready()
            for question in ('One', 'Two'):
                answer = httpx2.post(
                    f'{app.url}/chat/', data={'prompt': question}, trust_env=False, timeout=WAIT_TIMEOUT
                )
                assert KEY not in answer.text
            assert app.terminate() == 0
        assert [exchange.headers['authorization'] for exchange in provider.exchanges] == [f'Bearer {KEY}'] * 2
    assert KEY not in app.log
    app.check()
