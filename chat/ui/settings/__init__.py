"""The page on which a person sets what holds for all conversations."""
