"""Runs the sandbox's command line: `python -m discord_sandbox`."""

from discord_sandbox.cli import app

app(prog_name="python -m discord_sandbox")
