"""Several nodes at one database: each shows every answer, one gives it, and one that dies loses nothing."""
