"""Chat messages as the strictest servers take them: one system message, roles in turns, strings."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import cast

from openai.types import chat

Message = chat.ChatCompletionMessageParam

MESSAGE_SEPARATOR = '\n\n'
"""What stands between two texts that become one."""

PLACEHOLDER_PROMPT = 'Hello.'
"""What a person says before an answer that stands first, as after the import of a chat."""

PLACEHOLDER_ANSWER = '…'
"""The answer of a model that was stopped while its tools worked."""


def alternate_roles(messages: Iterable[Message], *, takes_system: bool = True) -> list[Message]:
    """The same in one system message, if any, then user and assistant in turns.

    Calls of tools and what they returned stay as they are, and so does what stands between these.

    Args:
        messages: What would be sent.
        takes_system: Else the system message becomes the beginning of the first question.
    """
    told, said = _split_system(messages)
    if told and not takes_system:
        said.insert(0, {'role': 'user', 'content': told.pop()['content']})
    turns = [message for _, group in groupby(said, key=_merge_key) for message in _merged(list(group))]
    if turns and turns[0]['role'] == 'assistant':
        turns.insert(0, {'role': 'user', 'content': PLACEHOLDER_PROMPT})
    return [*told, *_insert_answers_after_tools(turns)]


def _insert_answers_after_tools(turns: Iterable[Message]) -> Iterator[Message]:
    """Have an answer between what tools have returned and what a person says next: it was stopped there."""
    before = ''
    for message in turns:
        if (before, message['role']) == ('tool', 'user'):
            yield {'role': 'assistant', 'content': PLACEHOLDER_ANSWER}
        yield message
        before = message['role']


def _split_system(
    messages: Iterable[Message],
) -> tuple[list[chat.ChatCompletionSystemMessageParam], list[Message]]:
    """What the model is told, as one message at most, and what was said."""
    told: list[str] = []
    said: list[Message] = []
    for message in messages:
        if message['role'] not in ('system', 'developer'):
            said.append(message)
        elif text := _as_text(message.get('content')):
            told.append(text)
    return ([{'role': 'system', 'content': MESSAGE_SEPARATOR.join(told)}] if told else []), said


def _merge_key(message: Message) -> object:
    """The same for neighbours that become one."""
    return id(message) if message['role'] == 'tool' else message['role']


def _merged(group: Sequence[Message]) -> list[Message]:
    """One message instead of neighbours of the same kind; only the last can call tools."""
    contents = [message.get('content') for message in group]
    if group[0]['role'] == 'tool':
        return [*group]
    texts = [_as_text(content) for content in contents]
    if None in texts:
        content = [part for content in contents for part in _as_parts(content)]
    else:
        content = MESSAGE_SEPARATOR.join(filter(None, texts)) or contents[-1]
    return [cast('Message', {**group[0], **group[-1], 'content': content})]


def _as_text(content: object) -> str | None:
    """The content as one string; `None` if there is more in it than text."""
    if content is None or isinstance(content, str):
        return content or ''
    parts = _as_parts(content)
    texts = [part['text'] for part in parts if part.get('type') == 'text']
    return MESSAGE_SEPARATOR.join(texts) if len(texts) == len(parts) else None


def _as_parts(content: object) -> list[dict[str, str]]:
    if isinstance(content, str):
        return [{'type': 'text', 'text': content}] if content else []
    return list(cast('Iterable[dict[str, str]]', content or ()))
