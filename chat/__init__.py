"""Parlour: a private AI chat, live on every screen that looks at it."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.agent_config import AgentConfig, Asking
    from chat.embedding import create_app, serve
    from chat.settings import Settings

__version__ = '0.1.0'

__all__ = ['AgentConfig', 'Asking', 'Settings', '__version__', 'create_app', 'serve']

MODULE_BY_NAME = {
    'AgentConfig': 'chat.agent_config',
    'Asking': 'chat.agent_config',
    'Settings': 'chat.settings',
    'create_app': 'chat.embedding',
    'serve': 'chat.embedding',
}
"""Where the rest of `__all__` is; it is imported when somebody asks for it, for it takes its time."""


def __getattr__(name: str) -> object:
    if name not in MODULE_BY_NAME:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(MODULE_BY_NAME[name]), name)
