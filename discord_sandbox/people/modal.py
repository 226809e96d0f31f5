"""An open modal as a person sees it: what stands in its fields, and filling and sending it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from discord_sandbox.errors import InteractionFailed
from discord_sandbox.forms.components import ROW, TEXT
from discord_sandbox.forms.modals import LABEL
from discord_sandbox.people.choices import offered
from discord_sandbox.people.fields import FieldView, Filler, FormValue
from discord_sandbox.people.reading import fitting
from discord_sandbox.world.interaction import Interaction
from discord_sandbox.world.model import Channel, Json

if TYPE_CHECKING:
    from discord_sandbox.people.onlooker import Onlooker
    from discord_sandbox.people.response import Response


@dataclass(slots=True)
class ModalView:
    """An open modal.

    Attributes:
        actor: Who sees it.
        interaction: What opened it.
        components: What stands in it, as Discord has it.
        fields: Its fields from top to bottom.
        inputs: What stands in each field, by name; see `FormValue` for what each kind holds.
        open: Whether it is still on the screen.
    """

    actor: "Onlooker"
    interaction: Interaction
    title: str
    custom_id: str
    components: list[Json]
    fields: list[FieldView] = field(init=False)
    inputs: dict[str, FormValue] = field(init=False)
    open: bool = True

    def __post_init__(self) -> None:
        self.fields = _fields(self.actor, self.interaction.channel, self.components)
        self.inputs = {one.name: one.standing for one in self.fields}

    @property
    def text(self) -> str:
        """All that can be read on it, and what stands in its fields when it opens."""
        shown = [one.text if isinstance(one, FieldView) else str(one["content"]) for one in self._shown()]
        return "\n".join([self.title, *shown])

    async def submit(self, values: Mapping[str, FormValue] | None = None) -> "Response":
        """Fill the fields and send.

        Args:
            values: What to put into the fields, by label (a beginning is enough); fields that are not named
                keep what stands in them. See `FormValue` for what each kind takes.

        Raises:
            NotVisible: A label or an option is not there, or the modal is closed.
            BadInput: Discord's client would not send it: too short, too long, or a needed field is empty.
            InteractionFailed: The bot did not answer in time.
        """
        if not self.open:
            raise self.actor.not_visible(f"that the modal {self.title!r} is closed")
        filled = {**self.inputs, **{self._named(name): value for name, value in (values or {}).items()}}
        filler = Filler(self.actor, self.interaction.channel)
        sent = {one.part["custom_id"]: filler.fill(one, filled[one.name]) for one in self.fields}
        data: Json = {
            "custom_id": self.custom_id,
            "components": [_submitted(one, sent) for one in self.components],
        }
        if filler.resolved:
            data["resolved"] = filler.resolved
        self.open = False
        try:
            return await self.actor.submit_modal(self, data)
        except InteractionFailed:
            # Discord's client keeps the form and lets the person try again.
            self.open = True
            raise

    def dismiss(self) -> None:
        """Close it without sending; the bot does not learn of it."""
        self.open = False

    def as_dict(self) -> Json:
        """Give it as JSON for a page.

        `fields` has what is shown from top to bottom: texts as Discord has them, and fields as
        `FieldView.as_dict` gives them.
        """
        listed = [one.as_dict() if isinstance(one, FieldView) else one for one in self._shown()]
        return {"title": self.title, "custom_id": self.custom_id, "fields": listed, "open": self.open}

    def _shown(self) -> list[FieldView | Json]:
        """Give what is shown from top to bottom: fields, and texts as Discord has them."""
        fields = iter(self.fields)
        return [one if one["type"] == TEXT else next(fields) for one in self.components]

    def _named(self, wanted: str) -> str:
        places = fitting([(one.name,) for one in self.fields], wanted)
        if len(places) != 1:
            raise self.actor.not_visible(f"{len(places) or 'no'} fields {wanted!r}", self)
        return self.fields[places[0]].name


def _fields(person: "Onlooker", where: Channel, components: list[Json]) -> list[FieldView]:
    found: list[FieldView] = []
    for one in components:
        part = _inner(one)
        if part is not None:
            label = str(one["label"] if one["type"] == LABEL else part["label"])
            same = 1 + sum(other.label == label for other in found)
            name = label if same == 1 else f"{label} ({same})"
            choices = offered(person, where, part)
            found.append(FieldView(name, label, one.get("description"), part, choices))
    return found


def _inner(component: Json) -> Json | None:
    """Give what can be filled in a top-level component; None for a text."""
    if component["type"] == ROW:
        return component["components"][0]  # type: ignore[no-any-return]  # checked when the modal came
    return component.get("component")


def _submitted(component: Json, sent: Mapping[str, Json]) -> Json:
    """Give a top-level component as a submission has it."""
    outer: Json = {"type": component["type"], "id": component["id"]}
    part = _inner(component)
    if part is None:
        return outer
    field = sent[part["custom_id"]]
    return {**outer, "components": [field]} if component["type"] == ROW else {**outer, "component": field}
