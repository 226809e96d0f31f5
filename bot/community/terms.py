"""The terms before a person's first contribution: the panel, its buttons, and what the person came for."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import hikari

from bot.limits import CUSTOM_ID
from bot.rendering.panels import Panel
from bot.store.people import People
from bot.texts import Texts
from oasst_client.tasks import TaskRequestType

TERMS_VERSION: Final = 1
"""Goes up when the terms' meaning changes; everybody is then asked again, once."""

ID_PREFIX: Final = "terms:1:"
DECLINE_ID: Final = f"{ID_PREFIX}decline"

_ACCEPT: Final = f"{ID_PREFIX}accept:"
_COLOUR: Final = 0x5865F2


@dataclass(frozen=True, slots=True)
class TaskWish:
    """The person wanted a task; `lang` is a BCP 47 tag, None where the person named no language."""

    kind: TaskRequestType
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class LabelWish:
    """The person wanted to label a message of the dataset."""

    message_id: UUID


Wish = TaskWish | LabelWish


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the button "I accept" says: which version was shown, and what to go on with."""

    version: int
    wish: Wish


async def terms_needed(people: People, user_id: int) -> bool:
    """Tell whether the person has yet to accept the terms as they are now."""
    accepted = await people.accepted_terms(user_id)
    return accepted is None or accepted < TERMS_VERSION


def terms_panel(wish: Wish, texts: Texts, *, notice: str = "") -> Panel:
    """Show the terms with "I accept" and "Not now"; accepting goes on with the wish."""
    embed = hikari.Embed(
        title=texts("terms.title"), description=texts.template("terms.md.j2"), color=_COLOUR
    ).set_footer(texts("terms.footer", version=TERMS_VERSION))
    row = hikari.impl.MessageActionRowBuilder()
    row.add_interactive_button(hikari.ButtonStyle.SUCCESS, accept_id(wish), label=texts("terms.accept"))
    row.add_interactive_button(hikari.ButtonStyle.SECONDARY, DECLINE_ID, label=texts("terms.decline"))
    return Panel(content=notice, embeds=(embed,), rows=(row,))


def accept_id(wish: Wish, version: int = TERMS_VERSION) -> str:
    """Return the custom_id of "I accept": it carries the wish, so that it works after any restart."""
    match wish:
        case TaskWish(kind, lang):
            built = f"{_ACCEPT}{version}:task:{kind.value}:{lang or ''}"
        case LabelWish(message_id):
            built = f"{_ACCEPT}{version}:label:{message_id}"
    if len(built) > CUSTOM_ID:
        raise ValueError("the wish does not fit a custom_id")
    return built


def parse_accept_id(custom_id: str) -> Acceptance | None:
    """Read what "I accept" says; None where it is another button, or one that was never made here."""
    if not custom_id.startswith(_ACCEPT):
        return None
    version, _, wanted = custom_id.removeprefix(_ACCEPT).partition(":")
    what, _, rest = wanted.partition(":")
    try:
        if what == "task":
            kind, _, lang = rest.partition(":")
            return Acceptance(int(version), TaskWish(TaskRequestType(kind), lang or None))
        if what == "label":
            return Acceptance(int(version), LabelWish(UUID(rest)))
    except ValueError:
        return None
    return None
