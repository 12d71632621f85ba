"""Files that describe an agent: YAML or JSON, as pydantic-ai reads them."""

import json
import logging
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_ai import Agent
from pydantic_ai.agent import AbstractAgent
from pydantic_ai.agent.spec import AgentSpec

from chat.error_body import cause_of
from chat.errors import StartFailed

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
