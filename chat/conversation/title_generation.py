"""A title: at first from the first words of a conversation, then from a model that has read them."""

from pydantic_ai import Agent, ModelSettings
from pydantic_ai.models import Model

from chat.conversation.title_parsing import title_in
from chat.conversation.turns import Turn

MAX_FIRST_WORDS_LENGTH = 60
"""Characters that a row of the sidebar can show without being cut by the browser."""

MAX_TITLE_LENGTH = 200
"""Characters of a title that a person gives."""

MAX_TITLE_WORDS = 6
"""Most words of a title that a model finds."""

TITLE_TIMEOUT = 30
"""Seconds that a model has for a title."""

MAX_READ_LENGTHS = 125, 900
"""Words, and characters where there are no spaces, of the question and of the answer that a model reads."""

TITLE_REQUEST = """\
Reply with a title of 3 to 6 words for this conversation, in the language of its user. \
Nothing else: no quotation marks, no full stop."""

TITLE_MODEL_SETTINGS = ModelSettings(max_tokens=1000, thinking=False, max_retries=0)
"""Some models think nevertheless, and that counts."""


def first_words(prompt: str) -> str:
    """The beginning of a prompt on one line, cut between words where there are any."""
    text = ' '.join(prompt.split())
    if len(text) <= MAX_FIRST_WORDS_LENGTH:
        return text
    whole_words = text[:MAX_FIRST_WORDS_LENGTH].rpartition(' ')[0]
    return (whole_words or text[: MAX_FIRST_WORDS_LENGTH - 1]).rstrip('.,;:!?-') + '…'


def clean_title(text: str) -> str:
    """A title that a person has written, on one line; empty if nothing of it can be seen."""
    return ' '.join(text.split())[:MAX_TITLE_LENGTH].strip()


async def generate_title(model: Model, turn: Turn) -> str:
    """A title for a conversation with this turn, '' if the model finds none.

    Raises:
        AgentRunError: If it cannot be asked.
        TimeoutError: If it takes too long.
    """
    agent = Agent(instructions=TITLE_REQUEST, model_settings=TITLE_MODEL_SETTINGS, retries=0)
    prompt = f'User: {truncated_text(turn.question)}\n\nAssistant: {truncated_text(turn.text)}'
    result = await agent.run(prompt, model=model, timeout=TITLE_TIMEOUT)
    return parse_title(result.output)


def parse_title(text: str) -> str:
    """The title in what a model said, on one line; '' if there is none."""
    return first_words(' '.join(title_in(text).split()[:MAX_TITLE_WORDS]).rstrip(' .:;,'))


def truncated_text(text: str) -> str:
    """As much of a text as a model needs to name it."""
    words, characters = MAX_READ_LENGTHS
    return ' '.join(text[: 20 * characters].split()[:words])[:characters]
