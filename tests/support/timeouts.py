"""How long a test waits for what must come."""

WAIT_TIMEOUT = 60.0
"""Seconds after which it no longer believes in it; the machine may be very busy."""
