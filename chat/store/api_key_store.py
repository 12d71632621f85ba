"""The keys of providers on this computer: in its keyring, else in a file that only its owner can read."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from pydantic import AwareDatetime, SecretStr, TypeAdapter, ValidationError

from chat.agent.api_keys import SavedKey
from chat.errors import KeyRemovalFailed
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.settings_files import SettingsFile
from chat.store.tinydb_storage.tables import Json

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

T = TypeVar('T')

KEYRING_TIMEOUT = 60
"""Seconds in which a person can unlock the keyring, or click its window away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """What `keys.json` says of one key."""

    saved_at: AwareDatetime
    key: SecretStr | None = None
    """The key itself, if it is not in the keyring."""
    has_keyring: bool = False
    """Whether the keyring has one all the same, of before."""

    @property
    def is_in_keyring(self) -> bool:
        """Whether the keyring may give a key out."""
        return self.key is None or self.has_keyring


_STORED_KEY = TypeAdapter(StoredKey)


class ApiKeyStore:
    """Keeps keys by the prefixes of their providers; `keys.json` says which there are."""

    def __init__(self, path: Path, *, disk_thread: DiskThread, disk: Disk) -> None:
        self._file = SettingsFile(path, 'keys', disk)
        self._disk_thread = disk_thread
        self._keyring = SystemKeyring(f'Parlour ({path.parent})')  # each data folder has its own keys

    async def read(self) -> dict[str, SavedKey]:
        """Return all keys; one that the keyring does not give out is among them, without its secret."""
        rows = await self._disk_thread.run(self._file.read)
        known = {prefix: row for prefix, document in rows.items() if (row := _stored_key(prefix, document))}
        keys = await asyncio.gather(*(self._key(prefix, row) for prefix, row in known.items()))
        return dict(zip(known, keys, strict=True))

    async def save(self, prefix: str, secret: SecretStr) -> SavedKey:
        """Save a key in the keyring, or in the file if that is not possible.

        Raises:
            OSError: If the file could not be written.
        """
        saved_at = datetime.now(UTC)
        try:
            await self._keyring.set(prefix, secret.get_secret_value())
        except KeyringFailed as error:
            log.info('The key is stored in a file, since the keyring fails: %s', error)
            before = await self._row(prefix)
            await self._write(
                prefix, saved_at, secret, has_keyring=before is not None and before.is_in_keyring
            )
            return SavedKey(saved_at=saved_at, location='file', secret=secret)
        await self._write(prefix, saved_at, None)
        return SavedKey(saved_at=saved_at, location='keyring', secret=secret)

    async def remove(self, prefix: str) -> None:
        """Forget a key wherever it is, but for a keyring that this computer does not have, or no more.

        Raises:
            KeyRemovalFailed, OSError: If the keyring or the disk fails, and it may still be there.
        """
        row = await self._row(prefix)
        if row and row.is_in_keyring:
            try:
                await self._keyring.delete(prefix)
            except NoKeyring:
                log.warning('The key of %s may still be in the keyring in which it was saved', prefix)
            except KeyringFailed as error:
                raise KeyRemovalFailed from error
        await self._disk_thread.run(self._file.remove, prefix)

    async def _row(self, prefix: str) -> StoredKey | None:
        document = (await self._disk_thread.run(self._file.read)).get(prefix)
        return _stored_key(prefix, document) if document else None

    async def _key(self, prefix: str, row: StoredKey) -> SavedKey:
        if row.key:
            return SavedKey(saved_at=row.saved_at, location='file', secret=row.key)
        try:
            key = await self._keyring.get(prefix)
        except KeyringFailed as error:
            log.warning('The keyring does not give out the key of %s: %s', prefix, error)
            key = None
        return SavedKey(saved_at=row.saved_at, location='keyring', secret=SecretStr(key) if key else None)

    async def _write(
        self, prefix: str, saved_at: datetime, secret: SecretStr | None, *, has_keyring: bool = False
    ) -> None:
        document: Json = {
            'saved_at': saved_at.isoformat(),
            'key': secret.get_secret_value() if secret else None,
        }
        if has_keyring:
            document['has_keyring'] = True
        await self._disk_thread.run(self._file.put, prefix, document)


def _stored_key(prefix: str, document: Json) -> StoredKey | None:
    try:
        return _STORED_KEY.validate_python(document)
    except ValidationError:  # whose text may quote the key
        log.warning('The saved key of %s is invalid', prefix)
        return None


class KeyringFailed(Exception):
    """There is no keyring, or it does not do what it should."""


class NoKeyring(KeyringFailed):
    """There is none."""


class SystemKeyring:
    """Passwords by their names, among those of one service."""

    def __init__(self, service: str) -> None:
        """Use the keyring under the name `service`, which its own window shows."""
        self._service = service

    async def get(self, name: str) -> str | None:
        """Return the password with this name; `None` if there is none.

        Raises:
            KeyringFailed: If the keyring does not say.
        """
        return await _call_with_timeout(lambda: _backend().get_password(self._service, name))

    async def set(self, name: str, password: str) -> None:
        """Save a password.

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
    """Return the keyring; importing it here costs nothing as long as nobody saves a key."""
    from keyring import get_keyring

    backend = get_keyring()
    if backend.priority <= 0:
        raise NoKeyring('there is none')
    return backend


async def _call_with_timeout(function: Callable[[], T]) -> T:
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            value = function()
        except Exception as error:  # noqa: BLE001  # each backend has errors of its own
            failure = error if isinstance(error, KeyringFailed) else KeyringFailed(type(error).__name__)
            tell = lambda: result.done() or result.set_exception(failure)  # noqa: E731
        else:
            tell = lambda: result.done() or result.set_result(value)  # noqa: E731
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(tell)

    Thread(target=work, name='keyring', daemon=True).start()
    try:
        async with asyncio.timeout(KEYRING_TIMEOUT):
            return await result
    except TimeoutError:
        raise KeyringFailed('no answer in time') from None
