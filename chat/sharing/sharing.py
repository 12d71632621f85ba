"""Sharing on the network: started and stopped while the app runs, with invites."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Literal, Protocol

from chat.change_signal import ChangeSignal
from chat.errors import GuestNameRefused, SharingFailed
from chat.sharing.access import Session
from chat.sharing.invites import (
    AcceptedInvite,
    Invite,
    InviteAuthenticator,
    InviteRegistry,
    IssuedInvite,
    clean_guest_name,
)
from chat.value_storage import ValueStorage

log = logging.getLogger(__name__)

EXPIRY_CHECK_INTERVAL = timedelta(minutes=1)
"""How often expiry is checked at least: timers do not advance while a computer sleeps."""


ENDED_PATH = '/ended'
"""The page to which guests are redirected when sharing has ended."""


class NetworkListener(Protocol):
    """The listener on the network."""

    async def open(self, addresses: Sequence[str], guests: InviteAuthenticator) -> list[str]:
        """Listen on these addresses; return the URLs, each with a slash at its end.

        Raises:
            SharingFailed: If that is not possible. Then it listens nowhere.
        """
        ...

    async def close(self) -> None:
        """Stop listening, after telling the connected pages. Closing twice is harmless."""
        ...

    async def disconnect(self, session_ids: Iterable[str]) -> None:
        """Tell the pages of these sessions that sharing has ended, and send them nothing after that."""
        ...


class Sharing:
    """The one object by which the owner shares; its pages follow `changed`."""

    def __init__(
        self, registry: InviteRegistry, *, network: NetworkListener, invite_store: ValueStorage[Invite]
    ) -> None:
        self.changed = ChangeSignal()
        """Notified when sharing starts or stops, and when invites or their sessions change."""
        self.urls: list[str] = []
        """The URLs for guests, each with a slash at its end; none while nothing is shared."""
        self.addresses: tuple[str, ...] = ()
        """Those of this computer that were shared on last; it may have lost them since."""
        self.was_stopped = False
        """Whether the owner has stopped sharing since the app was started, and has not shared again."""
        self._registry = registry
        self._network = network
        self._invite_store = invite_store
        self._end_handlers: list[Callable[[str], None]] = []
        self._rename_handlers: list[Callable[[str, str], None]] = []
        self._switching = asyncio.Lock()
        """Held while the network listener is opened or closed: two pages may ask for it at once."""
        self._expiry_task = asyncio.create_task(self._end_expired_invites(), name='end invites in time')

    @property
    def is_on(self) -> bool:
        return bool(self.urls)

    @property
    def invites(self) -> list[Invite]:
        """All valid invites, oldest first, with their sessions."""
        return self._registry.invites

    @property
    def has_paused(self) -> bool:
        """Whether kept invites wait until the owner shares again."""
        return any(invite.is_paused for invite in self.invites)

    def on_session_end(self, handle: Callable[[str], None]) -> None:
        """Call this with the id of each session that has ended."""
        self._end_handlers.append(handle)

    def on_rename(self, handle: Callable[[str, str], None]) -> None:
        """Call this with the id of each session whose guest has another name, and with the name."""
        self._rename_handlers.append(handle)

    async def start(self, *addresses: str) -> None:
        """Listen on these addresses of this computer, and on no others.

        Kept invites stay paused until `resume`: a new link reactivates no other.

        Raises:
            SharingFailed: If that is not possible; the sentence says what to do.
        """
        async with self._switching:
            await self._network.close()
            self.urls = []
            try:
                self.urls = await self._network.open(addresses, self)
                self.addresses, self.was_stopped = addresses, False
            finally:
                self.changed.notify()

    async def resume(self) -> None:
        """Reactivate the kept invites."""
        await self._set_paused(is_paused=False)

    async def stop(self, *, keeps_links: bool = False) -> None:
        """Close the port, and end every invite, or keep them all for the next time.

        Raises:
            SharingFailed: If that could not be stored: invites may work again after a restart.
        """
        async with self._switching:
            await self._network.close()
            self.urls, self.was_stopped = [], True
            self.changed.notify()
        if not keeps_links:
            await self._end_invites(self.invites)
        elif not await self._set_paused(is_paused=True):
            raise SharingFailed(
                'The links are kept, but the disk failed: after a restart they work as soon as you share.'
            )

    async def invite(
        self,
        allows: Literal['read', 'write', 'everything'],
        conversation_id: str = '',
        *,
        lasting: timedelta | None,
        name: str = '',
    ) -> IssuedInvite:
        """Create an invite. The token is shown once; `links` returns the links to pass on.

        Args:
            allows: To read or write in one conversation, or full access for a device of the owner.
            conversation_id: The shared conversation; with full access the page to start with.
            lasting: How long; `None` until sharing ends.
            name: The name that the owner gives it.
        """
        issued = self._registry.issue(allows, conversation_id, lasting=lasting, name=name)
        await self._store(issued.invite)
        return issued

    def links(self, token: str) -> list[str]:
        """Return the link of an invite for each URL of this computer."""
        return [f'{url}join/{token}' for url in self.urls]

    async def revoke(self, invite_id: str) -> None:
        """Revoke an invite; when this returns, its guests receive nothing any more.

        Raises:
            SharingFailed: If that could not be stored: the invite may work again after a restart.
        """
        await self._end_invites(invite for invite in self.invites if invite.id == invite_id)

    async def end_conversation(self, conversation_id: str) -> None:
        """Revoke all invites to a conversation that was deleted.

        Raises:
            SharingFailed: As `revoke`.
        """
        await self._end_invites(
            invite
            for invite in self.invites
            if invite.conversation_id == conversation_id and invite.allows != 'everything'
        )

    async def join(self, token: str, secret: str) -> AcceptedInvite:
        """Accept an invite by its token; a browser with the secret of an earlier visit keeps its session.

        Raises:
            InviteExpired: If the invite is not valid.
        """
        joined = self._registry.join(token, secret)
        await self._store(joined.invite)
        return joined

    def session(self, secret: str) -> Session | None:
        """Return the session of a secret; `None` if it grants no access."""
        return self._registry.session(secret)

    async def rename_guest(self, session_id: str, name: str) -> None:
        """Call the guest of a session by a name of their choice, in all that they write from now on.

        Raises:
            GuestNameRefused: If nothing of the name can be seen, or somebody else in the chat has it.
        """
        if not (name := clean_guest_name(name)):
            raise GuestNameRefused('Enter a name.')
        if invite := self._registry.rename(session_id, name):
            for handle in self._rename_handlers:
                handle(session_id, name)
            await self._store(invite)

    async def close(self) -> None:
        """Stop listening because the app ends; invites are kept."""
        self._expiry_task.cancel()
        await asyncio.wait([self._expiry_task])
        async with self._switching:
            await self._network.close()
            self.urls = []

    async def _end_expired_invites(self) -> None:
        while True:
            seen, left = self.changed.count, self._registry.next_expiry
            try:
                async with asyncio.timeout(
                    None if left is None else min(left, EXPIRY_CHECK_INTERVAL).total_seconds()
                ):
                    await self.changed.wait(seen)  # `wait_for` of Python 3.11 can lose a cancellation
            except TimeoutError:
                with suppress(SharingFailed):  # it stays expired, even if the disk fails
                    await self._end_invites(self._registry.expired)

    async def _end_invites(self, invites: Iterable[Invite]) -> None:
        over = [invite for invite in list(invites) if self._registry.revoke(invite.id)]
        ended = [session_id for invite in over for session_id in invite.sessions]
        await self._network.disconnect(ended)
        for handle in self._end_handlers:
            for session_id in ended:
                handle(session_id)
        self.changed.notify()
        failures = [failure for invite in over if (failure := await self._remove_stored(invite))]
        if failures:
            raise SharingFailed(
                f'It has ended, but the disk failed ({failures[0].strerror}): a restart may bring it back.'
            ) from failures[0]

    async def _remove_stored(self, invite: Invite) -> OSError | None:
        """Remove an invite from the disk, or return why it may still be there."""
        try:
            await self._invite_store.remove(invite)
        except OSError as error:
            return error
        return None

    async def _set_paused(self, *, is_paused: bool) -> bool:
        """Pause or resume all invites; return whether that is stored."""
        changed = self._registry.pause(is_paused=is_paused)
        self.changed.notify()
        stored = [await self._store(invite) for each in changed if (invite := self._registry.find(each))]
        return all(stored)

    async def _store(self, invite: Invite) -> bool:
        self.changed.notify()
        try:
            await self._invite_store.put(invite)
        except OSError as error:
            log.warning('Invite %s could not be stored as it is now: %s', invite.id, error)
            return False
        return True
