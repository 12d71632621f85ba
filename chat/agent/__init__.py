"""The agent, and the models that can be chosen. Only this package names providers."""
