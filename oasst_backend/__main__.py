"""Lets `python -m oasst_backend` run the command line."""

from oasst_backend.cli import app

app(prog_name="python -m oasst_backend")
