"""The benchmarks run and say what they measured; how fast anything is, is not asked here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backend.long_tests import LONG_TESTS

TOP = Path(__file__).parent.parent

takes_long = pytest.mark.skipif(not LONG_TESTS, reason="takes a minute; OASST_LONG_TESTS=1 runs it")


@takes_long
@pytest.mark.timeout(300)  # it starts three servers and warms them up
def test_the_benchmark_of_the_backend_prints_its_table() -> None:
    printed = _run("backend.py", "--sizes", "8,16", "--rounds", "1", "--seconds", "0.3")
    assert re.search(r"^ +req/s +cycles/s ", printed, re.MULTILINE)
    for name in ("floor", "8 trees", "16 trees"):
        assert re.search(rf"^ +{name} +\d+ ", printed, re.MULTILINE), printed


def test_the_benchmark_of_the_sandbox_prints_its_table() -> None:
    run = _ran("sandbox.py", "--rounds", "1", "--interactions", "12", "--at-once", "3")
    printed = run.stdout
    assert re.search(r"^ +sandbox us +bot us +ratio ", printed, re.MULTILINE)
    for name in ("lean", "keep-alive", "default"):
        for at_once in (1, 3):
            row = rf"^ *{name}, {at_once} at once +\d+ +\d+ +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d$"
            assert re.search(row, printed, re.MULTILINE), printed
    assert re.search(r"^ *lean, 3 at once, without people +\d+ ", printed, re.MULTILINE), printed
    worst = re.search(r"^highest ratio with people: (\S+) \(wanted: 1.5 or less\)$", printed, re.MULTILINE)
    assert worst is not None, printed
    assert run.returncode == (float(worst[1]) > 1.5), run.stderr


def test_the_benchmark_of_the_sandbox_profiles_it() -> None:
    printed = _run("sandbox.py", "--profile", "--interactions", "12", "--at-once", "3")
    assert re.search(r"^lean, 1 at once$", printed, re.MULTILINE)
    assert re.search(r"^ +12 .*interaction\.py:\d+\(begin\)$", printed, re.MULTILINE), printed


@takes_long
@pytest.mark.timeout(300)  # it starts seven bots, one after the other
def test_the_benchmark_of_the_bot_prints_its_tables() -> None:
    run = _ran("bot.py", "--rounds", "1", "--people", "3", "--guilds", "2")
    printed = run.stdout
    names = ("/task (ranking)", "choose", "send (ranking)", "done", "/task (text)", "write", "submit")
    for name in (*names, "send (text)"):
        assert re.search(rf"^ *{re.escape(name)} +[1-9]\d* +\d+ +[1-9]\d* +\d+$", printed, re.MULTILINE), (
            printed
        )
        for at_once in (1, 3):
            row = rf"^ *{re.escape(name)}, {at_once} at once +\d+ +\d+ +\d+\.\d\d( +\d+\.\d){{4}}$"
            assert re.search(row, printed, re.MULTILINE), printed
    for guilds in (1, 2):
        assert re.search(rf"^memory with {guilds} guilds: \d+ MB ", printed, re.MULTILINE), printed
    worst = re.search(r"^highest ratio: (\S+) \(wanted: 2.0 or less\)$", printed, re.MULTILINE)
    assert worst is not None, printed + run.stderr
    assert run.returncode == (float(worst[1]) > 2.0), run.stderr


@takes_long
def test_the_benchmark_of_the_bot_profiles_it() -> None:
    printed = _run("bot.py", "--profile", "--rounds", "1", "--people", "1")
    assert re.search(r"answering\.py:\d+\(", printed), printed


def _run(script: str, *options: str) -> str:
    run = _ran(script, *options)
    assert run.returncode == 0, run.stderr
    return run.stdout


def _ran(script: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, f"benchmarks/{script}", *options],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
