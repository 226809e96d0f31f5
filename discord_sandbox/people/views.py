"""What a person sees and can press: live views of messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord_sandbox.errors import BadInput
from discord_sandbox.forms.components import BUTTON, LINK_STYLE, SELECTS, walk
from discord_sandbox.people.choices import Choice, amount, meant, offered
from discord_sandbox.people.reading import emoji_of, fitting, names, readable
from discord_sandbox.world.model import Json, Message, MessageType

if TYPE_CHECKING:
    from discord_sandbox.people.onlooker import Onlooker
    from discord_sandbox.people.response import Response


@dataclass(slots=True, frozen=True)
class ButtonView:
    """A button.

    Attributes:
        label: Its label, or its emoji where it has no label.
        style: 1 primary, 2 secondary, 3 success, 4 danger or 5 link.
        emoji: The emoji that is shown before the label.
    """

    label: str
    style: int
    disabled: bool
    custom_id: str | None
    url: str | None
    emoji: str | None = None


@dataclass(slots=True, frozen=True)
class SelectView:
    """A select menu, with what it offers to who looks at it."""

    placeholder: str
    choices: list[Choice]
    min_values: int
    max_values: int
    disabled: bool
    custom_id: str
    kind: int

    @property
    def options(self) -> list[tuple[str, str]]:
        """What can be chosen, as (label, value)."""
        return [(one.label, one.value) for one in self.choices]

    @property
    def chosen(self) -> list[str]:
        """The labels that are shown as chosen."""
        return [one.label for one in self.choices if one.default]


class MessageView:
    """A message as one person sees it; it always shows what the message is now."""

    __slots__ = ("_message", "_person")

    def __init__(self, person: "Onlooker", message: Message) -> None:
        self._person = person
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
    def person(self) -> "Onlooker":
        """Who looks."""
        return self._person

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
        """Its embeds as they were sent; none while they are suppressed."""
        return self._message.shown_embeds

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
    def pinned(self) -> bool:
        """Whether it is pinned in its channel."""
        return self._message.pinned_at is not None

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
            ButtonView(
                names(part)[0],
                part["style"],
                part["disabled"],
                part.get("custom_id"),
                part.get("url"),
                emoji_of(part),
            )
            for part in self._parts(BUTTON)
        ]

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons that can be pressed."""
        return [one.label for one in self.all_buttons if not one.disabled]

    @property
    def selects(self) -> list[SelectView]:
        """Its select menus from top to bottom."""
        return [
            SelectView(
                placeholder=part.get("placeholder", ""),
                choices=offered(self._person, self._message.channel, part),
                min_values=part["min_values"],
                max_values=part["max_values"],
                disabled=part["disabled"],
                custom_id=part["custom_id"],
                kind=part["type"],
            )
            for part in self._parts(*SELECTS)
        ]

    @property
    def text(self) -> str:
        """All that can be read on it: text, embeds, files, and then what can be pressed and chosen."""
        return "\n".join(readable(self._message))

    def as_dict(self) -> Json:
        """Give it as JSON for a page: ids are texts, components and embeds are as Discord has them."""
        message = self._message
        # A thread begins with a message that shows the one it is about.
        shown = message.answered if message.type is MessageType.THREAD_STARTER else None
        shown = message if shown is None or shown.deleted else shown
        return {
            "id": str(message.id),
            "channel_id": str(message.channel.id),
            "author": {"id": str(message.author.id), "name": message.author.name, "bot": message.author.bot},
            "content": shown.content,
            "embeds": shown.shown_embeds,
            "components": message.components,
            "attachments": shown.attachments,
            "forwarded": [one["message"] for one in message.snapshots],
            "pinned": self.pinned,
            "reactions": self.reactions,
            "timestamp": message.created_at,
            "edited": self.edited,
            "ephemeral": self.ephemeral,
            "loading": self.loading,
            "type": int(message.type),
            "reply_to": (message.reference or {}).get("message_id"),
            "thread_id": str(message.thread.id) if message.thread else None,
        }

    async def click(self, label: str) -> "Response":
        """Press a button.

        Args:
            label: Its label, its emoji, both, or the only beginning of a label that fits.

        Raises:
            NotVisible: There is no such button, or it is greyed out.
            BadInput: The button is a link.
            InteractionFailed: The bot did not answer in time.
        """
        places = fitting([names(part) for part in self._parts(BUTTON)], label)
        if len(places) != 1:
            raise self._person.not_visible(f"{len(places) or 'no'} buttons {label!r}", self)
        button = self.all_buttons[places[0]]
        if button.disabled:
            raise self._person.not_visible(f"the button {label!r} is greyed out", self)
        if button.style == LINK_STYLE or button.custom_id is None:
            raise BadInput(f"{label!r} is a link to {button.url}; it does nothing in Discord.")
        return await self._person.use_component(self, button.custom_id, BUTTON)

    async def choose(self, placeholder: str, options: str | Iterable[str]) -> "Response":
        """Choose from a select menu.

        Args:
            placeholder: The menu's placeholder, or the only beginning of one that fits.
            options: What to choose, one or several: labels, emojis, values, or beginnings of one label each.
                In menus of people, roles or channels the labels are names, and the values ids.

        Raises:
            NotVisible: There is no such menu or option, or the menu is greyed out.
            BadInput: The menu does not take so few or so many.
            InteractionFailed: The bot did not answer in time.
        """
        selects = self.selects
        places = fitting([(one.placeholder,) for one in selects], placeholder)
        if len(places) != 1:
            raise self._person.not_visible(f"{len(places) or 'no'} menus {placeholder!r}", self)
        select = selects[places[0]]
        if select.disabled:
            raise self._person.not_visible(f"the menu {placeholder!r} is greyed out", self)
        values, unclear = meant(select.choices, [options] if isinstance(options, str) else options)
        if unclear:
            raise self._person.not_visible(unclear, self)
        if not select.min_values <= len(values) <= select.max_values:
            allowed = amount(select.min_values, select.max_values, "option")
            raise BadInput(f"The menu {placeholder!r} takes {allowed}, not {len(values)}.")
        return await self._person.use_component(self, select.custom_id, select.kind, values)

    def _parts(self, *kinds: int) -> list[Json]:
        return [part for part in walk(self._message.components) if part["type"] in kinds]
