"""Settings: all that can be set by an option, in the environment or in `.env`."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chat.errors import KeyInvalid
from chat.key_cleaning import clean_key


@dataclass(frozen=True, slots=True)
class Option:
    """Marks a setting that is also an option of the command line."""

    metavar: str | None = None
    """What stands for the value in the help; `None` for a flag."""


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
    """Options win over the environment (`PARLOUR_PORT`, …), the environment over `.env`.

    The docstring of a setting is also what `--help` says of its option.
    """

    model_config = SettingsConfigDict(
        env_prefix='PARLOUR_', env_ignore_empty=True, frozen=True, use_attribute_docstrings=True
    )

    host: Annotated[str, AfterValidator(_validate_loopback), Option('ADDRESS')] = '127.0.0.1'
    """Where to listen, an address of this computer only (127.0.0.1)."""
    port: Annotated[int | None, Field(ge=0, le=65535), Option('N')] = None
    """8080, or the next free one if it is taken; 0 for any free port. Another number must be free."""
    native: Annotated[bool, Option()] = False
    """Show a desktop window instead of the browser."""
    no_browser: Annotated[bool, Option()] = False
    """Do not open a browser."""
    data: Annotated[Path, AfterValidator(Path.expanduser), Option('DIR')] = Field(
        default_factory=lambda: user_data_path('parlour', appauthor=False)
    )
    """The data folder: chats, attachments and settings."""
    model: Annotated[str | None, Option('NAME')] = None
    """The model of chats that have none: provider:model as pydantic-ai names it, or demo."""
    base_url: Annotated[HttpUrl | None, BeforeValidator(_with_scheme), Option('URL')] = None
    """An OpenAI-compatible server (Ollama, vLLM, llama.cpp, LM Studio), up to and including /v1."""
    api_key: Annotated[SecretStr, AfterValidator(_validate_key)] | None = None
    """The key of that server, from the environment only, since options can be read by other users."""
    launch_token: Annotated[bool, Option()] = False
    """Let nobody in without the secret address that is printed at start."""
    share: Annotated[bool, Option()] = False
    """Share on the network from the start, with a link for your phone."""
    ssl_cert: Annotated[FilePath | None, Option('FILE')] = None
    """A certificate for sharing on the network, in PEM."""
    ssl_key: Annotated[FilePath | None, Option('FILE')] = None
    """The key of the certificate."""
    log_level: Annotated[Literal['debug', 'info', 'warning', 'error'], Option('LEVEL')] = 'warning'
    """What is logged: debug, info, warning (default) or error."""
