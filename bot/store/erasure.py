"""How a person leaves, as the outbox keeps it until the backend has heard of it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Remainder(StrEnum):
    """What a backend keeps though it did what it could."""

    nothing = "nothing"
    texts = "texts"
    """It has the texts marked as deleted."""
    hidden = "hidden"
    """It has everything, under another name and on no board."""
    everything = "everything"


class ErasureOrder(BaseModel):
    """The payload of an entry of the kind `erase`.

    Attributes:
        keep_texts: whether what they gave stays, without their name.
        locale: theirs, as Discord names it.
        application_id, token: of the interaction whose answer tells them of it, for fifteen minutes.
        remainder: what the backend keeps, once that is known.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    keep_texts: bool
    locale: str
    application_id: int
    token: str
    remainder: Remainder = Remainder.nothing
