"""The question in which language a text is that somebody gives as a first message."""

from collections.abc import Sequence
from typing import Final

from bot.forms.controls import menu, option, plain_button, row
from bot.limits import SELECT_OPTIONS
from bot.rendering.conversation import CHOICE_COLOUR, Block, panels
from bot.rendering.panels import Panel
from bot.sessions.contribution_ids import cancel_id, language_id
from bot.store.contributions import Contribution
from bot.texts import Texts

_BEGINNING: Final = 1500
"""UTF-16 units of the text that are shown; its author knows it."""


def language_panel(contribution: Contribution, known: Sequence[str], texts: Texts) -> Panel:
    """Show the beginning of a text, and ask which of a person's languages it is in.

    Args:
        contribution: the text.
        known: BCP 47 tags, at least one; more than a menu takes are left out.
        texts: the reader's language.
    """
    block = Block(texts("heading.draft"), contribution.text, CHOICE_COLOUR, shorten_to=_BEGINNING)
    shown = panels(texts("contribute.which_language"), [block], texts)[0]
    options = [option(texts.language_name(tag), tag) for tag in known[:SELECT_OPTIONS]]
    choice = menu(language_id(contribution.id), texts("contribute.choose_language"), options)
    cancel = plain_button(cancel_id(contribution.id), texts("button.cancel"))
    return Panel(shown.content, embeds=shown.embeds, rows=(row(choice), row(cancel)))
