"""The list of conversations, and the ways to find one."""
