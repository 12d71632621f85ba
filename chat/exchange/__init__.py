"""Chats that come in and go out: export, import, and the formats of both."""
