"""Where keys are kept: in the keyring, else in a file; in no log and nowhere else."""

import asyncio
import logging
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from pydantic import SecretStr

from chat.errors import KeyRemovalFailed
from tests.store.store_samples import store_in
from tests.support.keyrings import ForgetfulKeyring, LockedKeyring, SlowKeyring, WorkingKeyring, using

SECRET = 'sk-7e4f0d7a91c2'


def texts_in(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.rglob('*') if path.is_file()}


async def test_a_keyring_that_works_has_the_key_and_no_file_has(tmp_path: Path) -> None:
    drawer = WorkingKeyring()
    with using(drawer):
        async with store_in(tmp_path) as data_folder:
            saved = await data_folder.api_keys.save('openai', SecretStr(SECRET))
            assert saved.location == 'keyring'
        assert list(drawer.passwords.values()) == [SECRET]
        assert SECRET not in str(texts_in(tmp_path))
        async with store_in(tmp_path) as data_folder:
            assert await data_folder.api_keys.read() == {'openai': saved}
            await data_folder.api_keys.remove('openai')
            assert await data_folder.api_keys.read() == {}
    assert drawer.passwords == {}


@pytest.mark.parametrize('backend', [fail.Keyring, null.Keyring, LockedKeyring, ForgetfulKeyring])
async def test_without_one_a_file_has_it_that_only_its_owner_can_read(
    tmp_path: Path, backend: type[KeyringBackend]
) -> None:
    with using(backend()):
        async with store_in(tmp_path) as data_folder:
            saved = await data_folder.api_keys.save('openai', SecretStr(SECRET))
            assert saved.location == 'file'
        assert [name for name, text in texts_in(tmp_path).items() if SECRET in text] == ['keys.json']
        assert (tmp_path / 'keys.json').stat().st_mode & 0o777 == 0o600
        async with store_in(tmp_path) as data_folder:
            assert await data_folder.api_keys.read() == {'openai': saved}
            await data_folder.api_keys.remove('openai')
            await data_folder.api_keys.remove('openai')
            assert await data_folder.api_keys.read() == {}
    assert SECRET not in str(texts_in(tmp_path))


async def test_each_data_folder_has_its_own_keys(tmp_path: Path) -> None:
    with using(drawer := WorkingKeyring()):
        for name in ('one', 'two'):
            async with store_in(tmp_path / name) as data_folder:
                await data_folder.api_keys.save('openai', SecretStr(f'of {name}'))
        async with store_in(tmp_path / 'two') as data_folder:
            await data_folder.api_keys.remove('openai')
    assert list(drawer.passwords.values()) == ['of one']


async def test_a_key_that_the_keyring_does_not_give_out_is_not_forgotten(tmp_path: Path) -> None:
    drawer = WorkingKeyring()
    with using(drawer):
        async with store_in(tmp_path) as data_folder:
            saved = await data_folder.api_keys.save('openai', SecretStr(SECRET))
    with using(LockedKeyring()):
        async with store_in(tmp_path) as data_folder:
            key = (await data_folder.api_keys.read())['openai']
            assert (key.saved_at, key.location, key.secret) == (saved.saved_at, 'keyring', None)
            with pytest.raises(KeyRemovalFailed):
                await data_folder.api_keys.remove('openai')
    with using(drawer):
        async with store_in(tmp_path) as data_folder:
            assert await data_folder.api_keys.read() == {'openai': saved}


async def test_a_key_saved_anew_while_the_keyring_fails_is_forgotten_there_too(tmp_path: Path) -> None:
    drawer = WorkingKeyring()
    for keyring, secret in ((drawer, 'sk-old'), (LockedKeyring(), 'sk-new'), (LockedKeyring(), SECRET)):
        with using(keyring):
            async with store_in(tmp_path) as data_folder:
                await data_folder.api_keys.save('openai', SecretStr(secret))
    with using(LockedKeyring()):
        async with store_in(tmp_path) as data_folder:
            with pytest.raises(KeyRemovalFailed):
                await data_folder.api_keys.remove('openai')
    with using(drawer):
        async with store_in(tmp_path) as data_folder:
            assert (await data_folder.api_keys.read())['openai'].secret == SecretStr(SECRET)
            await data_folder.api_keys.remove('openai')
            assert await data_folder.api_keys.read() == {}
    assert drawer.passwords == {}


async def test_a_key_whose_keyring_is_not_here_can_be_forgotten(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Else its server could never be removed where the data folder has been moved to."""
    with using(WorkingKeyring()):
        async with store_in(tmp_path) as data_folder:
            await data_folder.api_keys.save('server:attic', SecretStr(SECRET))
    with using(fail.Keyring()):
        async with store_in(tmp_path) as data_folder:
            await data_folder.api_keys.remove('server:attic')
            assert await data_folder.api_keys.read() == {}
    assert 'The key of server:attic may still be in the keyring' in caplog.text


async def test_a_slow_keyring_holds_up_nothing_else(tmp_path: Path) -> None:
    with using(SlowKeyring()):
        async with store_in(tmp_path) as data_folder:
            saving = asyncio.create_task(data_folder.api_keys.save('openai', SecretStr(SECRET)))
            await data_folder.preferences.read()
            assert not saving.done()
            assert (await saving).location == 'keyring'


@pytest.mark.parametrize(
    'text', [f'{{"keys": "{SECRET}', f'{{"keys": {{"openai": {{"key": ["{SECRET}"]}}}}}}']
)
async def test_a_damaged_file_is_not_quoted_in_the_log(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / 'keys.json').write_text(text)
    with caplog.at_level(logging.DEBUG):
        async with store_in(tmp_path) as data_folder:
            assert await data_folder.api_keys.read() == {}
            await data_folder.api_keys.save('openai', SecretStr('another'))
            assert list(await data_folder.api_keys.read()) == ['openai']
    assert SECRET not in caplog.text
