"""What stays: the only place that knows TinyDB and files."""
