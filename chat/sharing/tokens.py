"""Access tokens: shown once, and stored only as hashes."""

import secrets
from hashlib import sha256


def new_secret() -> str:
    """Return 256 random bits, encoded for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """Return the hash of a secret, which may be stored and logged."""
    return sha256(secret.encode(errors='replace')).hexdigest()
