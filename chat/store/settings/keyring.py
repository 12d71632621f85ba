"""The keyring of the system, where there is one that works.

It may ask a person to unlock it, or hang; so each call has a thread of its own, which does not keep the
process from ending, and nothing else waits for it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar('T')

KEYRING_TIMEOUT = 60
"""Seconds in which a person can unlock the keyring, or click its window away."""


class KeyringFailed(Exception):
    """There is no keyring, or it does not do what it should."""


class SystemKeyring:
    """Passwords by their names, among those of one service."""

    def __init__(self, service: str) -> None:
        """`service` is what the keyring's own window shows."""
        self._service = service

    async def get(self, name: str) -> str | None:
        """The password with this name, `None` if there is none.

        Raises:
            KeyringFailed: If the keyring does not say.
        """
        return await _call_with_timeout(lambda: _backend().get_password(self._service, name))

    async def set(self, name: str, password: str) -> None:
        """Keep a password.

        Raises:
            KeyringFailed: If it does not give it back afterwards.
        """

        def keep() -> bool:
            backend = _backend()
            backend.set_password(self._service, name, password)  # pyright: ignore[reportUnknownMemberType]  # its wrapper is not typed
            return backend.get_password(self._service, name) == password

        if not await _call_with_timeout(keep):
            raise KeyringFailed('a password that was set is not there')

    async def delete(self, name: str) -> None:
        """Forget a password; that there is none is no error.

        Raises:
            KeyringFailed: If it may still be there.
        """

        def forget() -> None:
            backend = _backend()
            if backend.get_password(self._service, name) is not None:
                backend.delete_password(self._service, name)

        await _call_with_timeout(forget)


def _backend() -> 'KeyringBackend':
    """The keyring; importing it here costs nothing as long as nobody saves a key."""
    from keyring import get_keyring

    backend = get_keyring()
    if backend.priority <= 0:
        raise KeyringFailed('there is none')
    return backend


async def _call_with_timeout(function: Callable[[], T]) -> T:
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            value = function()
        except Exception as error:  # noqa: BLE001  # each backend has errors of its own
            failure = KeyringFailed(type(error).__name__)
            tell = lambda: result.done() or result.set_exception(failure)  # noqa: E731
        else:
            tell = lambda: result.done() or result.set_result(value)  # noqa: E731
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(tell)

    Thread(target=work, name='keyring', daemon=True).start()
    try:
        return await asyncio.wait_for(result, KEYRING_TIMEOUT)
    except TimeoutError:
        raise KeyringFailed('no answer in time') from None
