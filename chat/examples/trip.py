"""An agent with a typed result: not words, but a plan that is shown as a card and can be copied as JSON."""

import json
from collections.abc import AsyncIterator

from pydantic import BaseModel, Field
from pydantic_ai import Agent, ModelMessage, ModelRetry
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls

from chat.examples.scripting import returned_in, script_without_key


class Trip(BaseModel):
    """A plan for a trip."""

    title: str
    days: int = Field(gt=0, title='Length in days')
    places: list[str]
    budget: dict[str, float] = Field(title='Budget in euros')
    is_by_train: bool = Field(default=True, title='By train')
    note: str = ''


async def script(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """Forget a place at first, as models do; the plan says that no model has made it."""
    places = ['Porto', 'Coimbra', 'Lisbon'] if returned_in(messages) else []
    budget = {'trains': 62.5, 'nights': 240, 'food': 150}
    note = 'By a script, not a model: save a key in the settings for a real one.'
    plan = {'title': 'Along the coast', 'days': 4, 'places': places, 'budget': budget, 'note': note}
    text = json.dumps(plan)
    yield {0: DeltaToolCall(info.output_tools[0].name, text[:40])}
    yield {0: DeltaToolCall(json_args=text[40:])}


agent = Agent(
    script_without_key(script),
    name='Trip',
    description='Plans trips, as cards.',
    output_type=Trip,
    retries={'output': 2},
)


@agent.output_validator
def has_places(trip: Trip) -> Trip:
    """Send a plan back that leads nowhere."""
    if not trip.places:
        raise ModelRetry('Name the places of the trip.')
    return trip
