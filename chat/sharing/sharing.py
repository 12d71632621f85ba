"""Sharing on the network: begun and ended while the app runs, with invites for those who may come."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Literal

from chat.change_signal import ChangeSignal
from chat.errors import SharingFailed
from chat.sharing.access import Session
from chat.sharing.interfaces import InviteStorage, NetworkListener
from chat.sharing.invite_registry import AcceptedInvite, InviteRegistry, IssuedInvite
from chat.sharing.invites import Invite

log = logging.getLogger(__name__)

EXPIRY_CHECK_INTERVAL = timedelta(minutes=1)
"""How often it is looked, at least, whether an invite is over: a computer that sleeps does not count."""


class Sharing:
    """The one object by which the owner shares; its pages follow `changed`."""

    def __init__(
        self, registry: InviteRegistry, *, network: NetworkListener, invite_store: InviteStorage
    ) -> None:
        self.changed = ChangeSignal()
        """Notified when sharing begins or ends, and when an invite or a guest comes or goes."""
        self.urls: list[str] = []
        """Under which guests find this computer, each with a slash at its end; none if nothing is shared."""
        self.was_stopped = False
        """Whether the owner has stopped it since the app was started, and has not shared again."""
        self._registry = registry
        self._network = network
        self._invite_store = invite_store
        self._expiry_task = asyncio.create_task(self._end_expired_invites(), name='end invites in time')

    @property
    def is_on(self) -> bool:
        return bool(self.urls)

    @property
    def invites(self) -> list[Invite]:
        """All that are not over, oldest first, with the sessions that came by each."""
        return self._registry.invites

    @property
    def has_paused(self) -> bool:
        """Whether there are invites that were kept and wait until the owner shares again."""
        return any(invite.is_paused for invite in self.invites)

    async def start(self, *addresses: str) -> None:
        """Listen on these addresses of this computer, and on no others.

        What was kept when sharing was stopped stays paused until `resume`: a new link brings back no other.

        Raises:
            SharingFailed: If that is not possible; the sentence says what to do.
        """
        await self._network.close()
        self.urls = []
        try:
            self.urls = await self._network.open(addresses, self)
            self.was_stopped = False
        finally:
            self.changed.notify()

    async def resume(self) -> None:
        """Have the invites that were kept let in again."""
        await self._set_paused(is_paused=False)

    async def stop(self, *, keeps_links: bool = False) -> None:
        """Close the port, and end every invite, or keep them all for the next time.

        Raises:
            SharingFailed: If an invite has ended, or is paused, but not so when the app is started again.
        """
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
        """Invite somebody. The token is shown once; `links` says how it is passed on.

        Args:
            allows: To read or write in one conversation, or everything, on a device of the owner's own.
            conversation_id: The one that is shared; where to begin, if everything is.
            lasting: How long; `None` until sharing ends.
            name: What the owner calls whom it is for.
        """
        issued = self._registry.issue(allows, conversation_id, lasting=lasting, name=name)
        await self._store(issued.invite)
        return issued

    def links(self, token: str) -> list[str]:
        """The link of an invite, for each address under which this computer is found."""
        return [f'{url}join/{token}' for url in self.urls]

    async def revoke(self, invite_id: str) -> None:
        """End an invite; when this returns nothing reaches those any more who came by it.

        Raises:
            SharingFailed: If it has ended, but could come back when the app is started again.
        """
        await self._end_invites(invite for invite in self.invites if invite.id == invite_id)

    async def end_conversation(self, conversation_id: str) -> None:
        """End all invites to a conversation that is no more.

        Raises:
            SharingFailed: As `revoke`.
        """
        await self._end_invites(
            invite
            for invite in self.invites
            if invite.conversation_id == conversation_id and invite.allows != 'everything'
        )

    async def join(self, token: str, secret: str) -> AcceptedInvite:
        """Let a browser in by a token; one that shows the secret of an earlier time stays the one it was.

        Raises:
            InviteExpired: If it may not come in.
        """
        joined = self._registry.join(token, secret)
        await self._store(joined.invite)
        return joined

    def session(self, secret: str) -> Session | None:
        """Who shows this secret; `None` if they may not come in."""
        return self._registry.session(secret)

    async def close(self) -> None:
        """Stop listening, because the app ends: every invite stays as it is."""
        self._expiry_task.cancel()
        await asyncio.wait([self._expiry_task])
        await self._network.close()
        self.urls = []

    async def _end_expired_invites(self) -> None:
        while True:
            seen, left = self.changed.count, self._registry.next_expiry
            try:
                async with asyncio.timeout(
                    min(left, EXPIRY_CHECK_INTERVAL).total_seconds() if left else None
                ):
                    await self.changed.wait(seen)  # `wait_for` of Python 3.11 can lose a cancellation
            except TimeoutError:
                with suppress(SharingFailed):  # it stays over, whatever the disk says
                    await self._end_invites(self._registry.expired)

    async def _end_invites(self, invites: Iterable[Invite]) -> None:
        over = [invite for invite in list(invites) if self._registry.revoke(invite.id)]
        await self._network.disconnect(session_id for invite in over for session_id in invite.sessions)
        self.changed.notify()
        failures = [failure for invite in over if (failure := await self._remove_stored(invite))]
        if failures:
            raise SharingFailed(
                f'It has ended, but the disk failed ({failures[0].strerror}): a restart may bring it back.'
            ) from failures[0]

    async def _remove_stored(self, invite: Invite) -> OSError | None:
        """Remove an invite from the disk, or return why it may still be there."""
        try:
            await self._invite_store.remove(invite.id)
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
