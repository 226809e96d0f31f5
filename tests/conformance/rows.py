"""All rows of the conformance table, gathered from the modules `cases_*` beside this one."""

import importlib
from pathlib import Path

from tests.conformance.table import Case

CASES: list[Case] = [
    case
    for file in sorted(Path(__file__).parent.glob("cases_*.py"))
    for case in importlib.import_module(f"tests.conformance.{file.stem}").CASES
]
