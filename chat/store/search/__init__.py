"""Full-text search in the titles and messages of all conversations."""
