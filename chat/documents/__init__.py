"""Documents as text, and other pictures as such that models read: each file in a process of its own."""
