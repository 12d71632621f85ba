"""The data folder: the only package that knows TinyDB and files."""
