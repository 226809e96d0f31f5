"""The shapes of a report on what work there is for a person, and of what the rest waits for."""

from enum import StrEnum

from pydantic import Field

from oasst_client.models import ProtocolModel


class NoWorkReason(StrEnum):
    """Why there is no work of a type for a person."""

    none_wanted = "none_wanted"
    """Nothing in this language has come to this stage."""
    done_by_person = "done_by_person"
    """This person has written, done or skipped all there is, or has it in hand."""
    others_at_work = "others_at_work"
    """Others have in hand what there is; it may come free again."""
    enough_prompts = "enough_prompts"
    """Enough prompts are under review or wait to grow."""
    never_handed_out = "never_handed_out"
    """By its settings this backend does not hand out this type, or not in this language."""


class WorkOfType(ProtocolModel):
    """The work of one type for a person: how much there is, 0 or more, and where there is none, why."""

    count: int
    reason: str | None = None
    """A `NoWorkReason`, or one that this client does not know; None where there is work."""


class WaitsFor(StrEnum):
    """What trees wait for."""

    reviews = "reviews"
    replies = "replies"
    rankings = "rankings"
    places = "places"
    """Their turn to grow: accepted prompts wait until fewer trees grow."""


class WaitingTrees(ProtocolModel):
    """Trees in one state that wait for the same thing; a growing one may wait for two things."""

    state: str
    waits_for: str
    """A `WaitsFor`, or something that this client does not know."""
    trees: int
    """How many trees wait for it."""
    missing: int
    """How much of it is missing to all of them together, what somebody has in hand included."""


class WorkReport(ProtocolModel):
    """What work there is for a person in a language, and what the trees of the language wait for."""

    lang: str
    types: dict[str, WorkOfType]
    """By the names of all types that the backend knows; `random` is the sum of the others."""
    trees: list[WaitingTrees] = Field(default_factory=list)
    languages: dict[str, int] = Field(default_factory=dict)
    """How much work there is for the person by language, the most first; those without any are left out."""
