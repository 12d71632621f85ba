"""All that can be set, by flag, environment or file."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chat.errors import KeyInvalid
from chat.key_cleaning import clean_key


def _validate_loopback(host: str) -> str:
    if host == 'localhost':
        return host
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ValueError(
            'Parlour listens on this computer only. Use a loopback address such as 127.0.0.1; '
            'to let others in, use --share.'
        )
    return host


def _with_scheme(address: object) -> object:
    if isinstance(address, str) and not address.strip().lower().startswith(('http://', 'https://')):
        raise ValueError('It must begin with http:// or https://, such as http://127.0.0.1:8000/v1.')
    return address


def _validate_key(secret: SecretStr) -> SecretStr:
    try:
        return SecretStr(clean_key(secret.get_secret_value()))
    except KeyInvalid as error:
        raise ValueError(str(error)) from None


class Settings(BaseSettings):
    """Flags win over the environment (`PARLOUR_PORT`, …), the environment over `.env`."""

    model_config = SettingsConfigDict(env_prefix='PARLOUR_', env_ignore_empty=True, frozen=True)

    host: Annotated[str, AfterValidator(_validate_loopback)] = '127.0.0.1'
    port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """`None` for 8080 or the next free port, 0 for any free one; another number must be free."""
    native: bool = False
    """Show a desktop window; where that cannot be, the browser."""
    no_browser: bool = False
    data: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=lambda: user_data_path('parlour', appauthor=False)
    )
    """Where everything is kept."""
    model: str | None = None
    """The model of conversations that have none: `provider:model` as pydantic-ai names it, or `demo`."""
    base_url: Annotated[HttpUrl, BeforeValidator(_with_scheme)] | None = None
    """An OpenAI-compatible server, up to and including `/v1`."""
    api_key: Annotated[SecretStr, AfterValidator(_validate_key)] | None = None
    """The key of that server, from the environment only, since flags can be read by other users."""
    launch_token: bool = False
    """Whether only the address that is opened lets the owner in, and not every program at this computer."""
    share: bool = False
    """Share on the network from the start."""
    ssl_cert: FilePath | None = None
    """A certificate for sharing on the network, as a PEM file."""
    ssl_key: FilePath | None = None
    """Its key."""
    log_level: Literal['debug', 'info', 'warning', 'error'] = 'warning'
