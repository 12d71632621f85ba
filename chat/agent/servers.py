"""ModelServer: a server that speaks the language of OpenAI, here or elsewhere, and the models it has."""

import asyncio
import ipaddress
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import httpx2

from chat.agent.model_capabilities import UNKNOWN_CAPABILITIES, ModelCapabilities
from chat.agent.model_discovery import TIMEOUT, ServerProblem, fetch_models, problem_of
from chat.errors import ModelLoading, ModelMissing
from chat.redaction import SecretRedactor

PROGRAM_NAMES = {'ollama': 'Ollama', 'lmstudio': 'LM Studio'}
"""What programs are called, by their `maker`."""

PROGRAM_BY_PORT = {11434: 'Ollama', 1234: 'LM Studio'}
"""What most likely serves models on these ports."""

OLLAMA_URL = 'http://127.0.0.1:11434/v1'
LM_STUDIO_URL = 'http://127.0.0.1:1234/v1'


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """A server of models, with what it said last, at one moment."""

    prefix: str
    """What stands before the colon in the names of its models."""
    url: str
    """Where its interface begins; asking it adds `/v1` when that is where it is."""
    heading: str
    key_variable: str = 'PARLOUR_API_KEY'
    """The environment variable by which it is given a key; '' if that is entered in the page."""
    is_named: bool = True
    """Whether a person has named it, and so wants to know when it is down."""
    maker: str = ''
    """The program it is, if it is known to be 'ollama' or 'lmstudio'."""
    api_key: str | None = None
    password: str = ''
    """What its address said before the @: a name and a password, with a colon between them."""
    model_names: Sequence[str] = ()
    """Those for chatting, in the order of the server, without a prefix; empty until it was asked."""
    other_names: Sequence[str] = ()
    """Those that are for something else: for numbers, speech or pictures."""
    loaded: str | None = None
    """The name of one of them that would answer at once, if the server says so."""
    capabilities: Mapping[str, ModelCapabilities] = field(default_factory=dict[str, ModelCapabilities])
    """By name, what it has told of its models besides."""
    is_asking: bool = False
    """Whether it is being asked right now."""
    was_asked: bool = False
    """Whether it has answered, or failed to, since it was made."""
    problem: str = 'it has not been asked yet'
    """Why there are no models, as the end of a sentence about 'the server'."""
    remedy: str = ''
    """What to do about it, in whole sentences, with the words of the server."""
    is_down: bool = False
    """Whether it could not be reached when it was asked last."""
    is_loading: bool = False
    """Whether it said that it is not ready yet: asked again, it will have models."""

    @property
    def is_local(self) -> bool:
        return is_loopback(self.url)

    @property
    def is_added(self) -> bool:
        """Whether it was added in the page, and can be changed there."""
        return not self.key_variable

    @property
    def trouble(self) -> str:
        """Why it has no models, and what to do, in whole sentences; '' if it has some, or was not asked."""
        if self.model_names or not self.was_asked:
            return ''
        return f'{self.problem[:1].upper()}{self.problem[1:]}. {self.remedy}'.strip()

    @property
    def authorization(self) -> dict[str, str]:
        """The header that lets in; a password is asked for by what stands before the server."""
        if self.password:
            return {'Authorization': f'Basic {b64encode(self.password.encode()).decode()}'}
        return {'Authorization': f'Bearer {self.api_key}'} if self.api_key else {}

    @property
    def connection_hint(self) -> str:
        """What to look at when it cannot be reached."""
        program = (
            PROGRAM_NAMES.get(self.maker)
            or PROGRAM_BY_PORT.get(httpx2.URL(self.url).port or 0)
            or 'the server'
        )
        return f'Is {program} running on {origin_of_url(self.url)}?'

    @property
    def key_hint(self) -> str:
        """What to do when it refuses the key, or the lack of one."""
        if self.password:
            return 'Check the name and the password in the address of the server.'
        if self.is_added:
            return 'Check the key of the server in the settings.'
        return f'Set {self.key_variable} to the key of the server, and start Parlour again.'

    @property
    def is_bare(self) -> bool:
        """Whether the address names a computer only, and not where on it the interface begins."""
        return '/' not in self.url.partition('://')[2]

    @property
    def default_model(self) -> str | None:
        """The model to begin with, if there is one."""
        return self.loaded or next(iter(self.model_names), None)

    def is_same_as(self, other: 'ModelServer') -> bool:
        """Whether both addresses lead to the same server on this computer."""
        return self.is_local and other.is_local and httpx2.URL(self.url).port == httpx2.URL(other.url).port

    def unavailable_reason(self, model_name: str) -> str | None:
        """Why a model of this name, without a prefix, cannot answer, as far as is known; else `None`."""
        if self.is_down:
            return (
                f'“{model_name}” cannot answer: {self.heading} cannot be reached. '
                'Start it, or choose another model.'
            )
        if self.model_names and model_name not in (*self.model_names, *self.other_names):
            return f'{self.heading} has no model “{model_name}” any more. Choose another model.'
        return None

    def no_models_error(self) -> ModelMissing:
        """Return the error that there is none, with what is known of why."""
        why = f'There is no model at {origin_of_url(self.url)}: {self.problem}. {self.remedy}'
        if self.is_loading:
            return ModelLoading(why)
        otherwise = 'choose another model' if self.is_added else 'name a model with --model'
        return ModelMissing(f'{why} Or {otherwise}.')

    def capabilities_of(self, model_name: str) -> ModelCapabilities:
        """Return what is known of a model of this name, without a prefix."""
        if model_name not in self.model_names and len(self.model_names) == 1:
            model_name = self.model_names[0]  # llama.cpp has one, and takes any name for it
        return self.capabilities.get(model_name, UNKNOWN_CAPABILITIES)

    async def queried(self) -> 'ModelServer':
        """Return it with what it says now; does not raise, and takes a few seconds at most."""
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await fetch_models(self)
        except Exception as error:  # noqa: BLE001  # whatever a server sends: `problem_of` logs what is unknown
            return self._with_problem(problem_of(error, self))
        return replace(
            self,
            is_asking=False,
            was_asked=True,
            url=answer.url,
            is_down=False,
            is_loading=answer.is_loading,
            model_names=tuple(answer.model_names),
            other_names=tuple(answer.other_names),
            loaded=answer.loaded,
            capabilities=answer.capabilities,
            maker=answer.maker or self.maker,
            problem=self._hide(answer.problem),
            remedy=self._hide(answer.remedy),
        )

    def _with_problem(self, problem: ServerProblem) -> 'ModelServer':
        return replace(
            self,
            is_asking=False,
            was_asked=True,
            is_down=problem.is_down,
            is_loading=False,
            model_names=() if problem.is_certain else self.model_names,
            problem=self._hide(problem.problem),
            remedy=self._hide(problem.remedy),
        )

    def _hide(self, text: str) -> str:
        """Return what a server says, without the secrets that it was told: some repeat them."""
        sent = (value.partition(' ')[2] for value in self.authorization.values())
        return SecretRedactor({}, self.password.partition(':')[2], *sent).redact(text)


def configured_server(base_url: str, api_key: str | None) -> ModelServer:
    """Return the server that was named at the start."""
    url, password = split_credentials(with_scheme(base_url))
    return ModelServer(
        prefix='server',
        url=url,
        password=password,
        heading=f'Server at {origin_of_url(url)}',
        api_key=api_key,
    )


def local_servers(environment: Mapping[str, str]) -> list[ModelServer]:
    """Ollama and LM Studio, where they usually listen."""
    return [
        _ollama(environment),
        ModelServer(
            prefix='lmstudio',
            url=LM_STUDIO_URL,
            heading='LM Studio on this computer',
            key_variable='LM_API_TOKEN',
            is_named=False,
            maker='lmstudio',
            api_key=environment.get('LM_API_TOKEN') or None,
        ),
    ]


def _ollama(environment: Mapping[str, str]) -> ModelServer:
    url, password = split_credentials(with_scheme(environment.get('OLLAMA_BASE_URL') or OLLAMA_URL))
    return ModelServer(
        prefix='ollama',
        url=url,
        password=password,
        heading='Ollama on this computer' if is_loopback(url) else f'Ollama at {origin_of_url(url)}',
        key_variable='OLLAMA_API_KEY',
        is_named=bool(environment.get('OLLAMA_BASE_URL')),
        maker='ollama',
        api_key=environment.get('OLLAMA_API_KEY') if environment.get('OLLAMA_BASE_URL') else None,
    )


def split_credentials(url: str) -> tuple[str, str]:
    """Return an address without the name and the password in it, and these two."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return url, ''
    if not parsed.userinfo:
        return url, ''
    return str(parsed.copy_with(username=None, password=None)), f'{parsed.username}:{parsed.password}'


def with_scheme(url: str) -> str:
    """Return an address as a person may write it, made complete."""
    url = url.strip().rstrip('/')
    return url if '://' in url else f'http://{url}'


def origin_of_url(url: str) -> str:
    """Return the beginning of an address that says which server it is, without a password."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return 'an address that cannot be read'
    return f'{parsed.scheme}://{parsed.netloc.decode()}'


def is_loopback(url: str) -> bool:
    """Whether an address leads to this computer."""
    try:
        host = httpx2.URL(url).host
        return host == 'localhost' or ipaddress.ip_address(host).is_loopback
    except (httpx2.InvalidURL, ValueError):
        return False
