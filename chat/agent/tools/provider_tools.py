"""Which models are given the tools of their provider in the place of ours."""

from pydantic_ai import RunContext
from pydantic_ai.models import Model


def takes_provider_tools(context: RunContext[object]) -> bool:
    """Return whether a model can be given tools of its provider beside others: older ones of Google cannot.

    Whether the provider has a certain tool is for pydantic-ai to say, which gives the model ours else.
    """
    model = context.model
    return isinstance(model, Model) and bool(model.profile.get('google_supports_tool_combination', True))
