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
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls, FunctionModel
from pydantic_ai.profiles import ModelProfile

from chat.agent.demo_tools import demo_calls, demo_value
from chat.agent_names import DEMO_MODEL_NAME

SECONDS_PER_WORD = 0.028
"""Seconds from one word to the next, about as fast as a large model writes."""

MAX_QUOTE_LENGTH = 70
"""Characters of a question that are repeated at most."""


def demo_model(pace: float = SECONDS_PER_WORD) -> FunctionModel:
    """Return a model named 'demo' that shows what answers look like here, and what the tools of an agent do.

    Args:
        pace: Seconds from one word to the next; 0 for tests.
    """

    def answer(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart(demo_answer(messages))])

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        if calls := demo_calls(messages, info):
            yield calls
            return
        for word in re.findall(r'\S+\s*', demo_value(info) or demo_answer(messages)):
            yield word
            await asyncio.sleep(pace)

    profile = ModelProfile(supports_json_schema_output=True, supports_json_object_output=True)
    return FunctionModel(answer, stream_function=stream, model_name=DEMO_MODEL_NAME, profile=profile)


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


FIRST_OPENING = """
# Hello, this is Parlour

**I am the demo, not a real model.** I cannot think, I know nothing, and nothing you write leaves this
computer. I am here so that you can see how answers look before you connect a model of your own
[in the settings](/settings#keys).

This is your **first question** in this conversation: {question}

A real model would answer it now. I show you what an answer can hold instead.
"""

LATER_OPENING = """
# Question {count}

Still **the demo, not a real model**, but I have read along. You have asked **{count} questions** in this
conversation:

{questions}

A real model gets the whole conversation each time, so it can refer back to what was said. Here is another
page of what an answer can hold.
"""

FILES_REPLY = """
Your question came with files. I cannot look into them; a model that reads such files gets them whole:

{files}
"""

CONNECT_ADVICE = """
## Connect a real model

Any one of these will do; the first two need no new start.

- **[In the settings](/settings#keys):** enter a key of OpenAI, Anthropic, Google or another provider, or add
  a server of your own. The models are at the top of this page at once.
- **On this computer:** start Ollama or LM Studio, and pick one of its models there; no key needed.
- **OpenAI:** set the environment variable `OPENAI_API_KEY` to your key.
- **Anthropic:** set the environment variable `ANTHROPIC_API_KEY` to your key.
- **Any server** with an OpenAI-compatible interface: start Parlour with `--base-url http://127.0.0.1:8000/v1`.
"""

EXAMPLES = (
    r"""
## Code

```python
def fibonacci(count: int) -> list[int]:
    '''The first numbers of the sequence.'''
    numbers = [0, 1]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:count]


print(fibonacci(10))  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
```

## Mathematics

Each number is about $\varphi \approx 1.618$ times the one before, and there is a formula for it:

$$
F_n = \frac{\varphi^n - (1 - \varphi)^n}{\sqrt{5}}
$$

## Tables and lists

| What you can do | How |
|:--|:--|
| Send a message | Enter |
| Begin a new line | Shift + Enter |
| End an answer early | the stop button |

1. Lists may be numbered
2. or nested:
   - with points inside
     - and points inside those
3. and they go on afterwards

They can also be ticked off:

- [x] Start Parlour
- [x] Ask something
- [ ] Connect a real model
""",
    r"""
## Code

```python
from collections import Counter

text = 'the quick brown fox jumps over the lazy dog the end'
for word, times in Counter(text.split()).most_common(3):
    print(f'{word:6} {times * "+"}')
```

## Mathematics

Count $n$ words of which $k$ differ, and their frequencies $p_1, \dots, p_k$ say how surprising the text is:

$$
H = -\sum_{i=1}^{k} p_i \log_2 p_i
$$

## Tables and lists

| Word | Times | Share |
|:--|--:|--:|
| the | 3 | 27 % |
| quick | 1 | 9 % |
| brown | 1 | 9 % |

- A conversation can be
  - opened in several pages at once,
  - closed while it is being answered,
  - continued days later
- and an answer can be
  1. stopped,
  2. asked for again

What is left to try:

- [x] See a second answer
- [ ] Try *stop* while I am still writing
- [ ] Open this conversation in a second tab
""",
    r"""
## Code

```python
import asyncio


async def greet(name: str, delay: float) -> None:
    await asyncio.sleep(delay)
    print(f'Hello, {name}!')


async def main() -> None:
    await asyncio.gather(greet('Ada', 0.2), greet('Grace', 0.1))


asyncio.run(main())  # Grace is greeted first
```

## Mathematics

Waiting for both takes $\max(a, b)$ instead of $a + b$. And since we are at it, a classic:

$$
\int_{-\infty}^{\infty} e^{-x^2} \, dx = \sqrt{\pi}
$$

## Tables and lists

| Greeting | Begins | Ends |
|:--|--:|--:|
| Ada | 0.0 s | 0.2 s |
| Grace | 0.0 s | 0.1 s |

> Quotations look like this, and ~~mistakes~~ can be struck out.

- Both begin at once
  - Grace waits less
  - so she is first
- the whole is over when Ada is

And where we are:

- [x] Read a third answer
- [ ] Decide which model to connect
""",
)
"""Each holds headings, a table, a code block, nested lists, tasks, and mathematics in and between lines."""
