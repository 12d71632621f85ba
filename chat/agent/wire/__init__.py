"""Repairs of HTTP responses, so that the packages of providers can read what servers really send."""
