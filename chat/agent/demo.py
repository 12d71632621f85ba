"""The demo model, which answers without a key or a network, and says that it is no real model."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

from pydantic_ai import (
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserContent,
    UserPromptPart,
)
from pydantic_ai.messages import TextContent
from pydantic_ai.models.function import AgentInfo, FunctionModel

from chat.agent.demo_text import CONNECT_ADVICE, EXAMPLES, FILES_REPLY, FIRST_OPENING, LATER_OPENING

DEMO_MODEL_NAME = 'demo'
"""The name of the demo model."""

SECONDS_PER_WORD = 0.028
"""Seconds from one word to the next, about as fast as a large model writes."""

MAX_QUOTE_LENGTH = 70
"""Characters of a question that are repeated at most."""


def demo_model(pace: float = SECONDS_PER_WORD) -> FunctionModel:
    """Return a model named 'demo' that shows what answers look like here.

    Args:
        pace: Seconds from one word to the next; 0 for tests.
    """

    def answer(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart(demo_answer(messages))])

    async def stream(messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[str]:
        for word in re.findall(r'\S+\s*', demo_answer(messages)):
            yield word
            await asyncio.sleep(pace)

    return FunctionModel(answer, stream_function=stream, model_name=DEMO_MODEL_NAME)


def demo_answer(messages: Sequence[ModelMessage]) -> str:
    """Return the Markdown that answers the last question; every question gets another one."""
    questions = questions_in(messages)
    example = EXAMPLES[(len(questions) - 1) % len(EXAMPLES)]
    opening = first_opening(questions) if len(questions) < 2 else later_opening(questions)
    texts = (opening, describe_files(last_files_in(messages)), example, CONNECT_ADVICE)
    return '\n\n'.join(text.strip() for text in texts if text) + '\n'


def describe_files(files: Sequence[BinaryContent]) -> str:
    """Return what the demo says about the files of a question: that it got them, and what they are."""
    lines = [f'- {quoted(file.identifier)}, {file.media_type}, {len(file.data):,} bytes' for file in files]
    return FILES_REPLY.format(files='\n'.join(lines)) if lines else ''


def first_opening(questions: Sequence[str]) -> str:
    """Return the beginning of the first answer."""
    return FIRST_OPENING.format(question=quoted(questions[0] if questions else ''))


def later_opening(questions: Sequence[str]) -> str:
    """Return the beginning of all further answers: the demo knows what was asked before."""
    lines = [f'- You began with {quoted(questions[0])}']
    if len(questions) > 2:
        lines.append(f'- Before this one came {quoted(questions[-2])}')
    lines.append(f'- Now you ask {quoted(questions[-1])}')
    return LATER_OPENING.format(count=len(questions), questions='\n'.join(lines))


def questions_in(messages: Sequence[ModelMessage]) -> list[str]:
    """Return the text of every question so far, oldest first."""
    return [
        prompt_text(part.content)
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart)
    ]


def last_files_in(messages: Sequence[ModelMessage]) -> list[BinaryContent]:
    """Return the files of the last question."""
    prompts = [part for message in messages if isinstance(message, ModelRequest) for part in message.parts]
    contents = [part.content for part in prompts if isinstance(part, UserPromptPart)]
    last = contents[-1] if contents else ''
    return [] if isinstance(last, str) else [item for item in last if isinstance(item, BinaryContent)]


def prompt_text(content: str | Sequence[UserContent]) -> str:
    """Return the text of a prompt, without its attachments."""
    if isinstance(content, str):
        return content
    texts = (item.content if isinstance(item, TextContent) else item for item in content)
    return ' '.join(text for text in texts if isinstance(text, str))


def quoted(text: str) -> str:
    """Return a question as one short line of inline code."""
    visible = ''.join(character if character.isprintable() else ' ' for character in text)
    line = ' '.join(visible.split()).replace('`', "'")
    if len(line) > MAX_QUOTE_LENGTH:
        line = line[: MAX_QUOTE_LENGTH - 1].rstrip() + '…'
    return f'`{line}`' if line else 'a message without words'
