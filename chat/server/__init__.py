"""The server: listeners, security, the one instance of a data folder, and the routes beside the pages."""
