"""What a conversation holds, as values: messages, turns, branches, metadata and what applies to it."""
