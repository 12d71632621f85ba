"""What is stored: in a data folder by TinyDB, which only this package knows, or in PostgreSQL."""
