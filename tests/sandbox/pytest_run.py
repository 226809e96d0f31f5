"""Real runs of pytest on small test files, and what came of each test."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGIN = "discord_sandbox.pytest_plugin"


class Run:
    """What a run of pytest said: the outcome of each test, and the whole text."""

    def __init__(
        self, folder: Path, *options: str, path: tuple[Path, ...] = (), installed: bool = False
    ) -> None:
        """Run pytest in a folder; only with `installed` are the plugins loaded that are installed."""
        places = os.pathsep.join(str(one) for one in (*path, ROOT))
        autoload = {} if installed else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        blocked = [
            f"-pno:{name}" for name in ("schemathesis", "hypothesispytest", "anyio", "randomly", "xdist")
        ]
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *blocked, *options],
            cwd=folder,
            env={
                **os.environ,
                **autoload,
                "PYTHONPATH": places,
                "PYTHONDONTWRITEBYTECODE": "1",
                "COLUMNS": "200",
            },
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        self.code = ran.returncode
        self.text = ran.stdout + ran.stderr
        self._outcomes = re.findall(r"^\S+::(\w+) (\w+)", ran.stdout, re.MULTILINE)

    def outcomes(self, test: str) -> list[str]:
        """Give what came of a test; a pass may be followed by an error of its end."""
        found = [outcome for name, outcome in self._outcomes if name == test]
        assert found, self.text
        return found

    def about(self, test: str) -> str:
        """Give what stands below the headings of a test: failures and errors."""
        parts = re.split(r"^_{3,} (.*?) _{3,}$", self.text, flags=re.MULTILINE)
        return "\n".join(
            text for name, text in zip(parts[1::2], parts[2::2], strict=True) if name.split()[-1] == test
        )
