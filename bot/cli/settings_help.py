"""The settings as `--help` shows them."""

from textwrap import wrap

from pydantic import SecretStr

from bot.settings import BotSettings

WIDTH = 78
"""Columns of a line; a terminal has at least two more."""


def settings_help() -> str:
    """List every setting with its description and default, as a paragraph that click leaves as it is."""
    lines = ["\b", "Settings (environment variables, or lines NAME=value in a file .env):"]
    for name, field in BotSettings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        known = f" [default: {default}]" if default not in ("", None, []) else ""
        lines.append(f"  {name.upper()}")
        lines += wrap(f"{field.description}{known}", WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
    lines.append("Those of the embedded backend stand in docs/backend.md.")
    return "\n".join(lines)
