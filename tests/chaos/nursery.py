"""Gives birth to bots: a program that has imported everything, and forks a `python -m bot run` for each line.

To import it all takes seconds, and a bot that is killed a hundred times would do that a hundred times. It
prints the id of each process; at the end of its input it kills the one that lives.
"""

import importlib
import os
import signal
import sys

from bot.cli import main


def run_bot() -> None:
    """Be `python -m bot run`, with its words going where the errors go."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.argv = ["bot", "run"]
    main.app()


def serve() -> None:
    """Fork for each line."""
    importlib.import_module("bot.cli.run")  # as the command does, but once for all
    # Nobody waits for who was killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    child = 0
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            run_bot()
            return
        print(child, flush=True)  # noqa: T201  # what the parent waits for
    if child and is_alive(child):
        os.kill(child, signal.SIGKILL)


def is_alive(process: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    serve()
