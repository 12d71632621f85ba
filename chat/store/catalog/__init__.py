"""The catalog: what the sidebar lists, and the index that spares opening every file at start."""
