"""Maintenance of a data folder: read it without changes, verify it, repair it."""
