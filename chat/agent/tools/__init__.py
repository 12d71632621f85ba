"""Tools for those who bring no agent of their own: each is off until it is switched on in a chat."""
