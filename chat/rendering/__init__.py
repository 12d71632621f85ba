"""Markdown to HTML: pure functions that know no page."""
