"""Photos to attributes: taxonomy, prompts, models that answer, and the journal of every answer."""
