"""Deleting conversations: into the trash and back, or permanently with their blobs."""
