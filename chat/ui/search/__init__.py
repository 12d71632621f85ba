"""Finding a conversation, and the place in it."""
