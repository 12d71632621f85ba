"""The desktop window: a separate process that knows only the URL of the app."""
