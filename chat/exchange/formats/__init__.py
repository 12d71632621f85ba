"""Readers of what other programs have exported: one format a module, all in `FORMATS`."""

from collections.abc import Sequence

from chat.exchange.imported import Format

FORMATS: Sequence[Format] = ()
"""Asked in this order; the first one that knows a source reads it."""
