"""A conversation as Markdown that a person can read in a terminal or a file."""

from collections.abc import Iterator, Sequence

from pydantic_ai import BinaryContent, ModelMessage, UserPromptPart

from chat.conversation.answer_parts import AnswerPart
from chat.conversation.attachments import AttachedFiles
from chat.conversation.metadata import ConversationMetadata
from chat.conversation.turns import Turn, turns_of


def export_markdown(messages: Sequence[ModelMessage], metadata: ConversationMetadata) -> str:
    """Write a title, questions and answers as Markdown; of tools and files only their names."""
    blocks = [f'# {" ".join(metadata.title.split()) or "New chat"}']
    for turn in turns_of(messages, metadata.endings, waiting=metadata.waiting):
        blocks += _question(turn)
        blocks += _answer(turn)
    return '\n\n'.join(blocks) + '\n'


def _question(turn: Turn) -> Iterator[str]:
    yield '## You'
    if text := turn.question.strip():
        yield text
    for part in turn.prompt.parts:
        if isinstance(part, UserPromptPart) and not isinstance(part.content, str):
            yield from (_file(item) for item in part.content if isinstance(item, BinaryContent))


def _answer(turn: Turn) -> Iterator[str]:
    yield '## Assistant'
    yield from map(_part, turn.answer_parts)
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
