"""The data folder on the file system: its layout, and durable changes."""
