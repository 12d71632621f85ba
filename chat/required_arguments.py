"""What a function of somebody's wants to be called with."""

import inspect
from collections.abc import Callable


def required_arguments(function: Callable[..., object]) -> int:
    """Return how many arguments a function cannot do without."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # one of those in C that do not tell
        return 0
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(one.default is one.empty and one.kind not in variadic for one in parameters)
