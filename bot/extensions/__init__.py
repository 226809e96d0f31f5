"""One lightbulb extension per feature: it receives, it calls, it answers."""
