"""The versioned custom_ids of the menu "Contribute": its form, the choice of a language, the way back."""

from typing import Final

from bot.numbers import number_in

PREFIX: Final = "contribute:1:"

MODAL: Final = f"{PREFIX}text"
"""The form with the text, in as many of `forms.custom_ids.MODAL_INPUTS` as it needs."""

_LANGUAGE: Final = f"{PREFIX}language:"
_CANCEL: Final = f"{PREFIX}cancel:"


def language_id(contribution_id: int) -> str:
    """Return the custom_id of the menu that asks in which language a kept text is."""
    return f"{_LANGUAGE}{contribution_id}"


def cancel_id(contribution_id: int) -> str:
    """Return the custom_id of the button that takes a kept text back."""
    return f"{_CANCEL}{contribution_id}"


def is_cancel(custom_id: str) -> bool:
    """Say whether a custom_id is that of a button which takes a text back."""
    return custom_id.startswith(_CANCEL)


def contribution_of(custom_id: str) -> int | None:
    """Return which kept text a control is about; None where it names none."""
    return number_in(custom_id.rpartition(":")[2])
