"""Certificates are read once, however many servers are asked at a start."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import certifi
import pytest

from chat.certificates import ssl_context

THREADS = 4


def test_threads_that_ask_at_once_share_one_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = tmp_path / 'certificates.pem'
    certificates.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv('SSL_CERT_FILE', str(certificates))  # which no test has read before
    all_there = Barrier(THREADS)

    def ask(_: int) -> ssl.SSLContext:
        all_there.wait()
        return ssl_context()

    with ThreadPoolExecutor(THREADS) as threads:
        contexts = {*threads.map(ask, range(THREADS))}
    assert len(contexts) == 1
