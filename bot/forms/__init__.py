"""Task forms: pure functions from a task and a person's choices to what Discord shows and the backend gets."""
