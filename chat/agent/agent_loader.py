"""The agents that `--agent` names: in modules, made by factories or described in files."""

import asyncio
import inspect
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_ai import Agent, UserError
from pydantic_ai.agent import AbstractAgent
from pydantic_ai.agent.spec import AgentSpec

from chat.agent.agent import DEFAULT_MODEL_SETTINGS, build_agent
from chat.agent.tools.built_in_tools import built_in_tools
from chat.agent_config import AgentConfig, required_arguments
from chat.agent_names import BUILT_IN
from chat.error_body import cause_of
from chat.errors import StartFailed
from chat.web_fetch import WebFetcher

log = logging.getLogger(__name__)

SUFFIXES = ('.yaml', '.yml', '.json')


def is_agent_file(ref: str) -> bool:
    """Return whether this names a file, and not something in a module."""
    return ref.lower().endswith(SUFFIXES)


def agent_of_file(path: Path) -> AbstractAgent[Any, Any]:
    """Return the agent that a file describes, and log which of its keys mean nothing.

    Raises:
        StartFailed: If there is none, or something is wrong in it.
    """
    if not path.is_file():
        raise StartFailed(f'--agent: there is no file {path}.')
    try:
        agent = Agent[Any, Any].from_file(path)
        _log_unknown_keys(path)
    except ImportError as error:
        raise StartFailed(
            f'--agent: {path} needs a package that is not installed: {error}. '
            'For YAML: pip install "parlour[spec]".'
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = '.'.join(map(str, first['loc']))
        raise StartFailed(f'--agent: {path}: {place}: {first["msg"]}.'.replace(': :', ':')) from error
    except Exception as error:
        raise StartFailed(f'--agent: {path} cannot be used. {cause_of(error)}') from error
    return agent


def _log_unknown_keys(path: Path) -> None:
    known = [*AgentSpec.model_fields] + [
        field.alias for field in AgentSpec.model_fields.values() if field.alias
    ]
    for key in _keys(path):
        if key not in known and not key.startswith('$'):
            similar = get_close_matches(key, known, n=1)
            hint = f' Did you mean “{similar[0]}”?' if similar else ''
            log.warning('%s: “%s” means nothing in an agent file and is ignored.%s', path, key, hint)


def _keys(path: Path) -> list[str]:
    text = path.read_text('utf-8')
    if path.suffix.lower() == '.json':
        content: Any = json.loads(text)
    else:
        import yaml

        content = yaml.safe_load(text)
    return [str(key) for key in content]


def built_in_agent(data_folder: Path | None) -> AgentConfig:
    """Return the agent that answers when no other is given; no tool of it reaches the data folder."""
    tools = built_in_tools(WebFetcher(), data_folder)
    return AgentConfig(build_agent(), ref=BUILT_IN, built_in_tools=tools)


def given_agent(agent: AbstractAgent[Any, Any], deps: object) -> AgentConfig:
    """Return what a program has given to `serve` or `create_app`."""
    return AgentConfig(agent, deps, agent.name or 'agent', DEFAULT_MODEL_SETTINGS)


def export_keys(keys: Mapping[str, str], environment: MutableMapping[str, str]) -> None:
    """Put the keys that were saved where packages of providers look, for agents that make their own model."""
    for name in keys.keys() - environment.keys():
        environment[name] = keys[name]


async def load_agents(
    refs: Sequence[str], deps_ref: str | None, data_folder: Path | None = None
) -> list[AgentConfig]:
    """Return the agents of these names, each with its deps; the built-in one if there are no names.

    No built-in tool reaches the data folder.

    Raises:
        StartFailed: If one of them cannot be used.
    """
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    deps = await _deps(deps_ref) if deps_ref else None
    return [await _agent(ref, deps, data_folder) for ref in dict.fromkeys(refs or [BUILT_IN])]


def with_deps(config: AgentConfig) -> AgentConfig:
    """Return the config with what gives the agent its deps where nobody has said it; may take its time.

    Raises:
        StartFailed: If it cannot be found out.
    """
    deps_type: Any = config.agent.deps_type
    if config.deps is not None or deps_type in (object, None, type(None), Any) or _allows_none(deps_type):
        return config
    try:
        deps_type()
    except Exception as error:
        log.debug('No deps without arguments', exc_info=error)
        name = getattr(deps_type, '__name__', str(deps_type))
        raise StartFailed(
            f'The agent “{config.ref}” needs deps, a {name}, which cannot be made without arguments. '
            'Name a function that makes them: --deps module:function, or deps=function in Python.'
        ) from error
    return replace(config, deps=deps_type)


def _allows_none(deps_type: Any) -> bool:
    return type(None) in getattr(deps_type, '__args__', ())


async def _agent(ref: str, deps: object, data_folder: Path | None) -> AgentConfig:
    if ref == BUILT_IN:
        return built_in_agent(data_folder)
    option = f'--agent {ref}'
    found = await _in_thread(
        partial(agent_of_file, Path(ref)) if is_agent_file(ref) else partial(_find, '--agent', ref)
    )
    if not isinstance(found, AbstractAgent) and callable(found):
        found, option = await _call_factory(found, option), f'{option} gives'
    else:
        option = f'{option} is'
    if not isinstance(found, AbstractAgent):
        raise StartFailed(f'{option} {_kind(found)}, not an agent.')
    config = AgentConfig(found, deps, ref, DEFAULT_MODEL_SETTINGS)  # pyright: ignore[reportUnknownArgumentType]
    return await asyncio.to_thread(with_deps, config)


async def _deps(ref: str) -> object:
    found = await _in_thread(partial(_find, '--deps', ref))
    if not callable(found):
        raise StartFailed(f'--deps {ref} is {_kind(found)}. Name a function that gives the deps of a run.')
    if required_arguments(found) > 1:
        raise StartFailed(
            f'--deps {ref} needs {required_arguments(found)} arguments; '
            'give a function without any, or with one that takes a chat.Asking.'
        )
    return found


def _find(option: str, ref: str) -> object:
    """Import what a name says.

    Raises:
        StartFailed: If it is not there.
    """
    module_name, _, path = ref.partition(':')
    found: object = _imported(option, module_name)
    place = module_name
    for name in path.split('.'):
        try:
            found, place = getattr(found, name), f'{place}{"." if ":" in place else ":"}{name}'
        except AttributeError as error:
            there = _agents_in(found) if option == '--agent' else ''
            raise StartFailed(f'{option}: there is no “{name}” in {place}{there}.') from error
    return found


def _imported(option: str, name: str) -> object:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f'{name}.'.startswith(f'{error.name}.'):
            sentence = f'there is no module “{error.name}” here or among the installed packages.'
        else:
            sentence = f'{name} needs the module “{error.name}”, which is not installed.'
        raise StartFailed(f'{option}: {sentence}') from error
    except UserError as error:
        raise StartFailed(f'{option}: {name}: {_with_hint_for_key(str(error))}') from error
    except (Exception, SystemExit) as error:
        raise StartFailed(f'{option}: {name} cannot be imported. {cause_of(error)}') from error


def _agents_in(owner: object) -> str:
    agents = [
        name for name, value in getattr(owner, '__dict__', {}).items() if isinstance(value, AbstractAgent)
    ]
    return f'; it has {", ".join(agents)}' if agents else ''


async def _call_factory(factory: Any, option: str) -> object:
    if required_arguments(factory):
        raise StartFailed(f'{option} needs arguments; give a function without any.')
    try:
        is_async = inspect.iscoroutinefunction(factory)
        made = factory() if is_async else await _in_thread(factory)
        return await made if isinstance(made, Awaitable) else made  # pyright: ignore[reportUnknownVariableType]
    except StartFailed:
        raise
    except UserError as error:
        raise StartFailed(f'{option}: {_with_hint_for_key(str(error))}') from error
    except (Exception, SystemExit) as error:
        raise StartFailed(f'{option} failed. {cause_of(error)}') from error


async def _in_thread(call: Callable[[], object]) -> object:
    """Call what may import packages for seconds, or start an event loop of its own."""
    return await asyncio.to_thread(call)


def _with_hint_for_key(message: str) -> str:
    if '_KEY' not in message and '_TOKEN' not in message:
        return message
    return f"{message.rstrip('.')}, or save it in Parlour's settings."


def _kind(value: object) -> str:
    name = type(value).__name__
    return f'{"an" if name[0].lower() in "aeiou" else "a"} {name}'
