"""Every place in a JSON value, and what may stand there instead."""

from typing import Any

ODD: list[Any] = [None, True, 17, 2.5, 'odd', [], [1, 'a'], {}, {'a': [1]}]
"""One of every type that JSON has, and a few more."""


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    keys: list[Any] = [*range(len(node))] if isinstance(node, list) else []  # pyright: ignore[reportUnknownArgumentType]  # JSON
    keys = list(node) if isinstance(node, dict) else keys  # pyright: ignore[reportUnknownArgumentType]  # JSON
    return [place for key in keys for place in [(*path, key), *places(node[key], (*path, key))]]


def put(node: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
