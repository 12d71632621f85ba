"""Markdown to HTML: pure functions that know no page."""

from chat.rendering.incremental import IncrementalMarkdown
from chat.rendering.markdown import render

__all__ = ['IncrementalMarkdown', 'render']
