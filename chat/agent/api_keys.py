"""Keys: what gives access to providers and servers, from the environment or saved in the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pydantic import SecretStr

from chat.agent.mcp.entries import MCP_KEY, McpKey
from chat.agent.providers import PROVIDERS
from chat.change_signal import ChangeSignal
from chat.key_cleaning import clean_key

KeyLocation = Literal['keyring', 'file']
"""Where a key is kept: in the keyring of the system, or in a file that only its owner can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedKey:
    """A key that was saved in the page."""

    saved_at: datetime
    location: KeyLocation
    secret: SecretStr | None
    """`None` as long as its place does not give it out: a keyring may be locked, or have lost it."""


class NeedsKey(Protocol):
    """What a key gives access to: a provider, or a server that was added."""

    @property
    def prefix(self) -> str:
        """By which its key is kept."""
        ...

    @property
    def variables(self) -> tuple[tuple[str, ...], ...]:
        """The groups of environment variables each of which gives access."""
        ...

    @property
    def key_variable(self) -> str | None:
        """The variable for a key that is all one needs, or `None` if that takes more than a key."""
        ...


@dataclass(frozen=True, slots=True)
class ServerKey:
    """The lock of a server that was added."""

    name: str

    @property
    def prefix(self) -> str:
        return f'{SERVER}{self.name.lower()}'

    @property
    def variables(self) -> tuple[tuple[str, ...], ...]:
        return ((self.key_variable,),)

    @property
    def key_variable(self) -> str:
        """So named that it is seen as a secret; see `redaction.SECRET_NAMES`."""
        return f'PARLOUR_SERVER_{self.name.upper().replace("-", "_")}_KEY'


SERVER = 'server:'


def needing_key(prefix: str) -> NeedsKey | None:
    """Return what the key that is kept by this prefix gives access to, if that is known."""
    if prefix.startswith(SERVER):
        return ServerKey(prefix.removeprefix(SERVER))
    if prefix.startswith(MCP_KEY):
        return McpKey(prefix.removeprefix(MCP_KEY))
    return next((provider for provider in PROVIDERS if provider.prefix == prefix), None)


class ApiKeyStorage(Protocol):
    """Where the keys stay; all by the prefixes of what they give access to."""

    async def read(self) -> dict[str, SavedKey]:
        """All that were saved; may take as long as a person needs to unlock the keyring."""
        ...

    async def save(self, prefix: str, secret: SecretStr) -> SavedKey:
        """Keep a key, in the place of the one that may be there.

        Raises:
            OSError: If it could not be kept anywhere.
        """
        ...

    async def remove(self, prefix: str) -> None:
        """Forget a key; that there is none is no error.

        Raises:
            KeyRemovalFailed, OSError: If it may still be there.
        """
        ...


class ApiKeys:
    """The keys that can be used now. One in the environment wins over one that was saved."""

    def __init__(self, environment: Mapping[str, str], store: ApiKeyStorage) -> None:
        self._configured = environment
        self._store = store
        self._saved: dict[str, SavedKey] = {}
        self._merged = KeyEnvironment(environment)
        self.changed = ChangeSignal()

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the environment as if the keys that were saved stood in it; it changes with them."""
        return self._merged

    def configured_variables(self, provider: NeedsKey) -> str:
        """Return the variables by which the environment gives access to a provider, in words, or ''."""
        configured = (group for group in provider.variables if all(map(self._configured.get, group)))
        return ' and '.join(next(configured, ()))

    def saved(self, provider: NeedsKey) -> SavedKey | None:
        """Return the key of a provider that was saved here, used or not."""
        return self._saved.get(provider.prefix)

    async def read(self) -> None:
        """Take up what was saved at other times."""
        self._saved = {**await self._store.read(), **self._saved}
        self._merge()

    async def save(self, provider: NeedsKey, secret: SecretStr) -> None:
        """Keep a key and use it from now on, unless the environment has another.

        Raises:
            KeyInvalid: If no provider has such keys.
            OSError: If it could not be kept. Then nothing has changed.
        """
        secret = SecretStr(clean_key(secret.get_secret_value()))
        self._saved[provider.prefix] = await self._store.save(provider.prefix, secret)
        self._merge()

    async def remove(self, provider: NeedsKey) -> None:
        """Forget the key that was saved.

        Raises:
            KeyRemovalFailed, OSError: If it may still be there.
        """
        await self._store.remove(provider.prefix)
        self._saved.pop(provider.prefix, None)
        self._merge()

    def _merge(self) -> None:
        merged = dict(self._configured)
        for prefix, saved in self._saved.items():
            holder = needing_key(prefix)
            if holder and holder.key_variable and saved.secret and not self.configured_variables(holder):
                merged[holder.key_variable] = saved.secret.get_secret_value()
        self._merged.replace(merged)
        self.changed.notify()


class KeyEnvironment(Mapping[str, str]):
    """The variables of this moment; they are replaced as a whole, so that no thread sees half of a change."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)

    def replace(self, variables: Mapping[str, str]) -> None:
        """Have these be the variables; for their one owner."""
        self._variables = dict(variables)

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)
