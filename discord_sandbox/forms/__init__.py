"""What the bot may send: each body is checked here against Discord's limits before anything happens."""
