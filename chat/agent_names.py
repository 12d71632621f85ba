"""How agents, and the models that they bring along, are named in files and options."""

BUILT_IN = 'parlour'
"""How `--agent` and the file of a chat name the built-in agent."""

AGENT_MODEL = 'agent'
"""The name of the model that an agent brings along; with a colon and the name of that agent if it has one."""


DEMO_MODEL_NAME = 'demo'
"""The name of the demo model."""


def agent_model_name(ref: str) -> str:
    """Return what the model that the agent of this name brings along is called."""
    return f'{AGENT_MODEL}:{ref}' if ref else AGENT_MODEL


def is_agent_model(name: str | None) -> bool:
    """Return whether this is the name of a model that an agent brings along, running here or not."""
    return name is not None and (name == AGENT_MODEL or name.startswith(f'{AGENT_MODEL}:'))
