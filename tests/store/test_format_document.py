"""FORMAT.md says what is so: its code runs without Parlour, and its tests are there."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_ai import BinaryContent, Conversation, ModelRequest, ModelResponse, TextPart, UserPromptPart

from chat.conversation.content.metadata import ConversationMetadata
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.conversations.format import load_entry
from tests.store.store_samples import only_file, store_in, turn

DOCUMENT = Path(__file__).parents[2] / 'chat' / 'store' / 'FORMAT.md'
TESTS = Path(__file__).parent

PATH = """
import sys
path = sys.argv[1]
"""

MODEL = """
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.function import FunctionModel
seen = []
def answer(messages, info):
    seen[:] = messages
    return ModelResponse(parts=[TextPart('on')])
agent = Agent(FunctionModel(answer))
"""

AFTER = """
assert not any(name.split('.')[0] == 'chat' for name in sys.modules), 'it needs Parlour'
said = [part.content for message in seen for part in message.parts]
"""


def code_in(language: str) -> list[str]:
    """The blocks of the document in this language."""
    return re.findall(rf'```{language}\n(.*?)```', DOCUMENT.read_text(encoding='utf-8'), re.DOTALL)


def run(path: Path, *code: str) -> None:
    """Run this code in a process that finds no package of ours."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, '-P', '-c', PATH + '\n'.join(code), str(path)],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A file that the store wrote: a file in a prompt, a branch that was left, and a title."""
    file = BinaryContent.narrow_type(BinaryContent(b'\xff' * 5000, media_type='image/png'))
    conversation = Conversation(
        messages=[
            ModelRequest(parts=[UserPromptPart(['Schön?', file])]),
            ModelResponse(parts=[TextPart('A cat.')]),
            *turn('left', 'behind'),
        ]
    )
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.write_metadata(
            conversation.conversation_id, ConversationMetadata(title='A cat')
        )
        await data_folder.conversations.save(conversation)
        branch = await data_folder.conversations.branch(
            conversation.conversation_id, at=2, expected_revision=conversation.revision
        )
        branch.messages += turn('Sure?', 'Yes.')
        await data_folder.conversations.save(branch)
    return only_file(tmp_path)


def test_the_lines_for_pydantic_ai(path: Path) -> None:
    """Those for attachments too, between the others."""
    _, code, attachments = code_in('python')
    imports, rest = code.split('\n\n', 2)[:2], code.split('\n\n', 2)[2]
    loading, continuing = rest.strip().split('\n\n')
    assert len(loading.splitlines()) == 3
    checks = """
assert said[1:] == ['A cat.', 'Sure?', 'Yes.', 'Go on.'], said
assert said[0][0] == 'Schön?' and said[0][1].data == b''
assert result.output == 'on'
"""
    first, ids, rest = code.partition('ids =')
    whole = [first, attachments, ids + rest, AFTER, "assert said[0][1].data == b'\\xff' * 5000"]
    run(path, MODEL, *imports, loading, continuing, AFTER, checks, *whole)


def test_the_lines_for_tinydb(path: Path) -> None:
    lines, *_ = code_in('python')
    content = path.read_bytes()
    run(
        path,
        lines,
        'assert len(entries.all()) == 6',
        'assert database.table("meta").all()[0]["title"] == "A cat"',
    )
    assert path.read_bytes() == content


def test_the_example_is_a_conversation(tmp_path: Path) -> None:
    [example] = code_in('json')
    path = tmp_path / 'example.json'
    path.write_text(example)
    file = ConversationFile(path)
    record = file.record()
    assert record is not None
    assert record.head_id == list(file.entries)[-1]
    assert file.metadata() == ConversationMetadata(title='A cat')
    for entry_id, document in file.entries.items():
        load_entry(entry_id, document)
    assert hashlib.sha256(b'x' * 5000).hexdigest() in example


def test_every_test_it_names_is_there() -> None:
    named = re.findall(r'`((?:\.\./)?[\w/]+\.py)(?:::(test_\w+))?`', DOCUMENT.read_text(encoding='utf-8'))
    assert len(named) > 15
    missing = [
        f'{file}::{name}'
        for file, name in named
        if file != 'main.py'
        and not ((TESTS / file).exists() and f'def {name}' in (TESTS / file).read_text(encoding='utf-8'))
    ]
    assert missing == []
