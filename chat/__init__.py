"""Parlour: a private AI chat, live on every screen that looks at it."""

__version__ = '0.1.0'
