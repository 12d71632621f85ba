"""The data folder as the system sees it: where things are, and how they change for good."""
