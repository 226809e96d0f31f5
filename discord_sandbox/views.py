"""What a person sees and can press: live views of messages, and modals."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_sandbox.errors import BadInput, NotVisible
from discord_sandbox.forms.components import BUTTON, LINK_STYLE, ROW, SELECTS, STRING_SELECT, TEXT, walk
from discord_sandbox.interaction import Interaction
from discord_sandbox.limits import units
from discord_sandbox.model import Json, Message

if TYPE_CHECKING:
    from discord_sandbox.onlooker import Onlooker


@dataclass(slots=True, frozen=True)
class ButtonView:
    """A button. `style` is 1 primary, 2 secondary, 3 success, 4 danger or 5 link."""

    label: str
    style: int
    disabled: bool
    custom_id: str | None
    url: str | None


@dataclass(slots=True, frozen=True)
class SelectView:
    """A select menu. `options` are (label, value) pairs; `chosen` are the labels shown as chosen."""

    placeholder: str
    options: list[tuple[str, str]]
    chosen: list[str]
    min_values: int
    max_values: int
    disabled: bool
    custom_id: str
    kind: int


class MessageView:
    """A message as one person sees it; it always shows what the message is now."""

    __slots__ = ("_actor", "_message")

    def __init__(self, actor: "Onlooker", message: Message) -> None:
        self._actor = actor
        self._message = message

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MessageView) and other._message is self._message

    def __hash__(self) -> int:
        return hash(self._message)

    def __repr__(self) -> str:
        return f"<MessageView {self.id} {self.text[:80]!r}>"

    @property
    def raw(self) -> Message:
        """The message itself."""
        return self._message

    @property
    def id(self) -> int:
        """The message's id."""
        return self._message.id

    @property
    def channel_id(self) -> int:
        """The id of its channel, thread or direct message."""
        return self._message.channel.id

    @property
    def author(self) -> str:
        """The name of who wrote it."""
        return self._message.author.name

    @property
    def content(self) -> str:
        """Its plain text."""
        return self._message.content

    @property
    def embeds(self) -> list[Json]:
        """Its embeds as they were sent."""
        return self._message.embeds

    @property
    def attachments(self) -> list[Json]:
        """Its files: id, filename, size, url and more."""
        return self._message.attachments

    @property
    def reactions(self) -> dict[str, int]:
        """How often it got each reaction."""
        return {emoji: len(who) for emoji, who in self._message.reactions.items()}

    @property
    def ephemeral(self) -> bool:
        """Whether only this person sees it."""
        return self._message.ephemeral

    @property
    def loading(self) -> bool:
        """Whether it is still the placeholder "is thinking"."""
        return self._message.loading

    @property
    def edited(self) -> bool:
        """Whether it was edited."""
        return self._message.edited_at is not None

    @property
    def deleted(self) -> bool:
        """Whether it is gone."""
        return self._message.deleted

    @property
    def pings(self) -> list[int]:
        """The ids of the users and roles that it notified."""
        return [*self._message.mentions, *self._message.mention_roles]

    @property
    def pings_everyone(self) -> bool:
        """Whether it notified everybody."""
        return self._message.mention_everyone

    @property
    def all_buttons(self) -> list[ButtonView]:
        """Its buttons from left to right and top to bottom, the greyed out ones too."""
        return [
            ButtonView(_label(part), part["style"], part["disabled"], part.get("custom_id"), part.get("url"))
            for part in _parts(self._message)
            if part["type"] == BUTTON
        ]

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons that can be pressed."""
        return [one.label for one in self.all_buttons if not one.disabled]

    @property
    def selects(self) -> list[SelectView]:
        """Its select menus from top to bottom."""
        return [self._select(part) for part in _parts(self._message) if part["type"] in SELECTS]

    @property
    def text(self) -> str:
        """All that can be read on it: text, embeds, files, and then what can be pressed and chosen."""
        return "\n".join(readable(self._message))

    def as_dict(self) -> Json:
        """Give it as JSON for a page: ids are texts, components and embeds are as Discord has them."""
        message = self._message
        return {
            "id": str(message.id),
            "channel_id": str(message.channel.id),
            "author": {"id": str(message.author.id), "name": message.author.name, "bot": message.author.bot},
            "content": message.content,
            "embeds": message.embeds,
            "components": message.components,
            "attachments": message.attachments,
            "reactions": self.reactions,
            "timestamp": message.created_at,
            "edited": self.edited,
            "ephemeral": self.ephemeral,
            "loading": self.loading,
            "type": int(message.type),
            "reply_to": message.reference["message_id"] if message.reference else None,
            "thread_id": str(message.thread.id) if message.thread else None,
        }

    async def click(self, label: str) -> "Response":
        """Press a button.

        Args:
            label: Its label, or the only beginning of a label that fits.

        Raises:
            NotVisible: There is no such button, or it is greyed out.
            InteractionFailed: The bot did not answer in time.
        """
        buttons = self.all_buttons
        fitting = [one for one in buttons if one.label == label] or [
            one for one in buttons if one.label.startswith(label)
        ]
        if len(fitting) != 1:
            raise self._actor.not_visible(f"{len(fitting) or 'no'} buttons {label!r}", self)
        if fitting[0].disabled:
            raise self._actor.not_visible(f"the button {label!r} is greyed out", self)
        if fitting[0].style == LINK_STYLE or fitting[0].custom_id is None:
            raise BadInput(f"{label!r} is a link to {fitting[0].url}; it does nothing in Discord.")
        return await self._actor.use_component(self, fitting[0].custom_id, BUTTON)

    async def choose(self, placeholder: str, options: list[str]) -> "Response":
        """Choose from a select menu.

        Args:
            placeholder: The menu's placeholder, or the only beginning of one that fits.
            options: What to choose: labels, values, or beginnings of one label each. In menus of people,
                roles or channels the labels are names, and the values ids.

        Raises:
            NotVisible: There is no such menu or option, or the menu is greyed out.
            BadInput: The menu does not take so few or so many.
            InteractionFailed: The bot did not answer in time.
        """
        selects = self.selects
        fitting = [one for one in selects if one.placeholder == placeholder] or [
            one for one in selects if one.placeholder.startswith(placeholder)
        ]
        if len(fitting) != 1:
            raise self._actor.not_visible(f"{len(fitting) or 'no'} menus {placeholder!r}", self)
        select = fitting[0]
        if select.disabled:
            raise self._actor.not_visible(f"the menu {placeholder!r} is greyed out", self)
        values = [self._value(select, option) for option in options]
        if not select.min_values <= len(set(values)) <= select.max_values:
            raise BadInput(
                f"The menu {placeholder!r} takes {select.min_values} to {select.max_values} options, "
                f"not {len(values)}."
            )
        return await self._actor.use_component(self, select.custom_id, select.kind, values)

    def _select(self, part: Json) -> SelectView:
        if part["type"] == STRING_SELECT:
            options = [(one["label"], one["value"]) for one in part["options"]]
            chosen = [one["label"] for one in part["options"] if one.get("default")]
        else:
            options = self._actor.pickable(self._message.channel, part["type"], part.get("channel_types"))
            ids = {str(one["id"]) for one in part.get("default_values", ())}
            chosen = [label for label, value in options if value in ids]
        return SelectView(
            placeholder=part.get("placeholder", ""),
            options=options,
            chosen=chosen,
            min_values=part["min_values"],
            max_values=part["max_values"],
            disabled=part["disabled"],
            custom_id=part["custom_id"],
            kind=part["type"],
        )

    def _value(self, select: SelectView, wanted: str) -> str:
        exact = [value for label, value in select.options if label == wanted]
        exact = exact or [value for _, value in select.options if value == wanted]
        found = exact or [value for label, value in select.options if label.startswith(wanted)]
        if len(found) != 1:
            raise self._actor.not_visible(f"{len(found) or 'no'} options {wanted!r}", self)
        return found[0]


@dataclass(slots=True)
class ModalView:
    """An open modal. `inputs` maps each label to what stands in its field."""

    actor: "Onlooker"
    interaction: Interaction
    title: str
    custom_id: str
    rows: list[Json]
    inputs: dict[str, str] = field(init=False)
    open: bool = True

    def __post_init__(self) -> None:
        self.inputs = {one["label"]: one.get("value", "") for one in self.fields}

    @property
    def fields(self) -> list[Json]:
        """The text inputs as Discord has them: label, style, placeholder, lengths, required, value."""
        return [row["components"][0] for row in self.rows]

    async def submit(self, texts: dict[str, str] | None = None) -> "Response":
        """Fill the fields and send.

        Args:
            texts: What to write, by label; fields that are not named keep what stands in them.

        Raises:
            NotVisible: A label is not there, or the modal is closed.
            BadInput: Discord's client would not send it: too short, too long, or a needed field is empty.
            InteractionFailed: The bot did not answer in time.
        """
        if not self.open:
            raise NotVisible(f"The modal {self.title!r} is closed.")
        filled = {**self.inputs, **(texts or {})}
        if missing := filled.keys() - self.inputs.keys():
            raise NotVisible(
                f"The modal {self.title!r} has no {sorted(missing)}; it has {sorted(self.inputs)}."
            )
        for one in self.fields:
            _check_input(one, filled[one["label"]])
        self.open = False
        return await self.actor.submit_modal(self, filled)

    def dismiss(self) -> None:
        """Close it without sending; the bot does not learn of it."""
        self.open = False

    def as_dict(self) -> Json:
        """Give it as JSON for a page."""
        return {"title": self.title, "custom_id": self.custom_id, "fields": self.fields, "open": self.open}


def _check_input(one: Json, value: str) -> None:
    length = units(value)
    if not value and not one["required"]:
        return
    least = max(one["min_length"], 1 if one["required"] else 0)
    if not least <= length <= one["max_length"]:
        raise BadInput(f"{one['label']!r} takes {least} to {one['max_length']} characters, not {length}.")


@dataclass(slots=True)
class Response:
    """What came of something that a person did: a message, a modal, or neither."""

    message: MessageView | None = None
    modal: ModalView | None = None


def _parts(message: Message) -> list[Json]:
    return [part for part in walk(message.components) if part["type"] == BUTTON or part["type"] in SELECTS]


def _label(part: Json) -> str:
    emoji: Any = (part.get("emoji") or {}).get("name")
    return str(part.get("label") or emoji or "")


def readable(message: Message) -> list[str]:
    """Give a message as lines that a person could read aloud."""
    lines = ["… is thinking"] if message.loading else []
    if message.content:
        lines.append(message.content)
    for embed in message.embeds:
        texts = [embed.get("author", {}).get("name"), embed.get("title"), embed.get("description")]
        for one in embed.get("fields", ()):
            texts += [one["name"], one["value"]]
        texts.append(embed.get("footer", {}).get("text"))
        lines += [text for text in texts if text]
    if not message.layout:  # with version 2, files are shown by components alone
        lines += [f"📎 {one['filename']}" for one in message.attachments]
    for component in message.components:
        lines += _readable_component(component)
    return lines


def _readable_component(component: Json) -> list[str]:
    if component["type"] == ROW:
        return [" ".join(map(_pressable, component["components"]))]
    lines = [component["content"]] if component["type"] == TEXT else []
    for picture in (component, *component.get("items", ())):
        lines += [f"📎 {picture['description']}"] if picture.get("description") else []
    lines += [f"📎 {component['name']}"] if "name" in component else []
    for inner in component.get("components", ()):
        lines += _readable_component(inner)
    accessory = component.get("accessory")
    if accessory is not None:
        lines += [_pressable(accessory)] if accessory["type"] == BUTTON else _readable_component(accessory)
    return lines


def _pressable(part: Json) -> str:
    off = " (off)" if part.get("disabled") else ""
    if part["type"] == BUTTON:
        return f"[{_label(part)}]{off}"
    options = " | ".join(one["label"] for one in part.get("options", ()))
    return f"<{part.get('placeholder', '')}: {options}>{off}"
