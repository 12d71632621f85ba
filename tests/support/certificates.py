"""A certificate that nobody has signed but its owner."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    file: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        """What a server needs to speak with it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def own_certificate(folder: Path) -> Certificate:
    """Make one for this computer."""
    if not (openssl := which('openssl')):
        pytest.skip('there is no openssl')
    one = Certificate(file=folder / 'certificate.pem', key=folder / 'key.pem')
    command = f'{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split()
    names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    files = ['-keyout', str(one.key), '-out', str(one.file)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)  # noqa: S603  # as it stands here
    return one
