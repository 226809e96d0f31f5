"""The terms before a person's first contribution: the panels, their buttons, and what the person came for."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import hikari

from bot.forms.controls import link_button, plain_button, row
from bot.limits import CUSTOM_ID
from bot.numbers import number_in
from bot.rendering.panels import Panel
from bot.rendering.splitting import split_markdown
from bot.sessions.contribution_ids import cancel_id
from bot.sessions.wish import Wish
from bot.sessions.work_ids import parse_value, value_of
from bot.store.people import People
from bot.texts import Texts

TERMS_VERSION: Final = 1
"""Goes up when the terms' meaning changes; everybody is then asked again, once."""

ID_PREFIX: Final = "terms:1:"
DECLINE_ID: Final = f"{ID_PREFIX}decline"

FULL_ID: Final = f"{ID_PREFIX}full"
"""The button that shows the whole of the terms."""

PAGE_LENGTH: Final = 2000
"""UTF-16 units of the whole terms that are shown at a time."""

_PAGE: Final = f"{ID_PREFIX}page:"
_ACCEPT: Final = f"{ID_PREFIX}accept:"
_TASK: Final = "task"
_TASK_IN: Final = "task_in"
_TASK_ONLY: Final = "task_only"
_LABEL: Final = "label"
_REPORT: Final = "report"
_CONTRIBUTE: Final = "contribute"
_COLOUR: Final = 0x5865F2


@dataclass(frozen=True, slots=True)
class LabelWish:
    """The person wanted to label a message of the dataset."""

    message_id: UUID


@dataclass(frozen=True, slots=True)
class ReportWish:
    """The person wanted to report a message of the dataset."""

    message_id: UUID


@dataclass(frozen=True, slots=True)
class ContributeWish:
    """The person wanted to give a text, which is kept meanwhile, as a first message."""

    contribution_id: int


Purpose = Wish | LabelWish | ReportWish | ContributeWish
"""What a person came for, when they were asked to accept the terms first."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the button "I accept" says: which version was shown, and what to go on with."""

    version: int
    purpose: Purpose


async def terms_needed(people: People, user_id: int) -> bool:
    """Tell whether the person has yet to accept the terms as they are now."""
    accepted = await people.accepted_terms(user_id)
    return accepted is None or accepted < TERMS_VERSION


def terms_panel(purpose: Purpose, texts: Texts, *, notice: str = "") -> Panel:
    """Show the terms with "I accept" and "Not now"; accepting goes on with what the person came for."""
    embed = hikari.Embed(
        title=texts("terms.title"), description=texts.template("terms.md.j2"), color=_COLOUR
    ).set_footer(texts("terms.footer", version=TERMS_VERSION))
    accept = plain_button(accept_id(purpose), texts("terms.accept"), hikari.ButtonStyle.SUCCESS)
    decline = plain_button(_decline_id(purpose), texts("terms.decline"))
    url, words = texts.terms_url, texts("terms.full")
    full = link_button(url, words) if url else plain_button(FULL_ID, words)
    return Panel(content=notice, embeds=(embed,), rows=(row(accept, decline, full),))


def full_terms_panel(page: int, texts: Texts) -> Panel:
    """Show a page (from 0) of the whole terms; one that is not there gives the nearest."""
    pages = split_markdown(texts.template("terms_full.md.j2"), PAGE_LENGTH)
    page = min(max(page, 0), len(pages) - 1)
    embed = hikari.Embed(title=texts("terms.full_title"), description=pages[page], color=_COLOUR)
    if len(pages) == 1:
        return Panel(embeds=(embed,))
    embed.set_footer(texts("terms.page", page=page + 1, pages=len(pages)))
    back = plain_button(f"{_PAGE}{page - 1}", texts("terms.back"), disabled=page == 0)
    onward = plain_button(f"{_PAGE}{page + 1}", texts("terms.next"), disabled=page == len(pages) - 1)
    return Panel(embeds=(embed,), rows=(row(back, onward),))


def parse_page_id(custom_id: str) -> int | None:
    """Read which page (from 0) of the whole terms a button leads to; None where it is another button."""
    return number_in(custom_id.removeprefix(_PAGE)) if custom_id.startswith(_PAGE) else None


def accept_id(purpose: Purpose, version: int = TERMS_VERSION) -> str:
    """Return the custom_id of "I accept": it carries the purpose, so that it works after any restart."""
    return with_purpose(f"{_ACCEPT}{version}:", purpose)


def _decline_id(purpose: Purpose) -> str:
    """Return the custom_id of "Not now": a text that was given goes back."""
    return cancel_id(purpose.contribution_id) if isinstance(purpose, ContributeWish) else DECLINE_ID


def parse_accept_id(custom_id: str) -> Acceptance | None:
    """Read what "I accept" says; None where it is another button, or one that was never made here."""
    if not custom_id.startswith(_ACCEPT):
        return None
    shown, _, value = custom_id.removeprefix(_ACCEPT).partition(":")
    version, purpose = number_in(shown), parse_purpose(value)
    return None if version is None or purpose is None else Acceptance(version, purpose)


def with_purpose(prefix: str, purpose: Purpose) -> str:
    """Return a custom_id that carries a purpose behind a prefix.

    Raises:
        ValueError: it does not fit.
    """
    match purpose:
        case Wish():
            what = _TASK if purpose.takes_other_langs else _TASK_ONLY
            if purpose.remembers_lang:
                what = _TASK_IN
            built = f"{prefix}{what}:{value_of(purpose)}"
        case LabelWish(message_id):
            built = f"{prefix}{_LABEL}:{message_id}"
        case ReportWish(message_id):
            built = f"{prefix}{_REPORT}:{message_id}"
        case ContributeWish(contribution_id):
            built = f"{prefix}{_CONTRIBUTE}:{contribution_id}"
    if len(built) > CUSTOM_ID:
        raise ValueError("the purpose does not fit a custom_id")
    return built


def parse_purpose(value: str) -> Purpose | None:
    """Read the purpose that a custom_id carries; None where it is none that was made here."""
    what, _, rest = value.partition(":")
    if what in (_LABEL, _REPORT):
        try:
            message_id = UUID(rest)
        except ValueError:
            return None
        return LabelWish(message_id) if what == _LABEL else ReportWish(message_id)
    if what == _CONTRIBUTE:
        contribution_id = number_in(rest)
        return None if contribution_id is None else ContributeWish(contribution_id)
    wish = parse_value(rest) if what in (_TASK, _TASK_IN, _TASK_ONLY) else None
    if wish is None:
        return None
    return replace(wish, remembers_lang=what == _TASK_IN, takes_other_langs=what == _TASK)
