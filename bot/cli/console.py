"""What the command line prints, and how it ends when something is wrong."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer
from rich.console import Console

out = Console(highlight=False, soft_wrap=True)

EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2


def fail(problems: str | Sequence[str], *, code: int = EXIT_FAILURE) -> NoReturn:
    """End the program with one clear line per problem on stderr and a non-zero exit code."""
    lines = [problems] if isinstance(problems, str) else problems
    for line in lines:
        sys.stderr.write(f"error: {line}\n")
    raise typer.Exit(code)
