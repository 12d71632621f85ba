"""Chats of which nothing is stored, unless they are kept."""
