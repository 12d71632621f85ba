"""The certificates by which servers are known, read once for all clients."""

import os
import ssl
from functools import lru_cache
from threading import Lock

import httpx2


def ssl_context() -> ssl.SSLContext:
    """Return the context that all clients share: to read the certificates takes longer than many a request.

    Threads that ask at once wait for the first: at a start there is one for each server.
    """
    with _reading_certificates:
        return _ssl_context(os.environ.get('SSL_CERT_FILE'), os.environ.get('SSL_CERT_DIR'))


_reading_certificates = Lock()


@lru_cache(maxsize=1)
def _ssl_context(*_: str | None) -> ssl.SSLContext:
    """Read the certificates; once more if the environment says by now that they are elsewhere."""
    return httpx2.create_ssl_context(trust_env=True)
