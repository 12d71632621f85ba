"""What a page tells of its prompt box: no more of it is looked at than a box can hold."""

import pytest
from pydantic import TypeAdapter, ValidationError

from chat.ui.chat.composer import DraftUpdate, SentPrompt

MANY = 10_000

FILE = {'blob': 'a' * 64, 'name': 'a.txt', 'media_type': 'text/plain', 'size': 1}
NO_FILE = {}


@pytest.mark.parametrize('file', [FILE, NO_FILE], ids=['files', 'none that are any'])
@pytest.mark.parametrize('kind', [SentPrompt, DraftUpdate])
def test_thousands_of_attachments_are_refused_at_the_first_that_is_too_much(
    kind: type[SentPrompt] | type[DraftUpdate], file: dict[str, object]
) -> None:
    told = {'id': 'a', 'conversation': 'b', 'version': 1, 'text': '', 'attachments': [file] * MANY}
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(told)
    assert len(refused.value.errors()) < 10
