"""What the sidebar lists, and how it is known at start without opening every file."""
