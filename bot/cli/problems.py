"""The failures that have nothing to do with a fault of ours, as lines that say what to do."""

import discord_sandbox
import oasst_backend.errors
import oasst_backend.settings
from bot.errors import SettingsError, StartError


class DemoError(Exception):
    """The demo did not come to its end, or what came out is not what went in; a line for each problem."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


EXPECTED = (
    DemoError,
    StartError,
    oasst_backend.settings.SettingsError,
    oasst_backend.errors.SetupError,
    discord_sandbox.DescriptionError,
    discord_sandbox.PortTakenError,
)


def problem_lines(error: BaseException) -> list[str]:
    """Give one line for each problem."""
    if isinstance(error, DemoError | SettingsError | oasst_backend.settings.SettingsError):
        return error.problems
    if isinstance(error, discord_sandbox.PortTakenError):
        return [f"{error} As in: python -m bot sandbox --port 0"]
    return [str(error)]
