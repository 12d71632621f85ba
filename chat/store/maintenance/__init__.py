"""Looking after a data folder: it is read without being changed, verified and repaired."""
