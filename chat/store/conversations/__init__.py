"""Conversations as such files: their format, those in use, and the blobs they name."""
