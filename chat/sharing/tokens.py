"""Secrets that let somebody in: shown once, and kept as hashes only."""

import secrets
from hashlib import sha256


def new_secret() -> str:
    """256 random bits, as an address or a cookie can carry them."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What may be stored and logged in the place of a secret: nobody can find the secret from it."""
    return sha256(secret.encode(errors='replace')).hexdigest()
