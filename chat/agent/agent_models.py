"""AgentModels: the models that agents bring along."""

from collections.abc import Mapping

from pydantic_ai.models import Model, infer_model

from chat.agent_names import AGENT_MODEL, agent_model_name, is_agent_model

AGENT_MODEL_MISSING = (
    'The model of this chat came with an agent that is not running here. Choose another model.'
)


class AgentModels:
    """By the names of `AgentConfig.model_name`; a model may also be only named, as pydantic-ai names it."""

    def __init__(self, models: Mapping[str, Model | str]) -> None:
        self._models = models

    @property
    def names(self) -> list[str]:
        """What they are called here."""
        return [*self._models]

    def of_agent(self, ref: str) -> str | None:
        """Return the name of the model that an agent brings along, if it does."""
        return name if (name := agent_model_name(ref)) in self._models else None

    def find(self, name: str) -> Model | str | None:
        """Return what is called so; once there was only one of them, without the name of its agent."""
        first = next(iter(self._models.values()), None)
        return self._models.get(name, first if name == AGENT_MODEL else None)

    def is_missing(self, name: str) -> bool:
        """Return whether this is the model of an agent that does not run here."""
        return is_agent_model(name) and self.find(name) is None


def connected(model: Model | str) -> Model | None:
    """Return a model as it is, or one that no provider has; `None` for one that is to be connected."""
    if isinstance(model, Model):
        return model
    return None if ':' in model else infer_model(model)
