"""The two steps before a deletion, as panels, and the custom_ids of everything about one's own data."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import hikari

from bot.forms.controls import plain_button, row
from bot.rendering.panels import Panel
from bot.texts import Texts

PREFIX: Final = "data:1:"
EXPORT_ID: Final = f"{PREFIX}export"
DELETE_ID: Final = f"{PREFIX}delete"
"""The buttons that do what the commands do, for whoever presses them."""

_COLOUR: Final = 0x5865F2
_WARNING_COLOUR: Final = 0xED4245
_STEP: Final = re.compile(rf"{PREFIX}(ask|do|back|cancel)(?::(keep|remove))?:([1-9]\d{{0,19}})")


class Step(StrEnum):
    """What a button of the panel does."""

    ask = "ask"
    """It shows the second step."""
    do = "do"
    back = "back"
    cancel = "cancel"


class Way(StrEnum):
    """How a person leaves."""

    keep = "keep"
    """Their name goes, what they gave stays."""
    remove = "remove"
    """Everything goes."""


@dataclass(frozen=True, slots=True)
class DataEvent:
    """What a custom_id says: the step, the way where it has one, and whose panel it is."""

    step: Step
    way: Way | None
    user_id: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a person has under way.

    Attributes:
        has_task: whether a task of theirs is open.
        undelivered: answers and labels that the backend does not have yet.
    """

    has_task: bool
    undelivered: int


def parse(custom_id: str) -> DataEvent | None:
    """Read what a button says; None where it was never made here."""
    found = _STEP.fullmatch(custom_id)
    if found is None:
        return None
    step, way = Step(found[1]), None if found[2] is None else Way(found[2])
    if (step in {Step.ask, Step.do}) != (way is not None):
        return None
    return DataEvent(step, way, int(found[3]))


def first_step(user_id: int, unfinished: Unfinished, texts: Texts) -> Panel:
    """Show both ways, what each of them does, and what remains."""
    embed = hikari.Embed(title=texts("data.title"), description=texts("data.about"), color=_COLOUR)
    for way in Way:
        embed.add_field(texts(f"data.{way.value}.name"), texts(f"data.{way.value}.about"))
    embed.add_field(texts("data.remains.name"), texts("data.remains.about"))
    _warn(embed, unfinished, texts)
    buttons = (
        plain_button(_id(Step.ask, Way.keep, user_id), texts("data.keep.button"), hikari.ButtonStyle.PRIMARY),
        plain_button(
            _id(Step.ask, Way.remove, user_id), texts("data.remove.button"), hikari.ButtonStyle.DANGER
        ),
        plain_button(_id(Step.cancel, None, user_id), texts("data.cancel")),
    )
    return Panel(embeds=(embed,), rows=(row(*buttons),))


def second_step(user_id: int, way: Way, unfinished: Unfinished, texts: Texts) -> Panel:
    """Ask whether it is really meant."""
    embed = hikari.Embed(
        title=texts(f"data.{way.value}.sure"),
        description=texts(f"data.{way.value}.sure_about"),
        color=_WARNING_COLOUR,
    )
    _warn(embed, unfinished, texts, way)
    buttons = (
        plain_button(_id(Step.do, way, user_id), texts(f"data.{way.value}.yes"), hikari.ButtonStyle.DANGER),
        plain_button(_id(Step.back, None, user_id), texts("data.back")),
        plain_button(_id(Step.cancel, None, user_id), texts("data.cancel")),
    )
    return Panel(embeds=(embed,), rows=(row(*buttons),))


def _warn(embed: hikari.Embed, unfinished: Unfinished, texts: Texts, way: Way | None = None) -> None:
    """Say what becomes of what is under way, where something is."""
    lines = []
    if unfinished.has_task:
        lines.append(texts("data.open_task"))
    if unfinished.undelivered and way is not None:
        lines.append(texts(f"data.undelivered.{way.value}", count=texts.number(unfinished.undelivered)))
    if lines:
        embed.add_field(texts("data.under_way"), "\n".join(lines))


def _id(step: Step, way: Way | None, user_id: int) -> str:
    parts = [step.value, *([] if way is None else [way.value]), str(user_id)]
    return PREFIX + ":".join(parts)
