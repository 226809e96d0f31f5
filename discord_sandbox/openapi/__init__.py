"""Checks requests and answers against Discord's own OpenAPI description, where that file is at hand."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from discord_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from discord_sandbox.openapi.description import Description

VARIABLE = "DISCORD_OPENAPI"
"""The environment variable that names the description, where `Sandbox` is not told."""


class DescriptionError(SandboxError):
    """The description of Discord's API cannot be read, or what reads it is not installed."""


def find_description(path: Path | str | None) -> "Description | None":
    """Give the description at a path, or at the one in the environment; None if neither is given.

    Raises:
        DescriptionError: There is no such file, it is no OpenAPI description, or `jsonschema_rs` is missing.
    """
    named = path or os.environ.get(VARIABLE)
    if not named:
        return None
    where = Path(named).absolute()
    if not where.is_file():
        raise DescriptionError(
            f"There is no file {where}. Give the path of Discord's openapi.json, or unset {VARIABLE} "
            "to go without the check."
        )
    try:
        from discord_sandbox.openapi.description import read_description  # noqa: PLC0415 - needs an extra
    except ImportError as error:
        raise DescriptionError(
            f"To check against {where}, install the extra `openapi` (it brings jsonschema_rs)."
        ) from error
    return read_description(where)
