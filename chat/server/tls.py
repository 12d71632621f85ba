"""TLS: the certificate for sharing on the network, and the names for which it is valid."""

import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chat.errors import InvalidOption, StartFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate with its key, both in PEM files, which has been tried."""

    file: Path
    key_file: Path
    names: frozenset[str]
    """As browsers write them: DNS names without wildcards, IPv4 addresses."""

    @property
    def name(self) -> str:
        """The name to put into links; empty if there is none."""
        return min((name for name in self.names if not name[-1].isdigit()), default='')

    @classmethod
    def read(cls, file: Path, key_file: Path) -> Self:
        """Read a certificate and make a connection with it in memory, as a browser would.

        Raises:
            StartFailed: If that does not work; the sentence says why.
        """
        try:
            names = _names(file, key_file)
        except (OSError, ValueError) as error:  # among them what `ssl` raises
            raise StartFailed(
                f'The certificate {file} cannot be used with the key {key_file}: '
                f'{getattr(error, "verify_message", None) or getattr(error, "reason", None) or error}. '
                'Both have to be PEM files that belong together, without a password.'
            ) from None
        return cls(file=file, key_file=key_file, names=frozenset(names))


def configured_certificate(file: Path | None, key_file: Path | None) -> Certificate | None:
    """Return the certificate of the settings; `None` if there is none.

    Raises:
        StartFailed: If it cannot be used.
    """
    if file and key_file:
        return Certificate.read(file, key_file)
    if file or key_file:
        raise InvalidOption('Give a certificate and its key together: --ssl-cert and --ssl-key.')
    return None


def _names(file: Path, key_file: Path) -> list[str]:
    """Return the names in a certificate, which Python reads only from the other side of a connection."""
    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(file, key_file, password=_no_password)
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    there.load_verify_locations(file)
    there.check_hostname = False  # the names are what is asked for
    there.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it is trusted, whoever has signed it
    to_there, to_here = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = there.wrap_bio(to_there, to_here)
    server = here.wrap_bio(to_here, to_there, server_side=True)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):  # then it is the other side's turn
            side.do_handshake()
    peer_certificate = client.getpeercert() or {}
    alternatives = peer_certificate.get('subjectAltName', ())
    return [str(name).lower() for _, name in alternatives if '*' not in str(name) and ':' not in str(name)]


def _no_password() -> str:
    raise ValueError('the key has a password')
