"""The desktop window: a process of its own, which knows nothing of the rest but an address."""
