"""The list of models from which one picks, wherever that is."""
