"""Crash-safe TinyDB files: small ones are replaced atomically, large ones have a journal."""
