"""What a menu or a group of a form offers to one person, and which of it they mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord_sandbox.forms.components import ENTITY_SELECTS
from discord_sandbox.people.reading import emoji_of, fitting, names
from discord_sandbox.world.model import Channel, Json

if TYPE_CHECKING:
    from discord_sandbox.people.onlooker import Onlooker


@dataclass(slots=True, frozen=True)
class Choice:
    """One thing to choose.

    Attributes:
        label: What is shown.
        value: What the bot gets: an id in menus of people, roles and channels.
        emoji: What is shown before the label.
        default: Whether it is chosen already.
    """

    label: str
    value: str
    emoji: str | None = None
    default: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What it can be called, its label first."""
        named = {"label": self.label, "emoji": {"name": self.emoji}}
        return (*names(named), self.value)


def offered(person: "Onlooker", where: Channel, part: Json) -> list[Choice]:
    """Give what a menu or group offers, as one person sees it.

    Args:
        person: Who looks.
        where: The channel in which they look.
        part: A select menu of any kind, a radio group, a checkbox group, or what offers nothing.
    """
    if "options" in part:
        return [
            Choice(one["label"], one["value"], emoji_of(one), one.get("default", False))
            for one in part["options"]
        ]
    if part["type"] not in ENTITY_SELECTS:
        return []
    chosen = {str(one["id"]) for one in part.get("default_values", ())}
    return [
        Choice(name, found, default=found in chosen)
        for name, found in person.pickable(where, part["type"], part.get("channel_types"))
    ]


def meant(choices: list[Choice], wanted: Iterable[str]) -> tuple[list[str], str | None]:
    """Give the values that somebody means, each once, and the first name that fits none or several.

    Args:
        choices: What there is.
        wanted: Labels, emojis, values, or beginnings of one label each.
    """
    known = [one.names for one in choices]
    values: list[str] = []
    for name in wanted:
        places = fitting(known, name)
        if len(places) != 1:
            return values, f"{len(places) or 'no'} options {name!r}"
        values.append(choices[places[0]].value)
    return list(dict.fromkeys(values)), None


def amount(least: int, most: int, what: str) -> str:
    """Say how many are taken, such as "1 option", "up to 3 files" or "2 to 5 options"."""
    shown = f"{most} {what}" + ("" if most == 1 else "s")
    if least == most:
        return shown
    return f"{least} to {shown}" if least else f"up to {shown}"
