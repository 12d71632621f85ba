"""Settings: all that can be set by an option, in the environment or in `.env`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from getpass import getuser
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, HttpUrl, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chat.agent_names import BUILT_IN
from chat.errors import InvalidOption, KeyInvalid, StartFailed, UserNameRefused
from chat.key_cleaning import clean_key
from chat.sign_in_proxy import (
    Network,
    PublicUrl,
    SignInProxy,
    checked_user_name,
    is_loopback,
    read_network,
    read_public_url,
    read_user_header,
)

_REF = re.compile(r'[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*')


@dataclass(frozen=True, slots=True)
class Option:
    """Marks a setting that is also an option of the command line."""

    metavar: str | None = None
    """What stands for the value in the help; `None` for a flag."""
    is_repeatable: bool = False
    """Whether it may be given several times."""


def _with_scheme(address: object) -> object:
    if isinstance(address, str) and not address.strip().lower().startswith(('http://', 'https://')):
        raise ValueError('It must begin with http:// or https://, such as http://127.0.0.1:8000/v1.')
    return address


def _validate_key(secret: SecretStr) -> SecretStr:
    try:
        return SecretStr(clean_key(secret.get_secret_value()))
    except KeyInvalid as error:
        raise ValueError(str(error)) from None


def _validate_database(url: SecretStr | None) -> SecretStr | None:
    if url and not url.get_secret_value().startswith(('postgresql://', 'postgres://')):
        raise ValueError('It must be an address such as postgresql://parlour@127.0.0.1/parlour.')
    return url


def _split(names: object) -> object:
    """Return what stands in one text with commas, as several do in the environment."""
    return [name.strip() for name in names.split(',') if name.strip()] if isinstance(names, str) else names


def _read_with(read: Callable[[str], Any]) -> BeforeValidator:
    """Return what makes a value of a text; others are left as they are."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


def _validate_user(name: str) -> str:
    try:
        return checked_user_name(name)
    except UserNameRefused as error:
        raise ValueError(str(error)) from None


def _validate_agent(ref: str) -> str:
    if ref != BUILT_IN and not _REF.fullmatch(ref) and not ref.lower().endswith(('.yaml', '.yml', '.json')):
        raise ValueError(
            f'“{ref}” is no agent. Give module:variable, module:function or a file (.yaml, .yml, .json).'
        )
    return ref


def _validate_deps(ref: str) -> str:
    if not _REF.fullmatch(ref):
        raise ValueError(f'“{ref}” is no function. Give module:function.')
    return ref


MISSING_TEAM_PACKAGES = '--database needs more packages. Install them with: pip install "parlour[team]"'

WITHOUT_DATABASE = {
    'data': 'everything is in the database then.',
    'native': 'a window is for somebody alone.',
    'share': 'chats are shared by links from a Parlour of your own only.',
    'launch_token': 'it is for somebody alone.',
}
"""The settings that a database excludes, and why."""

PROXY_SETTINGS = ('public_url', 'trusted_proxies', 'user_header')
"""What a sign-in proxy needs, all of it or nothing."""

LOOPBACK_ONLY = (
    'Parlour listens on this computer only. Use a loopback address such as 127.0.0.1; '
    'to let others in, use --share. '
    'A node of a team listens elsewhere with --database, --public-url, --trusted-proxies and --user-header.'
)

NODE_NAME_PATTERN = r'^[A-Za-z0-9._-]{1,60}$'


class Settings(BaseSettings):
    """Options win over the environment (`PARLOUR_PORT`, …), the environment over `.env`.

    The docstring of a setting is also what `--help` says of its option.
    """

    model_config = SettingsConfigDict(
        env_prefix='PARLOUR_', env_ignore_empty=True, frozen=True, use_attribute_docstrings=True
    )

    host: Annotated[str, Option('ADDRESS')] = '127.0.0.1'
    """Where to listen, an address of this computer only (127.0.0.1)."""
    port: Annotated[int | None, Field(ge=0, le=65535), Option('N')] = None
    """The port: without it 8080, or the next free one; 0 for any. One that is given must be free."""
    native: Annotated[bool, Option()] = False
    """Show a desktop window instead of the browser."""
    no_browser: Annotated[bool, Option()] = False
    """Do not open a browser."""
    data: Annotated[Path, AfterValidator(Path.expanduser), Option('DIR')] = Field(
        default_factory=lambda: user_data_path('parlour', appauthor=False)
    )
    """The data folder: chats, attachments and settings."""
    database: Annotated[SecretStr | None, AfterValidator(_validate_database), Option('URL')] = None
    """PostgreSQL in place of the data folder, such as postgresql://parlour@db/parlour; for a team."""
    user: Annotated[
        Annotated[str, AfterValidator(_validate_user)] | None,
        Option('NAME'),
    ] = None
    """With --database and no proxy: whose chats these are; if it is not given, your name at this computer."""
    public_url: Annotated[PublicUrl | None, _read_with(read_public_url), Option('URL')] = None
    """For a team: the address that people open, such as https://chat.example.org."""
    trusted_proxies: Annotated[
        tuple[Annotated[Network, _read_with(read_network)], ...],
        NoDecode,
        BeforeValidator(_split),
        Option('ADDRESSES'),
    ] = ()
    """The proxies that say who it is: addresses and networks, with commas between them."""
    user_header: Annotated[str | None, _read_with(read_user_header), Option('NAME')] = None
    """The header in which they say it; from anybody else it is not believed."""
    admins: Annotated[
        tuple[Annotated[str, AfterValidator(_validate_user)], ...],
        NoDecode,
        BeforeValidator(_split),
        Option('NAMES'),
    ] = ()
    """Who may see nodes, runs and usage at /admin: names of users, with commas between them."""
    drain: Annotated[float, Field(ge=0, le=86400), Option('SECONDS')] = 60
    """With --database: seconds that answers have to end after SIGTERM; then other nodes go on with them."""
    continue_left: Annotated[Literal['ask', 'once'], Field(validation_alias='PARLOUR_CONTINUE')] = 'ask'
    """Whether an answer whose node has died is gone on with: ask, or once by itself; environment only."""
    node: Annotated[str | None, Field(pattern=NODE_NAME_PATTERN)] = None
    """What nodes of a team are called, from the environment only; each adds something random to it."""
    model: Annotated[str | None, Option('NAME')] = None
    """The model of chats that have none: provider:model as pydantic-ai names it, or demo."""
    base_url: Annotated[HttpUrl | None, BeforeValidator(_with_scheme), Option('URL')] = None
    """An OpenAI-compatible server (Ollama, vLLM, llama.cpp, LM Studio), up to and including /v1."""
    api_key: Annotated[SecretStr, AfterValidator(_validate_key)] | None = None
    """The key of that server, from the environment only, since options can be read by other users."""
    agent: Annotated[
        tuple[Annotated[str, AfterValidator(_validate_agent)], ...],
        NoDecode,
        BeforeValidator(_split),
        Option('REF', is_repeatable=True),
    ] = ()
    """Who answers: module:variable, a function that makes it, or an agent file; may be repeated."""
    deps: Annotated[str | None, AfterValidator(lambda ref: ref and _validate_deps(ref)), Option('REF')] = None
    """module:function that gives the tools of the agent what they need, called before each run."""
    mcp: Annotated[Path | None, AfterValidator(lambda path: path and path.expanduser()), Option('FILE')] = (
        None
    )
    """Servers of tools, in the usual mcpServers JSON; besides those of mcp.json in the data folder."""
    launch_token: Annotated[bool, Option()] = False
    """Let nobody in without the secret address that is printed at start."""
    share: Annotated[bool, Option()] = False
    """Share on the network from the start, with a link for your phone."""
    telemetry_content: bool = False
    """Send what is written and answered too where spans are sent, from the environment only."""
    ssl_cert: Annotated[FilePath | None, Option('FILE')] = None
    """A certificate for sharing on the network, in PEM."""
    ssl_key: Annotated[FilePath | None, Option('FILE')] = None
    """The key of the certificate."""
    log_level: Annotated[Literal['debug', 'info', 'warning', 'error'], Option('LEVEL')] = 'warning'
    """What is logged: debug, info, warning (default) or error."""
    log_format: Annotated[Literal['text', 'json'], Option('FORMAT')] = 'text'
    """How it is written: text (default) or json, one object a line."""

    @property
    def database_url(self) -> str:
        """The address of the database, with the password if it is in there.

        Raises:
            InvalidOption: If none was given.
        """
        if self.database is None:
            raise InvalidOption('Name the database with --database or in PARLOUR_DATABASE.')
        return self.database.get_secret_value()

    @property
    def user_name(self) -> str:
        """Whose chats these are in the database.

        Raises:
            InvalidOption: If this computer does not know who runs Parlour.
        """
        try:
            return self.user or getuser()
        except (KeyError, OSError):
            raise InvalidOption('Name the user with --user.') from None

    @property
    def sign_in_proxy(self) -> SignInProxy | None:
        """Who says who people are; `None` if everybody at this computer is the same."""
        if self.public_url and self.trusted_proxies and self.user_header:
            return SignInProxy(
                public_url=self.public_url, networks=self.trusted_proxies, user_header=self.user_header
            )
        return None

    @model_validator(mode='after')
    def _check_host(self) -> Self:
        if not (self.host == 'localhost' or is_loopback(self.host) or (self.database and self.sign_in_proxy)):
            raise ValueError(f'--host cannot be used: {LOOPBACK_ONLY}')
        return self

    def without_database(self) -> Self:
        """Return the same settings for a storage that a program gives."""
        return self.model_copy(update={'database': None, **dict.fromkeys(PROXY_SETTINGS), 'admins': ()})

    def check_database(self) -> None:
        """Refuse what makes no sense with a database or without one.

        Raises:
            StartFailed: If there is something that it excludes or needs, or if its packages are missing.
        """
        if not self.database:
            for name in (*PROXY_SETTINGS, 'admins'):
                if getattr(self, name):
                    raise InvalidOption(f'{_option(name)} is for a team: it needs --database, too.')
            return
        check_team_packages()
        for name, reason in WITHOUT_DATABASE.items():
            if name in self.model_fields_set and getattr(self, name):
                raise InvalidOption(
                    f'{_option(name)} cannot be used with --database: {reason} Leave one out.'
                )
        self._check_proxy()

    def _check_proxy(self) -> None:
        missing = [_option(name) for name in PROXY_SETTINGS if not getattr(self, name)]
        if 0 < len(missing) < len(PROXY_SETTINGS):
            raise InvalidOption(
                '--public-url, --trusted-proxies and --user-header belong together: '
                f'add {" and ".join(missing)}.'
            )
        if self.user and self.sign_in_proxy:
            raise InvalidOption('With --user-header the proxy says who it is: leave --user out.')


def _option(name: str) -> str:
    return f'--{name.replace("_", "-")}'


def check_team_packages() -> None:
    """Refuse to go on without the packages of the extra `team`.

    Raises:
        StartFailed: With the command that installs them.
    """
    try:
        import_module('psycopg_pool')  # which needs psycopg, too
        import_module('prometheus_client')
    except ImportError:
        raise StartFailed(MISSING_TEAM_PACKAGES) from None


def has_password(url: str) -> bool:
    """Return whether a password stands in the address of a database."""
    try:
        parts = urlsplit(url)
        return bool(parts.password or 'password' in parse_qs(parts.query))
    except ValueError:  # it is no address, which is said elsewhere
        return False
