"""Task forms: pure functions from a task and a person's choices to Discord panels and backend answers."""
