"""Who answers: the agent, and the models one can pick. The only place that names providers."""
