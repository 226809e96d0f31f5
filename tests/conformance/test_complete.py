"""The conformance table leaves nothing out: each limit, error code and permission has a row."""

from collections import Counter
from pathlib import Path

from discord_sandbox import Permission, errors, limits
from tests.conformance import rows

FOLDER = Path(__file__).parent


def _scenarios() -> str:
    """Give the text of the scenarios: what needs more than one request is shown there."""
    return "\n".join(file.read_text() for file in FOLDER.glob("test_*.py") if file.name != "test_complete.py")


def test_each_row_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(case.id for case in rows.CASES).items() if times > 1] == []


def test_each_error_code_has_a_row() -> None:
    shown = {case.code for case in rows.CASES}
    story = _scenarios()
    assert [code for code in errors.KNOWN if code not in shown and str(code) not in story] == []


def test_each_limit_has_a_row() -> None:
    shown = {name for case in rows.CASES for name in case.limits}
    known = [name for name in vars(limits) if name.isupper()]
    story = _scenarios()
    assert [name for name in known if name not in shown and f"limits.{name}" not in story] == []


def test_each_permission_has_a_row() -> None:
    """What happens to a bot that lacks it; `test_permissions` has a story where nothing is refused."""
    shown = {name for case in rows.CASES if case.code is not None for name in case.permissions}
    story = _scenarios()
    assert [
        one.name for one in Permission if one.name not in shown and f"Permission.{one.name}" not in story
    ] == []
