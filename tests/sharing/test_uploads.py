"""What guests upload: what counts, for how long, and what is theirs."""

from itertools import count

import pytest

from chat.errors import UploadQuotaExceeded
from chat.sharing.access import Guest, Owner
from chat.sharing.uploads import MAX_PENDING_BYTES, MAX_PENDING_FILES, SECONDS_PER_HOUR, Uploads

ANN = Guest(conversation_id='c', permission='write', name='Ann', session_id='ann')
BEN = Guest(conversation_id='c', permission='write', name='Ben', session_id='ben')
NAMES = map(str, count())


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def upload(uploads: Uploads, guest: Guest, size: int = 1) -> str:
    """Have a file come; return its name."""
    with uploads.reserve(guest, size) as coming:
        coming.blob = next(NAMES)
    return coming.blob


def fill(uploads: Uploads, guest: Guest) -> list[str]:
    return [upload(uploads, guest) for _ in range(MAX_PENDING_FILES)]


def test_a_file_is_of_the_browser_that_uploaded_it() -> None:
    uploads = Uploads()
    blob = upload(uploads, ANN)
    assert uploads.blobs(ANN) == {blob}
    assert uploads.blobs(BEN) == set()


def test_one_more_is_refused_until_some_are_sent() -> None:
    uploads = Uploads()
    blobs = fill(uploads, ANN)
    with pytest.raises(UploadQuotaExceeded):
        upload(uploads, ANN)
    upload(uploads, BEN)
    uploads.mark_sent(ANN, blobs[:1])
    upload(uploads, ANN)
    with pytest.raises(UploadQuotaExceeded):
        upload(uploads, ANN)


def test_one_more_is_refused_until_an_hour_is_over_and_all_stay_theirs() -> None:
    uploads = Uploads(clock := Clock())
    blobs = fill(uploads, ANN)
    clock.now = SECONDS_PER_HOUR - 1
    with pytest.raises(UploadQuotaExceeded):
        upload(uploads, ANN)
    clock.now = SECONDS_PER_HOUR
    assert {*blobs, upload(uploads, ANN)} == uploads.blobs(ANN)


def test_bytes_count_while_they_come() -> None:
    """Else as many as one likes could be on their way at once."""
    uploads = Uploads()
    with uploads.reserve(ANN, MAX_PENDING_BYTES):
        with pytest.raises(UploadQuotaExceeded):
            upload(uploads, ANN)
        upload(uploads, BEN)


def test_what_was_smaller_than_announced_counts_as_it_is() -> None:
    uploads = Uploads()
    with uploads.reserve(ANN, MAX_PENDING_BYTES) as coming:
        coming.size = 1
    upload(uploads, ANN, MAX_PENDING_BYTES - 1)
    with pytest.raises(UploadQuotaExceeded):
        upload(uploads, ANN)


def test_what_did_not_arrive_does_not_count() -> None:
    uploads = Uploads()
    with pytest.raises(ConnectionError), uploads.reserve(ANN, MAX_PENDING_BYTES):
        raise ConnectionError
    upload(uploads, ANN, MAX_PENDING_BYTES)


def test_the_owner_is_not_counted() -> None:
    uploads = Uploads()
    for _ in range(MAX_PENDING_FILES + 1):
        with uploads.reserve(Owner(), MAX_PENDING_BYTES):
            pass
