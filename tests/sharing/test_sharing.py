"""Invites: whom they let in, for how long, and what ends them."""

import asyncio
from datetime import timedelta

import pytest

from chat.errors import GuestNameRefused, InviteExpired, SharingFailed
from chat.sharing.access import Guest, Owner, hash_of
from chat.sharing.invites import MAX_SESSIONS
from tests.support.sharing_setup import SharingSetup
from tests.support.timeouts import WAIT_TIMEOUT

HOUR = timedelta(hours=1)


async def test_a_link_lets_in_to_one_conversation_and_no_secret_is_kept() -> None:
    shared = SharingSetup()
    await shared.sharing.start('192.168.1.5')
    issued = await shared.sharing.invite('write', 'c', lasting=HOUR, name='Ann')
    assert shared.sharing.links(issued.token) == [f'http://192.168.1.5:8080/join/{issued.token}']
    joined = await shared.sharing.join(issued.token, '')
    session = shared.sharing.session(joined.secret)
    assert session
    assert session.visitor == Guest(
        conversation_id='c', permission='write', name='Ann', session_id=hash_of(joined.secret)
    )
    kept = repr(shared.keep.values)
    assert issued.token not in kept
    assert joined.secret not in kept
    await shared.sharing.close()


async def test_who_comes_second_by_a_link_is_told_from_the_first() -> None:
    shared = SharingSetup()
    issued = await shared.sharing.invite('read', 'c', lasting=HOUR)
    secrets = [(await shared.sharing.join(issued.token, '')).secret for _ in range(2)]
    again = await shared.sharing.join(issued.token, secrets[0])
    assert again.secret == secrets[0], 'a browser that comes back stays the one it was'
    visitors = [session.visitor.name for secret in secrets if (session := shared.sharing.session(secret))]
    assert visitors == ['Guest', 'Guest 2']
    await shared.sharing.close()


async def test_a_guest_chooses_a_name_which_outlasts_a_restart() -> None:
    shared = SharingSetup()
    issued = await shared.sharing.invite('write', 'c', lasting=HOUR)
    one, other = [(await shared.sharing.join(issued.token, '')).secret for _ in range(2)]
    heard: list[tuple[str, str]] = []
    shared.sharing.on_rename(lambda session_id, name: heard.append((session_id, name)))
    await shared.sharing.rename_guest(hash_of(one), f'  Ann\u202e\n{"a" * 100}')
    name = f'Ann {"a" * 36}'
    assert heard == [(hash_of(one), name)]
    for sharing in (shared.sharing, SharingSetup(shared.keep).sharing):
        names = [session.visitor.name for each in (one, other) if (session := sharing.session(each))]
        assert names == [name, 'Guest 2'], 'the other one stays who they were'
    await shared.sharing.close()


@pytest.mark.parametrize('name', ['HOST', 'guest 2', 'ben', '\u200b \n'])
async def test_nobody_is_called_as_somebody_else_in_the_chat(name: str) -> None:
    shared = SharingSetup()
    issued = await shared.sharing.invite('write', 'c', lasting=HOUR)
    one, _ = [(await shared.sharing.join(issued.token, '')).secret for _ in range(2)]
    ben = await shared.sharing.invite('read', 'c', lasting=HOUR, name='Ben')
    await shared.sharing.join(ben.token, '')
    with pytest.raises(GuestNameRefused):
        await shared.sharing.rename_guest(hash_of(one), name)
    session = shared.sharing.session(one)
    assert session
    assert session.visitor.name == 'Guest'
    await shared.sharing.rename_guest('of nobody', 'Cleo')
    await shared.sharing.close()


async def test_a_link_for_a_device_is_good_for_one_browser() -> None:
    shared = SharingSetup()
    issued = await shared.sharing.invite('everything', 'c', lasting=None)
    joined = await shared.sharing.join(issued.token, '')
    session = shared.sharing.session(joined.secret)
    assert session
    assert session.visitor == Owner()
    assert joined.invite.path == '/c/c'
    with pytest.raises(InviteExpired):
        await shared.sharing.join(issued.token, '')
    await shared.sharing.close()


async def test_only_so_many_come_by_one_link() -> None:
    shared = SharingSetup()
    issued = await shared.sharing.invite('read', 'c', lasting=HOUR)
    for _ in range(MAX_SESSIONS):
        await shared.sharing.join(issued.token, '')
    with pytest.raises(InviteExpired):
        await shared.sharing.join(issued.token, '')
    await shared.sharing.close()


async def test_an_invite_outlasts_a_restart_but_not_its_time() -> None:
    before = SharingSetup()
    issued = await before.sharing.invite('read', 'c', lasting=HOUR)
    secret = (await before.sharing.join(issued.token, '')).secret
    await before.sharing.close()
    after = SharingSetup(before.keep)
    assert after.sharing.session(secret)
    after.clock.now += HOUR
    assert after.sharing.session(secret) is None
    with pytest.raises(InviteExpired):
        await after.sharing.join(issued.token, secret)
    await after.sharing.close()


async def test_revoking_one_leaves_the_others_and_sends_its_guests_away() -> None:
    shared = SharingSetup()
    ann = await shared.sharing.invite('read', 'c', lasting=HOUR, name='Ann')
    ben = await shared.sharing.invite('read', 'c', lasting=HOUR, name='Ben')
    secrets = [(await shared.sharing.join(issued.token, '')).secret for issued in (ann, ben)]
    await shared.sharing.revoke(ann.invite.id)
    assert shared.network.disconnected == [hash_of(secrets[0])]
    assert [shared.sharing.session(secret) is None for secret in secrets] == [True, False]
    await shared.sharing.close()


async def test_a_deleted_conversation_takes_its_guests_along_but_not_the_devices() -> None:
    shared = SharingSetup()
    await shared.sharing.invite('write', 'c', lasting=HOUR)
    await shared.sharing.invite('everything', 'c', lasting=HOUR, name='phone')
    await shared.sharing.end_conversation('c')
    assert [invite.name for invite in shared.sharing.invites] == ['phone']
    await shared.sharing.close()


async def test_a_full_disk_is_told_when_a_link_could_come_back() -> None:
    shared = SharingSetup()
    issued = await shared.sharing.invite('read', 'c', lasting=HOUR)
    shared.keep.is_full = True
    with pytest.raises(SharingFailed, match='No space left'):
        await shared.sharing.revoke(issued.invite.id)
    assert shared.sharing.invites == [], 'it has ended all the same'
    await shared.sharing.close()


@pytest.mark.parametrize('steps', range(4))
async def test_it_closes_also_if_something_has_just_changed(steps: int) -> None:
    """However far the news has come by then, while the end of an invite is waited for."""
    shared = SharingSetup()
    await shared.sharing.invite('write', 'c', lasting=HOUR, name='Ann')
    await asyncio.sleep(0)
    shared.sharing.changed.notify()
    for _ in range(steps):
        await asyncio.sleep(0)
    async with asyncio.timeout(WAIT_TIMEOUT):
        await shared.sharing.close()
