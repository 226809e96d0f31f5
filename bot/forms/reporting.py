"""The question which of a task's texts is to be reported, and what its answer says."""

from collections.abc import Sequence

from bot import limits
from bot.forms.controls import menu, option, row
from bot.forms.custom_ids import REPORT_PREFIX
from bot.forms.named_texts import NamedText
from bot.rendering.markdown import preview
from bot.rendering.panels import Panel
from bot.texts import Texts

_PER_MENU = limits.SELECT_OPTIONS
MOST = _PER_MENU * limits.ROWS
"""How many texts there is room for."""


def which_panel(code: str, reportable: Sequence[NamedText], texts: Texts) -> Panel:
    """Ask which text is to be reported, or say why none can be.

    Args:
        code: the session's.
        reportable: the texts.
        texts: the reader's language.
    """
    if not any(one.block.message_id for one in reportable):
        return Panel(texts("report.without_id"))
    options = [
        option(one.block.heading, str(position), description=preview(one.block.text, limits.OPTION_TEXT))
        for position, one in enumerate(reportable[:MOST])
    ]
    groups = [options[first : first + _PER_MENU] for first in range(0, len(options), _PER_MENU)]
    rows = [
        row(menu(f"{REPORT_PREFIX}{code}:{number}", texts("report.choose"), group))
        for number, group in enumerate(groups)
    ]
    return Panel(texts("report.which"), rows=tuple(rows))


def session_code(custom_id: str) -> str:
    """Return the code of the session whose texts a menu offers."""
    return custom_id.removeprefix(REPORT_PREFIX).rpartition(":")[0]


def chosen_text(values: Sequence[str], reportable: Sequence[NamedText]) -> NamedText | None:
    """Return the text that was chosen; None where there is none like that."""
    known = {str(position): one for position, one in enumerate(reportable)}
    return known.get(values[0]) if values else None
