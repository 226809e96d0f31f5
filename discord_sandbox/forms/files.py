"""Checks which files a modal's upload or a command's option takes."""

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import Path, values
from discord_sandbox.world.model import Json

FILE_KINDS = ("image", "video", "audio")
"""What may be asked for besides file name extensions."""


def check_file_types(errors: FormErrors, node: Json, path: Path) -> None:
    """Check the list `file_types`: at most 10 kinds and extensions such as `.pdf`."""
    listed = values(errors, node, "file_types", path)
    where = (*path, "file_types")
    if len(listed) > limits.FILE_TYPES:
        errors.bad_length(where, 0, limits.FILE_TYPES)
    for i, one in enumerate(listed):
        if one not in FILE_KINDS and not (isinstance(one, str) and one.startswith(".") and len(one) > 1):
            errors.bad_choice((*where, i), (*FILE_KINDS, ".extension"))
