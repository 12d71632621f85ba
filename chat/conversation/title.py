"""A title: at first from the first words of a conversation, then from a model that has read them."""

from pydantic_ai import Agent, ModelSettings
from pydantic_ai.models import Model

from chat.conversation.title_text import told
from chat.conversation.turns import Turn

LENGTH = 60
"""Characters that a row of the sidebar can show without being cut by the browser."""

LONGEST = 200
"""Characters of a title that a person gives."""

WORDS = 6
"""Most words of a title that a model finds."""

PATIENCE = 30
"""Seconds that a model has for a title."""

MOST_READ = 125, 900
"""Words, and characters where there are no spaces, of the question and of the answer that a model reads."""

REQUEST = """\
Reply with a title of 3 to 6 words for this conversation, in the language of its user. \
Nothing else: no quotation marks, no full stop."""

SETTINGS = ModelSettings(max_tokens=1000, thinking=False, max_retries=0)
"""Some models think nevertheless, and that counts."""


def first_words(prompt: str) -> str:
    """The beginning of a prompt on one line, cut between words where there are any."""
    text = ' '.join(prompt.split())
    if len(text) <= LENGTH:
        return text
    whole_words = text[:LENGTH].rpartition(' ')[0]
    return (whole_words or text[: LENGTH - 1]).rstrip('.,;:!?-') + '…'


def own_title(text: str) -> str:
    """A title that a person has written, on one line; empty if nothing of it can be seen."""
    return ' '.join(text.split())[:LONGEST].strip()


async def found_by(model: Model, turn: Turn) -> str:
    """A title for a conversation with this turn, '' if the model finds none.

    Raises:
        AgentRunError: If it cannot be asked.
        TimeoutError: If it takes too long.
    """
    agent = Agent(instructions=REQUEST, model_settings=SETTINGS, retries=0)
    prompt = f'User: {beginning(turn.question)}\n\nAssistant: {beginning(turn.text)}'
    result = await agent.run(prompt, model=model, timeout=PATIENCE)
    return tidied(result.output)


def tidied(text: str) -> str:
    """The title in what a model said, on one line; '' if there is none."""
    return first_words(' '.join(told(text).split()[:WORDS]).rstrip(' .:;,'))


def beginning(text: str) -> str:
    """As much of a text as a model needs to name it."""
    words, characters = MOST_READ
    return ' '.join(text[: 20 * characters].split()[:words])[:characters]
