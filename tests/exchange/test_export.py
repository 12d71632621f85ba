"""What an export holds, in each format; and what none does."""

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pydantic_ai import (
    Conversation,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.messages import BinaryContent, Citation, WebCitationSource

from chat.conversation.content.messages import prompt_message, with_steered_turn
from chat.conversation.content.waiting import AllowedTool
from chat.exchange.export import Export
from chat.exchange.export_formats import ExportFormat
from chat.exchange.file_names import file_title, numbered_title
from chat.exchange.markdown import below_headings, fenced
from chat.exchange.prepared import parents_first, sound_parents
from chat.store.data_folder import DataFolder
from tests.exchange.samples import PICTURE, exported, imported, write_cat
from tests.store.store_samples import store_in


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    async with store_in(tmp_path / 'data') as folder:
        yield folder


def names(archive: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(archive)).namelist()


async def test_markdown_has_its_files_beside_it(folder: DataFolder) -> None:
    """Headings and fences of an answer stay inside of it; a tool has its arguments and its result."""
    cat = await write_cat(folder)
    archive = zipfile.ZipFile(io.BytesIO(await exported(folder, 'md', cat)))
    [text_name, file_name] = archive.namelist()
    text = archive.read(text_name).decode()
    assert text.startswith(f'---\ntitle: "A <script>cat</script>: 1/2"\nid: "{cat}"\nmodel: "gpt-6.1"\n')
    assert '# A \\<script\\>cat\\</script\\>: 1/2\n\n## You\n' in text
    assert re.search(r'\n\*\d{4}-\d\d-\d\d \d\d:\d\d[+-]\d\d:\d\d\*\n', text)
    assert f'![cat ü.png](<{file_name}>)' in text
    assert archive.read(file_name) == PICTURE
    assert '<summary>Thinking</summary>\n\nLook.' in text
    assert '**Tool: zoom**\n\n```json\n{\n  "to": 2\n}\n```\n\n```\na cat\n```' in text
    assert '\n### A cat\n' in text
    assert text.endswith('```python\nprint("```")\n```\n')


def test_what_an_answer_says_stays_below_who_says_it() -> None:
    assert below_headings('A\n===\n# B\n\n###### C') == '### A\n\n### B\n\n###### C'
    assert below_headings('```\n# no heading') == '```\n# no heading\n```'
    assert below_headings('```\ncode\n```') == '```\ncode\n```'
    assert fenced('a\n````\nb') == '`````\na\n````\nb\n`````'


async def test_a_web_page_needs_nothing_and_runs_nothing(folder: DataFolder) -> None:
    page = (await exported(folder, 'html', await write_cat(folder))).decode()
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:" in page
    assert '<script' not in page
    assert '<title>A &lt;script&gt;cat&lt;/script&gt;: 1/2</title>' in page
    assert 'src="data:image/png;base64,' in page
    assert '<math' in page
    assert 'tk-' in page  # the colours of code
    assert page.count('url(data:font/woff2;base64,') == 3
    assert '/files/' not in page
    assert '../fonts' not in page


async def test_messages_load_in_three_lines(folder: DataFolder, tmp_path: Path) -> None:
    (tmp_path / 'chat.json').write_bytes(await exported(folder, 'pydantic-ai', await write_cat(folder)))
    messages = ModelMessagesTypeAdapter.validate_json((tmp_path / 'chat.json').read_bytes())
    [prompt, *_] = messages
    assert isinstance(prompt, ModelRequest)
    assert isinstance(prompt.parts[0], UserPromptPart)
    file = prompt.parts[0].content[1]
    assert isinstance(file, BinaryContent)
    assert (len(messages), file.data) == (4, PICTURE)


async def test_lines_for_openai_have_whole_pairs_of_calls_and_no_thoughts(folder: DataFolder) -> None:
    [line] = (await exported(folder, 'openai', await write_cat(folder))).splitlines()
    messages = json.loads(line)['messages']
    assert [message['role'] for message in messages] == ['system', 'user', 'assistant', 'tool', 'assistant']
    assert messages[2]['tool_calls'][0]['id'] == messages[3]['tool_call_id'] == 'c1'
    assert messages[1]['content'][1]['image_url']['url'].startswith('data:image/png;base64,')
    assert 'Look.' not in line.decode()


async def test_everything_comes_as_json_and_to_read(folder: DataFolder) -> None:
    cat = await write_cat(folder)
    archive = await exported(folder, 'zip')
    [chat, text, file, *about] = names(archive)
    assert chat == f'conversations/A script cat script 1 2-{cat[-8:]}.json'
    assert text == chat.replace('.json', '.md')
    assert file.startswith('files/')
    assert about == ['index.html', 'README.txt']
    tables = json.loads(zipfile.ZipFile(io.BytesIO(archive)).read(chat))
    assert tables['format'] == 'parlour'
    assert len(tables['entries']) == 4


async def test_the_list_in_an_archive_leads_to_chats_of_any_title(folder: DataFolder) -> None:
    cat = await write_cat(folder)
    named = replace(await folder.conversations.read_metadata(cat), title='C# in 100% of "cases"?')
    await folder.conversations.write_metadata(cat, named)
    archive = zipfile.ZipFile(io.BytesIO(await exported(folder, 'zip')))
    [address] = re.findall('href="([^"]*)"', archive.read('index.html').decode())
    assert unquote(urlsplit(str(address)).path) in archive.namelist()


async def test_a_chat_whose_files_are_too_much_for_one_file_that_can_be_read_again_is_an_archive(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr('chat.exchange.export.MAX_BYTES_IN_JSON', len(PICTURE) - 1)
    cat = await write_cat(folder)
    (tmp_path / 'cat.zip').write_bytes(await exported(folder, 'json', cat))
    async with store_in(tmp_path / 'other') as other:
        assert (await imported(other, tmp_path / 'cat.zip')).result.states == {'new': 1}


async def test_what_is_allowed_and_what_waits_stays_here(folder: DataFolder) -> None:
    """Nor is there anything of another chat, or of one that was deleted."""
    cat = await write_cat(folder)
    other = await write_cat(folder)
    await folder.conversations.move_to_trash(other)
    metadata = await folder.conversations.read_metadata(cat)
    waits = ModelRequest(parts=[UserPromptPart('A secret plan')])
    allowed = (AllowedTool(agent='parlour', tool='delete_everything'),)
    await folder.conversations.write_metadata(
        cat,
        replace(
            metadata,
            assistant='cook',
            queue=(waits,),
            allowed=allowed,
            tools={'read_files': {'folder': '/srv/mine'}},
        ),
    )
    content = await exported(folder, 'json')
    assert b'"assistant": "cook"' in content
    for words in (b'secret', b'delete_everything', b'/srv/mine', other.encode()):
        assert words not in content


async def test_an_answer_that_is_under_way_is_in_it_as_far_as_it_has_come(folder: DataFolder) -> None:
    """Nothing of that is stored by the export."""
    cat = await write_cat(folder)
    before = await exported(folder, 'json', cat)
    await folder.conversations.write_checkpoint(cat, [ModelResponse(parts=[TextPart('It also pur')])])
    assert (await exported(folder, 'openai', cat)).count(b'It also pur') == 1
    await folder.conversations.write_checkpoint(cat, [ModelResponse(parts=[TextPart('It also purrs')])])
    assert b'It also purrs' in await exported(folder, 'json', cat)
    record = await folder.conversations.read_record(cat)
    assert record
    assert len(await folder.conversations.read_history(record.head_id)) == 4
    assert b'purrs' not in before


async def test_a_damaged_chat_is_named_and_the_others_come(folder: DataFolder) -> None:
    cat = await write_cat(folder)
    archive = zipfile.ZipFile(io.BytesIO(await exported(folder, 'zip', cat, 'gone')))
    assert [name for name in archive.namelist() if name.endswith('.json')]
    (folder.path / 'blobs' / archive.namelist()[2][6:70]).unlink()
    archive = zipfile.ZipFile(io.BytesIO(await exported(folder, 'zip', cat)))
    assert 'is missing here' in archive.read('PROBLEMS.txt').decode()
    text = next(name for name in archive.namelist() if name.endswith('.md'))
    assert '- File: cat ü.png (missing)' in archive.read(text).decode()


def test_names_are_legal_everywhere() -> None:
    assert file_title('a/b\\c: "d"?.') == 'a b c d'
    assert file_title('\u202e . ') == 'Chat'
    assert file_title('CON') == 'CON_'
    assert len(numbered_title('猫' * 200, 'x' * 36).encode()) < 120


def test_trees_are_made_sound() -> None:
    """A parent that is missing counts as none, a circle is cut; a long line is no recursion."""
    assert sound_parents({'a': 'b', 'b': 'a', 'c': 'gone', 'd': 'd'}) == {
        'a': 'b', 'b': None, 'c': None, 'd': None,
    }  # fmt: skip
    line = {str(each): str(each - 1) if each else None for each in range(10_000)}
    assert parents_first(sound_parents(dict(reversed(line.items())))) == list(line)


def cited_and_steered() -> list[ModelMessage]:
    """A question whose answer cites two pages, and was given a prompt while it was under way."""
    cited = [
        Citation(sources=[WebCitationSource(f'https://a.example/{page}', title=f'Page {page}')])
        for page in (1, 2)
    ]
    return [
        prompt_message('Three?', 'third'),
        ModelResponse(
            parts=[TextPart('Cited.', citations=cited), ToolCallPart('look', {}, tool_call_id='c')]
        ),
        ModelRequest(parts=[ToolReturnPart('look', 'seen', tool_call_id='c')]),
        with_steered_turn(prompt_message('In <French>, please', author='Ann'), 'third'),
        ModelResponse(parts=[TextPart('Troisième.')]),
    ]


async def test_all_versions_stand_below_the_one_that_is_shown(folder: DataFolder) -> None:
    """Each from the turn on in which it is another."""
    conversation = Conversation(messages=[prompt_message('One?'), ModelResponse(parts=[TextPart('First.')])])
    await folder.conversations.save(conversation)
    conversation.messages += [prompt_message('Two?'), ModelResponse(parts=[TextPart('Second.')])]
    await folder.conversations.save(conversation)
    conversation.messages[2:] = cited_and_steered()
    await folder.conversations.save(conversation)
    chat = conversation.conversation_id
    assert 'Second.' not in (await exported(folder, 'md', chat)).decode()
    headings: Mapping[ExportFormat, str] = {
        'md': '\n# Other version 1\n',
        'html': '<h2 class="version">Other version 1</h2>',
    }
    for export_format, heading in headings.items():
        export = Export(reader=folder.whole, chats=[chat], format=export_format, all_versions=True)
        text = b''.join([piece async for piece in (await export.open()).content]).decode()
        shown, other = text.split(heading)
        assert 'Troisième.' in shown
        assert 'Second.' not in shown
        assert 'Two?' in other
        assert 'Second.' in other
        assert 'One?' not in other
    export = Export(reader=folder.whole, chats=[chat], format='openai', all_versions=True)
    lines = b''.join([piece async for piece in (await export.open()).content]).splitlines()
    assert [json.loads(line)['messages'][-1]['content'] for line in lines] == ['Troisième.', 'Second.']


async def test_sources_are_numbered_and_what_an_answer_was_told_is_within_it(folder: DataFolder) -> None:
    conversation = Conversation(messages=cited_and_steered())
    await folder.conversations.save(conversation)
    chat = conversation.conversation_id
    text = (await exported(folder, 'md', chat)).decode()
    assert '1. [Page 1](<https://a.example/1>)\n2. [Page 2](<https://a.example/2>)' in text
    assert text.count('\n## ') == 2
    assert '\n> **Ann:** In <French>, please\n' in text
    page = (await exported(folder, 'html', chat)).decode()
    assert '<li>Page 1<br>https://a.example/1</li><li>Page 2<br>https://a.example/2</li></ol>' in page
    answer = page.partition('<section class="answer">')[2]
    assert '<h3 class="who">Ann</h3><p>In &lt;French&gt;, please</p></section>' in answer
    assert answer.index('Cited.') < answer.index('In &lt;French') < answer.index('Troisième.')
