"""How text becomes HTML: pure functions, no page."""
