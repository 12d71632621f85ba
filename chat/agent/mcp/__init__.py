"""Servers of tools that speak the Model Context Protocol: read, connected, and given to runs."""
