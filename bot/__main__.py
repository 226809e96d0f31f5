"""Runs the bot's command line: `python -m bot`."""

from bot.cli.main import app

app()
