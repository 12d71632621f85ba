"""Somebody at a simulated page."""

from typing import Any

from nicegui.testing import User

MAX_CHECKS = 100
"""How often a person looks, ten times a second: the machine may be busy."""


class PatientUser(User):
    """A `User` with patience."""

    async def should_see(self, *args: Any, retries: int = MAX_CHECKS, **filters: Any) -> None:
        await super().should_see(*args, retries=retries, **filters)

    async def should_not_see(self, *args: Any, retries: int = MAX_CHECKS, **filters: Any) -> None:
        await super().should_not_see(*args, retries=retries, **filters)
