"""Unsafe locations of a data folder: network drives and synchronized folders."""

import re
import sys
from pathlib import Path

MOUNTS_FILE = Path('/proc/mounts')

NETWORK_TYPE_PATTERN = re.compile(
    r'(nfs|cifs|smb|afs|ncp|afp|ceph|gluster|lustre|davfs|fuse\.(sshfs|rclone|davfs|gluster|s3fs|smb|curlftpfs))'
)
"""Types of network file systems on Linux, by their beginning."""

SYNC_FOLDER_PATTERNS = {
    'Dropbox': r'(.* )?dropbox( .*|\..*)?',
    'OneDrive': r'onedrive( -.*|-.*)?',
    'iCloud': r'icloud ?drive( .*)?|com~apple~clouddocs|mobile documents',
    'Google Drive': r'google ?drive(-.*| .*)?|my drive',
    'Nextcloud': r'nextcloud\d*|owncloud\d*',
    'Syncthing': r'syncthing',
}
"""Folder names by the service that synchronizes them."""

SYNC_MARKER_FILES = {'.stfolder': 'Syncthing', '.dropbox.cache': 'Dropbox'}
"""Marker files in the top folder of a synchronized tree."""


def unsafe_location_warning(folder: Path, *, mounts: Path = MOUNTS_FILE) -> str | None:
    """Return a warning if data is not safe in this location.

    Args:
        folder: The data folder; it need not be there yet.
        mounts: The list of mounted file systems; without one, as on Windows, only names are checked.
    """
    folder = folder.resolve()
    if kind := _network_filesystem_of(folder, mounts):
        return (
            f'The data folder {folder} is on a network drive ({kind}), where a chat can be lost or damaged '
            'if the connection breaks or two computers use it. Choose a folder on this computer with --data.'
        )
    if who := _sync_service_of(folder):
        return (
            f'The data folder {folder} seems to be synchronised by {who}, which can damage chats if it takes '
            'or brings files while they are written. Choose a folder that is not synchronised with --data.'
        )
    return None


def _network_filesystem_of(folder: Path, mounts: Path) -> str | None:
    if sys.platform == 'win32' and folder.drive.startswith('\\\\'):
        return 'a share'
    try:
        lines = mounts.read_text(errors='surrogateescape').splitlines()
    except OSError:
        return None
    above = {folder, *folder.parents}
    kinds = {path: kind for path, kind in map(_mount, lines) if path in above}
    kind = kinds[max(kinds, key=lambda path: len(path.parts))] if kinds else ''
    return kind if NETWORK_TYPE_PATTERN.match(kind) else None


def _mount(line: str) -> tuple[Path | None, str]:
    """Parse the mount point and type of a file system from a line of `/proc/mounts`."""
    fields = line.split(' ')
    if len(fields) < 3:
        return None, ''
    point = re.sub(r'\\([0-7]{3})', lambda escape: chr(int(escape[1], 8)), fields[1])  # \040 is a blank
    return Path(point), fields[2]


def _sync_service_of(folder: Path) -> str | None:
    for path in (folder, *folder.parents):
        for who, names in SYNC_FOLDER_PATTERNS.items():
            if re.fullmatch(names, path.name, re.IGNORECASE):
                return who
        for mark, who in SYNC_MARKER_FILES.items():
            if (path / mark).exists():
                return who
    return None
