"""Who may do what as the documentation says it: the tests hold the bot to that, not to its own table."""

import re
from pathlib import Path
from typing import Final

from bot.access import Role, Rule

_PAGE: Final = Path(__file__).parents[2] / "docs" / "commands.md"
_ROW: Final = re.compile(r"^\| (\w+) \| (\w+) \| (anywhere|on a server) \|$", re.MULTILINE)
_WHO: Final = {
    "everybody": Role.everybody,
    "contributors": Role.contributor,
    "moderators": Role.moderator,
    "managers": Role.manager,
}

DOCUMENTED: Final = {
    deed: Rule(_WHO[who], guild_only=where == "on a server")
    for deed, who, where in _ROW.findall(_PAGE.read_text(encoding="utf-8"))
}
"""The rules by the name of what is done, in the page's order."""
