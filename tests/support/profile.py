"""The two forms of a test that can say more in more time: the short one of every run, and the long one.

`python -m pytest -m long` runs all tests that have a long form, in that form.
"""

import re
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, settings

T = TypeVar('T')

_is_long = False


def choose(marker_expression: str) -> None:
    """Take the long forms if the expression of `-m` asks for them; called before tests are collected."""
    global _is_long  # a run has one profile, and decorators cannot be given it otherwise
    _is_long = bool(re.search(r'(?<!not )\blong\b', marker_expression))


def is_long() -> bool:
    """Whether this run takes the long forms."""
    return _is_long


def sized(short: T, long: T) -> T:
    """How many, how much or for how long, in the form that this run takes."""
    return long if _is_long else short


def only_long(*values: object) -> ParameterSet:
    """A parameter of a test that only the long form takes."""
    return pytest.param(*values, marks=pytest.mark.long(only=True))


def examples(short: int, long: int, **more: object) -> settings:
    """What Hypothesis is to try. Time is no limit: a busy machine finds no faults."""
    return settings(
        max_examples=sized(short, long),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        **more,  # pyright: ignore[reportArgumentType]  # the rest of its options
    )
