"""The warning about places where no promise can be kept."""

import logging
from pathlib import Path

import pytest

from chat.store.filesystem.unsafe_locations import unsafe_location_warning
from tests.store.store_samples import store_in

MOUNTS = r"""
/dev/vda / ext4 rw 0 0
host:/export {0}/net nfs4 rw,vers=4.2 0 0
me@host: {0}/with\040blank fuse.sshfs rw 0 0
//host/share {0}/net/share cifs rw 0 0
/dev/vdb {0}/net/local xfs rw 0 0
//host/share {0}/smb smb3 rw 0 0
tmpfs {0}/fuse fuse.encfs rw 0 0
cut off
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / 'mounts'
    path.write_text(MOUNTS.format(tmp_path))
    return path


@pytest.mark.parametrize(
    ('place', 'kind'),
    [
        ('net', 'nfs4'),
        ('net/below/data', 'nfs4'),
        ('net/share/data', 'cifs'),
        ('with blank/data', 'fuse.sshfs'),
        ('smb', 'smb3'),
    ],
)
def test_a_network_drive(tmp_path: Path, mounts: Path, place: str, kind: str) -> None:
    warning = unsafe_location_warning(tmp_path / place, mounts=mounts)
    assert warning is not None
    assert f'network drive ({kind})' in warning
    assert '--data' in warning


@pytest.mark.parametrize('place', ['net/local/data', 'network', 'fuse', 'data', 'with'])
def test_a_drive_of_this_computer(tmp_path: Path, mounts: Path, place: str) -> None:
    assert unsafe_location_warning(tmp_path / place, mounts=mounts) is None


@pytest.mark.parametrize(
    ('place', 'who'),
    [
        ('Dropbox/chats', 'Dropbox'),
        ('Dropbox (Personal)/chats', 'Dropbox'),
        ('Acme Dropbox/chats', 'Dropbox'),
        ('OneDrive - Acme', 'OneDrive'),
        ('CloudStorage/OneDrive-Personal/x', 'OneDrive'),
        ('Library/Mobile Documents/com~apple~CloudDocs/x', 'iCloud'),
        ('iCloudDrive/x', 'iCloud'),
        ('GoogleDrive-me@example.org/My Drive/x', 'Google Drive'),
        ('Google Drive/x', 'Google Drive'),
        ('nextcloud/x', 'Nextcloud'),
        ('Syncthing/x', 'Syncthing'),
    ],
)
def test_a_synchronised_folder(tmp_path: Path, place: str, who: str) -> None:
    warning = unsafe_location_warning(tmp_path / place)
    assert warning is not None
    assert f'synchronised by {who}' in warning


def test_a_folder_that_syncthing_has_marked(tmp_path: Path) -> None:
    (tmp_path / 'mine' / '.stfolder').mkdir(parents=True)
    warning = unsafe_location_warning(tmp_path / 'mine' / 'data')
    assert warning is not None
    assert 'Syncthing' in warning


@pytest.mark.parametrize('place', ['my dropboxes', 'onedrives', 'notes on icloud', '.config/nextcloud-x', ''])
def test_other_names(tmp_path: Path, place: str) -> None:
    assert unsafe_location_warning(tmp_path / place, mounts=tmp_path / 'no such list') is None


async def test_it_is_said_once_and_kept_for_the_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / 'Dropbox'
    with caplog.at_level(logging.WARNING):
        async with store_in(folder) as data_folder:
            [note] = data_folder.warnings
            assert [record.getMessage() for record in caplog.records] == [note]
            assert 'Dropbox' in note
    async with store_in(tmp_path / 'local') as data_folder:
        assert data_folder.warnings == []
