"""Conversations as TinyDB files: their format, the files in use, and the blobs they name."""
