"""The benchmark of the backend runs and says what it measured; how fast the backend is, is not asked here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent


@pytest.mark.timeout(300)  # it starts three servers and warms them up
def test_the_benchmark_of_the_backend_prints_its_table() -> None:
    sizes = ("--sizes", "8,16", "--rounds", "1", "--seconds", "0.3")
    run = subprocess.run(
        [sys.executable, "benchmarks/backend.py", *sizes],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert re.search(r"^ +req/s +cycles/s ", run.stdout, re.MULTILINE)
    for name in ("floor", "8 trees", "16 trees"):
        assert re.search(rf"^ +{name} +\d+ ", run.stdout, re.MULTILINE), run.stdout
