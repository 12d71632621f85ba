"""Readers of what other programs have exported: one format a module, all found by `recognise`."""

from chat.exchange.formats.registry import FoundFormat, recognise

__all__ = ['FoundFormat', 'recognise']
