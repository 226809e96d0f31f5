"""The fields of a modal: what stands in them, and what a person puts in, as Discord's client checks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord_sandbox.errors import BadInput
from discord_sandbox.forms.components import ENTITY_SELECTS, TEXT_INPUT
from discord_sandbox.forms.message import Upload
from discord_sandbox.forms.modals import CHECKBOX, FILE_UPLOAD, RADIO_GROUP
from discord_sandbox.limits import units
from discord_sandbox.people.choices import Choice, amount, meant
from discord_sandbox.people.resolved import Resolved
from discord_sandbox.world.model import Channel, Json

if TYPE_CHECKING:
    from discord_sandbox.people.onlooker import Onlooker

FormValue = str | bool | Sequence[str] | Mapping[str, bytes] | None
"""What a field of a modal may hold, by its kind.

A text input holds a text; a menu or checkbox group labels (one alone needs no list); a radio group one label
or None; a checkbox yes or no; a file upload files by name.
"""

_SHORT = 1


@dataclass(slots=True, frozen=True)
class FieldView:
    """One field of a modal.

    Attributes:
        name: How to name it when filling: its label, with a number behind it if an earlier one has the same.
        label: Its label.
        description: The explanation beside the label; None if there is none.
        part: The component itself as Discord has it: a text input, menu, group, checkbox or file upload.
        choices: What it offers to choose from; empty where there is nothing to choose.
    """

    name: str
    label: str
    description: str | None
    part: Json
    choices: list[Choice]

    @property
    def kind(self) -> int:
        """The component's type."""
        return int(self.part["type"])

    @property
    def required(self) -> bool:
        """Whether it must be filled."""
        return bool(self.part.get("required", False))

    @property
    def standing(self) -> FormValue:
        """What stands in it when the modal opens."""
        if self.kind == TEXT_INPUT:
            return str(self.part.get("value", ""))
        if self.kind == FILE_UPLOAD:
            return {}
        if self.kind == CHECKBOX:
            return bool(self.part["default"])
        chosen = [one.label for one in self.choices if one.default]
        if self.kind == RADIO_GROUP:
            return chosen[0] if chosen else None
        return chosen

    @property
    def text(self) -> str:
        """What can be read on it when the modal opens, in one line."""
        notes = [*(["needed"] if self.required else []), *([self.description] if self.description else [])]
        head = f"{self.name} ({', '.join(notes)})" if notes else self.name
        if self.kind == TEXT_INPUT:
            return f"{head}: “{self.standing}”"
        if self.kind == CHECKBOX:
            return f"{head}: {'[x]' if self.standing else '[ ]'}"
        if self.kind == FILE_UPLOAD:
            return f"{head}: {amount(0, self.part['max_values'], 'file')}"
        options = [f"{one.label} [x]" if one.default else one.label for one in self.choices]
        return f"{head}: {' | '.join(options)}"

    def as_dict(self) -> Json:
        """Give it as JSON for a page: as Discord has it, with `name`, `label` and `description`.

        Menus of people, roles and channels have `options` as other menus do.
        """
        described = {**self.part, "name": self.name, "label": self.label, "description": self.description}
        if self.kind in ENTITY_SELECTS:
            described["options"] = [
                {"label": one.label, "value": one.value, "default": one.default} for one in self.choices
            ]
        return described


class Filler:
    """Fills the fields of one modal for one person, and gathers what the submission says besides."""

    def __init__(self, person: "Onlooker", where: Channel) -> None:
        self._person = person
        self._resolved = Resolved(person.store, where, person.id)

    @property
    def resolved(self) -> Json:
        """The people, roles, channels and files that were chosen, as an interaction describes them."""
        return self._resolved.data

    def fill(self, field: FieldView, given: FormValue) -> Json:
        """Give a field as it is sent.

        Args:
            field: The field.
            given: What it shall hold.

        Raises:
            NotVisible: It has no such option.
            BadInput: Discord's client would not send this.
        """
        part = field.part
        sent: Json = {"type": field.kind, "id": part["id"], "custom_id": part["custom_id"]}
        if field.kind == TEXT_INPUT:
            return {**sent, "value": _text(field, given)}
        if field.kind == CHECKBOX:
            if not isinstance(given, bool):
                raise BadInput(f"{field.name!r} is a checkbox: it takes True or False, not {given!r}.")
            return {**sent, "value": given}
        if field.kind == FILE_UPLOAD:
            return {**sent, "values": self._upload(field, given)}
        values = self._chosen(field, given)
        if field.kind == RADIO_GROUP:
            return {**sent, "value": values[0] if values else None}
        if field.kind in ENTITY_SELECTS:
            self._resolved.chosen(field.kind, values)
        return {**sent, "values": values}

    def _chosen(self, field: FieldView, given: FormValue) -> list[str]:
        if given == field.standing:
            # Two options may have the same label: what stands there is known better than by its label.
            values = [one.value for one in field.choices if one.default]
        else:
            values, unclear = meant(field.choices, _labels(field, given))
            if unclear:
                raise self._person.not_visible(f"{unclear} in {field.name!r}: {field.text}")
        _check_count(field, len(values), "option")
        return values

    def _upload(self, field: FieldView, given: FormValue) -> list[str]:
        if not isinstance(given, Mapping):
            raise BadInput(f"{field.name!r} takes files: a mapping of names to bytes, not {given!r}.")
        _check_count(field, len(given), "file")
        types = field.part.get("file_types", [])
        return [self._resolved.file(Upload(name, data), field.name, types) for name, data in given.items()]


def _text(field: FieldView, given: FormValue) -> str:
    if not isinstance(given, str):
        raise BadInput(f"{field.name!r} takes a text, not {given!r}.")
    if field.part["style"] == _SHORT and "\n" in given:
        raise BadInput(f"{field.name!r} has room for one line only.")
    if not given and not field.required:
        return given
    least, most = max(field.part["min_length"], int(field.required)), field.part["max_length"]
    if not least <= units(given) <= most:
        raise BadInput(f"{field.name!r} takes {least} to {most} characters, not {units(given)}.")
    return given


def _labels(field: FieldView, given: FormValue) -> list[str]:
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    if isinstance(given, bool | Mapping) or not all(isinstance(one, str) for one in given):
        raise BadInput(f"{field.name!r} takes labels of its options, not {given!r}.")
    return list(given)


def _check_count(field: FieldView, count: int, what: str) -> None:
    least: int = field.part.get("min_values", 1)
    most: int = field.part.get("max_values", 1)
    if least <= count <= most or (not count and not field.required):
        return
    allowed = amount(least if field.required or least > 1 else 0, most, what)
    none = "none or " if least > 1 and not field.required else ""
    raise BadInput(f"{field.name!r} takes {none}{allowed}, not {count}.")
