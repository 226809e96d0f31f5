"""The failures that have nothing to do with a fault of ours, as lines that say what to do."""

import discord_sandbox
import oasst_backend.errors
import oasst_backend.settings
from bot.errors import SettingsError, StartError

EXPECTED = (
    StartError,
    oasst_backend.settings.SettingsError,
    oasst_backend.errors.SetupError,
    discord_sandbox.DescriptionError,
    discord_sandbox.PortTakenError,
)


def problem_lines(error: BaseException) -> list[str]:
    """Give one line for each problem."""
    if isinstance(error, SettingsError | oasst_backend.settings.SettingsError):
        return error.problems
    if isinstance(error, discord_sandbox.PortTakenError):
        return [f"{error} As in: python -m bot sandbox --port 0"]
    return [str(error)]
