"""How it is reached: the listener, the one instance of a data folder, the origin's interface."""
