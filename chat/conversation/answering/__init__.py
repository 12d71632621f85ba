"""How a prompt becomes an answer: what the model is given, the run, and what people do meanwhile."""
