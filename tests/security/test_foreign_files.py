"""Files of others: who knows what one is called neither sees it nor attaches it to see it then."""

import hashlib
import re
from collections.abc import Iterator

import pytest

from chat.sharing.uploads import MAX_PENDING_FILES
from tests.security.guest import come
from tests.security.raw import Answer, ask
from tests.security.sockets import Page, read_page, speaking_for
from tests.security.target import Target

OCTETS = ('Content-Type', 'application/octet-stream')
SECRET = b'What only the owner may read. ' * 100
OTHERS = b'What another guest has not sent yet. ' * 100
OWN = b'What the guest has brought. ' * 100
FATE = re.compile(r'"return runMethod\(\d+, \\"(confirm|refuse)Prompt\\"')
"""In a frame to a page: what becomes of the prompt that it has sent."""


@pytest.fixture
def own(guarded: Target) -> Iterator[str]:
    """A conversation that is shared, while there is a file in another one."""
    guarded.tell('start', '127.0.0.1')
    assert sent_with_a_file(guarded) == 'confirm', 'the owner attaches what is there'
    yield quiet(guarded)
    guarded.tell('stop')


def quiet(target: Target) -> str:
    """A conversation in which nothing grows."""
    conversation_id = target.tell('new', 'What is ours?')
    target.tell('hush', conversation_id)
    return conversation_id


def sent_with_a_file(target: Target) -> str:
    """Upload a file from one page of the owner's, and have another one send it; what became of that."""
    page, other = (read_page(target.url, f'/c/{quiet(target)}') for _ in range(2))
    assert upload(page, SECRET).status == 201
    return sent(other, SECRET)


def upload(page: Page, content: bytes) -> Answer:
    return ask(page.url, 'POST', '/files/', [('Cookie', page.cookie), OCTETS], content)


def seen(page: Page, content: bytes) -> Answer:
    return ask(page.url, path=f'/files/{name_of(content)}', headers=[('Cookie', page.cookie)])


def sent(page: Page, content: bytes) -> str:
    """Have a page send a prompt that names a file with this content: whether it is accepted or refused."""
    file = {'blob': name_of(content), 'name': 'x.txt', 'media_type': 'text/plain', 'size': 1}
    prompt = {
        'id': name_of(content),
        'conversation': page.conversation,
        'text': 'And this?',
        'attachments': [file],
    }
    with speaking_for(page) as socket:
        assert socket.join()
        socket.fire(page, 'send', prompt)
        return next(fate[1] for frame in socket.rest() if (fate := FATE.search(frame)))


def name_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_guest_gets_no_file_by_naming_it_in_a_prompt(guarded: Target, own: str) -> None:
    """Neither one of another conversation nor one of another guest, and there seems to be none."""
    ann, ben = (come(guarded, 'write', own).page() for _ in range(2))
    assert upload(ben, OTHERS).status == 201
    for content in (SECRET, OTHERS, b'Nothing of this kind is there.'):
        assert sent(ann, content) == 'refuse'
        assert seen(ann, content).status == 404
    assert guarded.tell('questions', own) == ['What is ours?']


def test_a_guest_sends_and_sees_what_they_uploaded(guarded: Target, own: str) -> None:
    ann, ben = (come(guarded, 'write', own).page() for _ in range(2))
    assert upload(ann, OWN).status == 201
    assert (seen(ann, OWN).status, seen(ben, OWN).status) == (200, 404)
    assert sent(ann, OWN) == 'confirm'
    guarded.tell('hush', own)
    assert seen(ben, OWN).status == 200
    assert guarded.tell('questions', own) == ['What is ours?', 'And this?']


def test_without_the_guard_every_file_could_be_named(bare: Target) -> None:
    assert sent_with_a_file(bare) == 'confirm'


def test_a_guest_cannot_fill_the_disk_with_what_is_never_sent(guarded: Target, own: str) -> None:
    page = come(guarded, 'write', own).page()
    uploads = [upload(page, f'Number {number}'.encode()) for number in range(MAX_PENDING_FILES + 1)]
    assert [answer.status for answer in uploads] == [201] * MAX_PENDING_FILES + [429]
    assert 'wait an hour' in uploads[-1].body
    assert upload(come(guarded, 'write', own).page(), b'Another guest').status == 201
    assert sent(page, b'Number 0') == 'confirm'
    assert upload(page, b'In the place of what was sent').status == 201
    guarded.tell('hush', own)
