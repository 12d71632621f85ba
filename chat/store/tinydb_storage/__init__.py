"""TinyDB files that nothing can tear: a short one is replaced whole, a long one has a journal."""
