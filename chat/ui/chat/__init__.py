"""The page of one conversation: what was said, and where one says more."""
