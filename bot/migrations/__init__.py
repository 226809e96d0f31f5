"""The versions of the bot's database."""
