"""DefaultModel: the model for conversations that have none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chat.agent.demo import DEMO_MODEL_NAME
from chat.agent.model_choice import ModelPreferences
from chat.agent.providers import configured_providers, provider_of
from chat.agent.server_states import ServerStates
from chat.agent.servers import ModelServer


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultModel:
    """Follows from what was named at the start, what a person prefers, and what servers have."""

    preferred: str | None
    """The model that was named at the start: no preference changes the default then."""
    server: ModelServer | None
    """The server that was named at the start."""
    added: Callable[[], Sequence[ModelServer]]
    states: ServerStates
    environment: Mapping[str, str]
    model_preferences: Callable[[], ModelPreferences]
    unavailable_reason: Callable[[str], str | None]

    def known(self) -> str:
        """Return its name, as far as is known without asking the `possible_servers`.

        Raises:
            ModelMissing: If it should be one of the given or of an added server, and that has none.
        """
        if self.preferred:
            return self._qualified(self.preferred)
        if wished := self._wished():
            return wished
        if self.server:
            return self._first_served(self.states.current(self.server))
        known = self._first_of_providers()
        return self._first_added(is_last=known is None) or known or DEMO_MODEL_NAME

    def possible_servers(self) -> list[ModelServer]:
        """Return the servers of which it depends, and is not known, what models they have.

        One that is down is among them only if nobody else has a model: nobody waits for it twice.
        """
        given = [self.server] if self.server and not self.states.current(self.server).model_names else []
        if self.preferred:
            return given if provider_of(self.preferred) else []
        if self._wished():
            return []
        if self.server:
            return given
        added = ((server, self.states.current(server)) for server in self.added())
        is_last = self._first_of_providers() is None
        return [one for one, now in added if not now.model_names and (is_last or not now.was_asked)]

    def _wished(self) -> str | None:
        """Return what a person has set; else what was picked last, if it can answer and is no demo."""
        preferences = self.model_preferences()
        recent = (
            name
            for name in preferences.recent_models
            if name != DEMO_MODEL_NAME and not self.unavailable_reason(name)
        )
        return preferences.model or next(recent, None)

    def _first_of_providers(self) -> str | None:
        providers = configured_providers(self.environment)
        return next((name for provider in providers for name in provider.model_names()), None)

    def _first_added(self, *, is_last: bool) -> str | None:
        """Return a model of the first of the added servers that has one.

        Raises:
            ModelMissing: If none has one, and `is_last` says that nobody else has.
        """
        added = [self.states.current(server) for server in self.added()]
        if server := next((one for one in added if one.default_model), None):
            return f'{server.prefix}:{server.default_model}'
        if added and is_last:
            raise next((one for one in added if one.is_loading), added[0]).no_models_error()
        return None

    def _first_served(self, server: ModelServer) -> str:
        if name := server.default_model:
            return f'{server.prefix}:{name}'
        raise server.no_models_error()

    def _qualified(self, name: str) -> str:
        """Return the full name: 'mistral:7b' may mean a provider, or a model of the given server."""
        if not self.server or not provider_of(name):
            return name
        return f'server:{name}' if name in self.states.current(self.server).model_names else name
