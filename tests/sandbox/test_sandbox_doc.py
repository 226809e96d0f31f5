"""The example in the sandbox's documentation runs as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_first_example_of_the_documentation_runs() -> None:
    example = re.search(
        r"```python\n(import asyncio.*?)```", (ROOT / "docs/sandbox.md").read_text(), re.DOTALL
    )
    assert example is not None
    ran = subprocess.run(
        [sys.executable, "-c", example[1]], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "Hello!" in ran.stdout.splitlines()
