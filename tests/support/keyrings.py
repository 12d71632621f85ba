"""Keyrings that belong to a test."""

import time
from collections.abc import Generator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class WorkingKeyring(KeyringBackend):
    """A keyring that works; it keeps passwords for as long as it lives."""

    priority = 9  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]  # as its own ones do

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}
        """By service and name."""

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]


class LockedKeyring(WorkingKeyring):
    """A keyring that nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f'{service} {username}')

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(f'{service} {username} {password}')


class ForgetfulKeyring(WorkingKeyring):
    """A keyring that takes passwords and does not keep them, as the null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class SlowKeyring(WorkingKeyring):
    """A keyring that takes a moment, as if it asked a person."""

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(0.2)
        return super().get_password(service, username)


@contextmanager
def using(backend: KeyringBackend) -> Generator[None]:
    """Have this be the keyring of the system for the length of the block."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(before)
