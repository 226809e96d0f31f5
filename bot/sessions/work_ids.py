"""The versioned custom_ids of what stands below "there is no task": they carry the kind and the language."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot import languages
from bot.sessions.wish import Wish
from oasst_client import TaskRequestType

PREFIX: Final = "work:1:"

CHOOSE: Final = f"{PREFIX}choose"
"""The menu of what there is instead; its values are those of `value_of`."""


class WorkAction(StrEnum):
    """What a person does about work: takes it, or says whether and where to be told of it."""

    take = "take"
    tell = "tell"
    here = "here"
    direct = "direct"
    forget = "forget"


@dataclass(frozen=True)
class WorkId:
    """What a custom_id says."""

    action: WorkAction
    wish: Wish

    def __str__(self) -> str:
        return f"{PREFIX}{self.action.value}:{value_of(self.wish)}"


def value_of(wish: Wish) -> str:
    """Write a wish as the value of a menu."""
    return f"{wish.task_type.value}:{wish.lang}"


def parse_value(value: str) -> Wish | None:
    """Read the value of a menu; None where it is none that was made here."""
    kind, _, lang = value.partition(":")
    if languages.understand(lang) != lang:
        return None
    try:
        return Wish(TaskRequestType(kind), lang)
    except ValueError:
        return None


def parse_work_id(custom_id: str) -> WorkId | None:
    """Read a custom_id of a button; None where it is none that was made here."""
    action, _, value = custom_id.removeprefix(PREFIX).partition(":")
    wish = parse_value(value)
    if wish is None or not custom_id.startswith(PREFIX):
        return None
    try:
        return WorkId(WorkAction(action), wish)
    except ValueError:
        return None
