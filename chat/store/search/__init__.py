"""Words found in the titles and messages of all conversations."""
