"""A conversation as Markdown that a person can read in a terminal or a file."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic_ai import BinaryContent, ModelMessage, ModelResponse, UserPromptPart
from pydantic_core import to_json

from chat.agent.model_choice import label_of
from chat.conversation.content.answer_parts import AnswerPart, ToolCallView
from chat.conversation.content.attachments import AttachedFiles, Attachment
from chat.conversation.content.citations import cited_pages
from chat.conversation.content.message_files import all_in_words
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.turn_list import turns_of
from chat.conversation.content.turns import Turn
from chat.conversation.whole_conversation import WholeConversation
from chat.exchange.versions import other_versions, shown_turns

HEADING_LEVEL = 2
"""Of what says who speaks; the headings of an answer stay below it."""

UNKNOWN_TIME = datetime(1970, 1, 2, tzinfo=UTC)
"""The newest time by which a message of another program says that nobody knows when it was written."""

_BLOCKS = MarkdownIt('commonmark')
"""Finds headings and fences; what else a text says does not matter."""


def export_markdown(messages: Sequence[ModelMessage], metadata: ConversationMetadata) -> str:
    """Write a title, questions and answers for a terminal; of tools and files only their names."""
    blocks = [f'# {title_of(metadata)}']
    for turn in turns_of(messages, metadata.endings, waiting=metadata.waiting):
        blocks += _question(turn)
        blocks += _answer(turn)
    return '\n\n'.join(blocks) + '\n'


def markdown_file(
    whole: WholeConversation, links: Mapping[str, str], *, all_versions: bool = False
) -> Iterator[str]:
    """Yield the branch that is shown as a file of Markdown, a turn at a time.

    Args:
        whole: The conversation.
        links: Where the file with a SHA-256 is, as a path from this one.
        all_versions: Whether the other branches follow, each below a heading of its own.
    """
    yield _front_matter(whole)
    yield f'\n# {_inline(title_of(whole.metadata))}\n'
    for turn in shown_turns(whole):
        yield _turn_of_file(turn, links)
    for number, turns in enumerate(other_versions(whole) if all_versions else (), 1):
        yield f'\n# {version_title(number)}\n'
        for turn in turns:
            yield _turn_of_file(turn, links)


def version_title(number: int) -> str:
    """Return what stands above a branch that is not shown."""
    return f'Other version {number}'


def _turn_of_file(turn: Turn, links: Mapping[str, str]) -> str:
    return ''.join(f'\n{block}\n' for block in (*_asked(turn, links), *_answered(turn, links)))


def title_of(metadata: ConversationMetadata) -> str:
    """Return the title on one line."""
    return ' '.join(metadata.title.split()) or 'New chat'


def asked_at(turn: Turn) -> datetime | None:
    """Return when a turn began, if its prompt says it."""
    return next((part.timestamp for part in turn.prompt.parts if isinstance(part, UserPromptPart)), None)


def moment(time: datetime | None) -> str:
    """Return a time where this computer is, with its zone, which need not be the reader's; '' if unknown."""
    return time.astimezone().isoformat(' ', 'minutes') if time and time > UNKNOWN_TIME else ''


def answered_by(turn: Turn) -> str:
    """Return what to call the models that gave an answer."""
    return ' + '.join(' '.join(label_of(name).split()) for name in turn.usage.models) or 'Assistant'


def _front_matter(whole: WholeConversation) -> str:
    models = [message.model_name for message in whole.messages if isinstance(message, ModelResponse)]
    begun = next(filter(None, map(asked_at, turns_of(whole.messages, {}))), None)
    fields = {
        'title': title_of(whole.metadata),
        'id': whole.id,
        'model': next(filter(None, reversed(models)), None),
        'created': begun.isoformat() if begun else None,
    }
    lines = [f'{name}: {json.dumps(value, ensure_ascii=False)}' for name, value in fields.items() if value]
    return '\n'.join(['---', *lines, '---', ''])


def _asked(turn: Turn, links: Mapping[str, str]) -> Iterator[str]:
    if turn.is_opening:
        return
    yield f'## {" ".join(turn.author.split()) or "You"}'
    if time := moment(asked_at(turn)):
        yield f'*{time}*'
    if text := turn.question.strip():
        yield below_headings(text)
    if turn.attachments:
        yield from (_link(file, links) for file in turn.attachments)
    else:
        yield from _unnamed_files(turn)


def _answered(turn: Turn, links: Mapping[str, str]) -> Iterator[str]:
    yield f'## {answered_by(turn)}'
    for part in turn.answer_parts:
        yield from _part_of_file(part, links)
    if sources := cited_pages(turn.answer):
        yield '\n'.join(
            f'{number}. [{_inline(title)}](<{quote(url, safe=":/?#[]@!$&()*+,;=%~")}>)'
            for number, (url, title) in enumerate(sources.items(), 1)
        )
    yield from _ending(turn)


def _part_of_file(part: AnswerPart, links: Mapping[str, str]) -> Iterator[str]:
    if part.tool_call:
        yield from _tool(part.tool_call, links)
    elif part.kind == 'thinking':
        yield f'<details>\n<summary>Thinking</summary>\n\n{below_headings(part.text.strip())}\n\n</details>'
    elif part.kind in ('file', 'prompt'):
        yield from _quoted(part) if part.kind == 'prompt' else ()
        yield from (_link(file, links) for file in part.files)
    elif text := part.markdown.strip():
        yield below_headings(text)


def _quoted(part: AnswerPart) -> Iterator[str]:
    """Yield what a person has sent while the answer was under way: as a quote, since it is within that."""
    text = f'**{" ".join(part.author.split()) or "You"}:** {part.text.strip()}'
    yield '\n'.join(f'> {line}'.rstrip() for line in text.splitlines())


def _tool(call: ToolCallView, links: Mapping[str, str]) -> Iterator[str]:
    yield f'**Tool: {_inline(call.request.tool_name)}**'
    arguments, *result = tool_texts(call)
    yield fenced(arguments, 'json')
    yield from map(fenced, result)
    yield from (_link(file, links) for file in call.files)


def tool_texts(call: ToolCallView) -> list[str]:
    """Return the arguments of a call and, if it has ended, its result as texts."""
    arguments = call.request.args if isinstance(call.request.args, str) else _text(call.request.args or {})
    return [arguments, *([] if call.result is None else [_text(call.result.content)])]


def _text(value: object) -> str:
    value = all_in_words(value)
    if isinstance(value, str):
        return value
    return to_json(value, indent=2, inf_nan_mode='strings', fallback=repr).decode()


def fenced(text: str, language: str = '') -> str:
    """Return a block of code that no fence in it ends."""
    longest = max(map(len, re.findall('`{3,}', text)), default=2)
    fence = '`' * (longest + 1)
    return f'{fence}{language}\n{text}\n{fence}'


def below_headings(text: str) -> str:
    """Return Markdown with its headings below ours, and its last fence closed."""
    lines = text.split('\n')
    tokens = _BLOCKS.parse(text)
    for token, inline in zip(tokens, [*tokens[1:], *tokens[:1]], strict=True):
        if token.type == 'heading_open' and token.level == 0 and token.map:
            first, end = token.map
            level = min(6, int(token.tag[1]) + HEADING_LEVEL)
            lines[first:end] = [
                f'{"#" * level} {" ".join(inline.content.split())}',
                *[''] * (end - first - 1),
            ]
    if tokens and (mark := _open_fence(tokens[-1], lines)):
        lines.append(mark)
    return '\n'.join(lines)


def _open_fence(last: Token, lines: Sequence[str]) -> str:
    """Return the mark that closes the fence at the end of a text; '' if there is none, or it is closed."""
    if last.type != 'fence' or last.level or not last.map:
        return ''
    end = lines[last.map[1] - 1].strip()
    is_closed = last.map[1] - last.map[0] > 1 and end.startswith(last.markup) and not end.strip(end[:1])
    return '' if is_closed else last.markup


def _link(file: Attachment, links: Mapping[str, str]) -> str:
    name = _inline(file.name)
    if file.blob not in links:
        return f'- File: {name} (missing)'
    mark = '!' if file.media_type.startswith('image/') else '- File: '
    return f'{mark}[{name}](<{quote(links[file.blob])}>)'


def _inline(text: str) -> str:
    return re.sub(r'([\\`*_\[\]<>])', r'\\\1', ' '.join(text.split()))


def file_suffix(file: Attachment) -> str:
    """Return the ending of the name of a file, if it has one that is safe everywhere."""
    suffix = PurePosixPath(file.name).suffix.lower()
    return suffix if re.fullmatch(r'\.[a-z0-9]{1,8}', suffix) else ''


def _question(turn: Turn) -> Iterator[str]:
    if turn.is_opening:
        return
    yield '## You'
    if text := turn.question.strip():
        yield text
    yield from _unnamed_files(turn)


def _unnamed_files(turn: Turn) -> Iterator[str]:
    for part in turn.prompt.parts:
        if isinstance(part, UserPromptPart) and not isinstance(part.content, str):
            yield from (_file(item) for item in part.content if isinstance(item, BinaryContent))


def _answer(turn: Turn) -> Iterator[str]:
    yield '## Assistant'
    yield from map(_part, turn.answer_parts)
    yield from _ending(turn)


def _ending(turn: Turn) -> Iterator[str]:
    if turn.state == 'stopped':
        yield '*(stopped here)*'
    if turn.state == 'needs-approval':
        yield '*(waits for a decision)*'
    if turn.failure:
        yield f'*({turn.failure})*'


def _part(part: AnswerPart) -> str:
    if part.tool_call:
        return '\n'.join([f'- Tool: {part.tool_call.request.tool_name}', *_attached(part.tool_call.files)])
    text = part.markdown.strip()
    match part.kind:
        case 'thinking':
            return '\n'.join(f'> {line}'.rstrip() for line in text.splitlines())
        case 'file':
            return '\n'.join(_attached(part.files))
        case 'prompt':
            return '\n'.join([*_quoted(part), *_attached(part.files)])
        case _:
            return text


def _attached(files: AttachedFiles) -> Iterator[str]:
    """Name the files of an answer, with the blob in which each is found."""
    for file, content in files.items():
        size = f'{file.size:,} bytes' if content.data else 'missing'
        yield f'- File: {file.name} ({file.media_type}, {size}, blobs/{file.blob})'


def _file(content: BinaryContent) -> str:
    size = f'{len(content.data):,} bytes' if content.data else 'missing'
    return f'- File: {content.identifier} ({content.media_type}, {size})'
