"""The built-in agent, which answers when no other is given."""

from datetime import datetime

import pydantic_ai
from pydantic_ai import Agent, ModelSettings

from chat.agent.model_connections import RESPONSE_TIMEOUT

DEFAULT_INSTRUCTIONS = """\
You are a helpful, honest assistant. Answer in the language of the user, as briefly as the question allows.
Say so when you do not know something or are not sure; do not make things up.
Write Markdown. Put code in fenced blocks that name their language, and mathematics in LaTeX between dollar
signs: $…$ within a line, $$…$$ on lines of its own."""

DEFAULT_MODEL_SETTINGS = ModelSettings(max_retries=0, timeout=RESPONSE_TIMEOUT)
"""No silent waiting: a refused request is shown at once. There is no `first_event_timeout` either, because a
model on a small computer may read for minutes before its first word; a person can stop it at any time."""


def build_agent() -> Agent[None, str]:
    """Build the agent, without a model: each run brings its own.

    An answer without any text is not asked for again, which would cost a second request unseen: the run ends
    with `UnexpectedModelBehavior`. (Of white space alone pydantic-ai 2.68 makes a normal answer.)
    """
    pydantic_ai.BANNER_ENABLED = False
    agent = Agent(
        name='parlour',
        instructions=DEFAULT_INSTRUCTIONS,
        model_settings=DEFAULT_MODEL_SETTINGS,
        retries={'output': 0},
    )
    agent.instructions(current_date)
    return agent


def current_date() -> str:
    """Return the sentence that tells the model the date of this computer."""
    return f'Today is {datetime.now().astimezone():%A, %d %B %Y}.'
