"""Tells what happened in sentences: acts of people, answers and messages of the bot, refusals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from discord_sandbox.forms.components import BUTTON, walk
from discord_sandbox.people.reading import names, read_aloud
from discord_sandbox.world.commands import SLASH, SUB_COMMAND_GROUP
from discord_sandbox.world.interaction import CallbackType, Interaction, InteractionType
from discord_sandbox.world.model import Channel, Json, Message, MessageFlag, MessageType, User

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

_LENGTH = 160
"""How many characters of a text are told."""

_PLACES = 3
"""How many places of a refused form are told."""

Said = tuple[str, list[Json], list[Json], list[Json]]
"""What a message said at a time: content, embeds, attachments and components."""


def said(message: Message) -> Said:
    """Give what a message says now; a later change puts other things in the place of these."""
    return message.content, message.embeds, message.attachments, message.components


class Teller:
    """Makes sentences of what was noted.

    Args:
        store: Where it happened.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store

    # -- people ---------------------------------------------------------------------------------------

    def act(self, interaction: Interaction, components: Sequence[Json]) -> str:
        """Tell what a person did with the bot; `components` are those of the message at that time."""
        tell = {
            InteractionType.COMMAND: self._command,
            InteractionType.AUTOCOMPLETE: self._typing,
            InteractionType.COMPONENT: lambda one: _component(one.data, components),
            InteractionType.MODAL: _form,
        }[interaction.type]
        return f"{interaction.user.name} {tell(interaction)} in {self.place(interaction.channel)}"

    def reaction(self, user: User, message: Message, emoji: str, texts: Said) -> str:
        """Tell of a reaction."""
        return f"{user.name} reacted {emoji} in {self.place(message.channel)} to a message{_saying(texts)}"

    def _command(self, of: Interaction) -> str:
        data = of.data
        if data["type"] == SLASH:
            return f"typed /{_typed(data)}"
        target = of.target
        whom = f"a message of {target.author.name}" if isinstance(target, Message) else "somebody"
        return f"used “{data['name']}” on {target.name if isinstance(target, User) else whom}"

    @staticmethod
    def _typing(of: Interaction) -> str:
        return f"is typing /{_typed(of.data)}"

    # -- the bot and its messages ---------------------------------------------------------------------

    def answer(self, interaction: Interaction, kind: CallbackType) -> str:
        """Tell of a first answer that is no message."""
        name = interaction.user.name
        if kind is CallbackType.MODAL:
            return f"the bot opened the form “{interaction.result['title']}” for {name}"
        if kind is CallbackType.CHOICES:
            labels = ", ".join(f"“{one['name']}”" for one in interaction.result["choices"])
            return f"the bot offered {name}: {_cut(labels) or 'nothing'}"
        return f"the bot took what {name} did, and will change the message"

    def silence(self, interaction: Interaction) -> str:
        """Tell that the first answer did not come in time."""
        return f"the bot did not answer {interaction.user.name} in time"

    def posted(self, message: Message, flags: int, texts: Said) -> str:
        """Tell of a new message; `flags` are those it had then."""
        where = self.place(message.channel)
        if (notice := self._notice(message, where)) is not None:
            return notice
        if message.interaction_metadata is None:
            verb = "posted" if message.author is self._store.bot else "wrote"
            return f"{self._name(message.author)} {verb} in {where}{_saying(texts)}"
        if flags & MessageFlag.LOADING:
            return f"the bot is thinking about what {_to_whom(message)} asked in {where}"
        return f"the bot answered {self._for(message)}{_saying(texts)}"

    def _notice(self, message: Message, where: str) -> str | None:
        """Tell of a message that nobody wrote as it is; None for all others."""
        if message.type is MessageType.THREAD_CREATED:
            return f"{where} announces the thread “{message.content}”"
        name = self._name(message.author)
        if message.type is MessageType.THREAD_STARTER:
            return f"{where} begins with a message of {name}"
        if message.type is MessageType.PINNED:
            return f"{name} pinned a message in {where}"
        return f"{name} forwarded a message to {where}" if message.snapshots else None

    def edited(self, message: Message, flags: int, texts: Said) -> str:
        """Tell of a changed message, or that the bot has thought; `flags` are those it had before."""
        if flags & MessageFlag.LOADING:
            return f"the bot answered {self._for(message)}{_saying(texts)}"
        whose = f" for {self._for(message)}" if message.ephemeral else f" in {self.place(message.channel)}"
        return f"{self._name(message.author)} edited a message{whose}{_saying(texts)}"

    def deleted(self, message: Message, texts: Said) -> str:
        """Tell that a message is gone."""
        where = self.place(message.channel)
        return f"a message of {self._name(message.author)} in {where} was deleted{_saying(texts)}"

    def thread(self, user: User, did: str, thread: Channel) -> str:
        """Tell what somebody did to a thread, or what became of them there."""
        return f"{self._name(user)} {did} the thread {self.place(thread)}"

    def refusal(self, method: str, route: str, status: int, code: int, where: Sequence[str]) -> str:
        """Tell of a call that was refused."""
        reasons = f": {', '.join(where[:_PLACES])}" if where else ""
        more = " …" if len(where) > _PLACES else ""
        return f"{method} {route} → {status} ({code}){reasons}{more}"

    def place(self, channel: Channel) -> str:
        """Name a channel, with its guild where there are several."""
        if channel.guild is None:
            return f"the direct messages with {channel.name}"
        return f"#{channel.name}" + (f" of {channel.guild.name}" if len(self._store.guilds) > 1 else "")

    def _name(self, user: User) -> str:
        return "the bot" if user is self._store.bot else user.name

    def _for(self, message: Message) -> str:
        name = _to_whom(message)
        return f"{name} alone" if message.ephemeral else f"{name} in {self.place(message.channel)}"


def _to_whom(message: Message) -> str:
    user = (message.interaction_metadata or {}).get("user", {})
    return str(user.get("global_name") or user.get("username") or "somebody")


def _typed(data: Json) -> str:
    """Give a command with its options as it stands in the input line."""
    words, options = [data["name"]], data.get("options", [])
    while options and options[0]["type"] <= SUB_COMMAND_GROUP:
        words.append(options[0]["name"])
        options = options[0].get("options", [])
    for one in options:
        more = "…" if one.get("focused") else ""
        words.append(f"{one['name']}:{_named(one['value'], data.get('resolved', {}))}{more}")
    return _cut(" ".join(words))


def _named(value: object, resolved: Json) -> str:
    """Give a chosen value as it is read: people, roles and channels by name."""
    key = str(value)
    if found := resolved.get("users", {}).get(key):
        return f"@{found['global_name'] or found['username']}"
    if found := resolved.get("roles", {}).get(key):
        return f"@{found['name'].removeprefix('@')}"
    if found := resolved.get("channels", {}).get(key):
        return f"#{found['name']}"
    if found := resolved.get("attachments", {}).get(key):
        return str(found["filename"])
    return key


def _component(data: Json, components: Sequence[Json]) -> str:
    part: Json = next((one for one in walk(components) if one.get("custom_id") == data["custom_id"]), {})
    if data["component_type"] == BUTTON:
        return f"pressed [{names(part)[-1]}]"
    chosen = _chosen(part, data["values"], data.get("resolved", {}))
    return f"chose {chosen} in <{part.get('placeholder', '')}>"


def _chosen(part: Json, values: Sequence[str], resolved: Json) -> str:
    labels = {one["value"]: one["label"] for one in part.get("options", ())}
    return _cut(", ".join(f"“{labels.get(one) or _named(one, resolved)}”" for one in values)) or "nothing"


def _form(of: Interaction) -> str:
    opened = {} if of.parent is None else of.parent.result
    sent = {one["custom_id"]: one for one in walk(of.data["components"]) if "custom_id" in one}
    filled = []
    for outer in opened.get("components", ()):
        for part in walk([outer]):
            if (field := sent.get(part.get("custom_id", ""))) is not None:
                label = part.get("label", outer.get("label", ""))
                filled.append(f"{label}: {_filled(part, field, of.data.get('resolved', {}))}")
    return f"sent the form “{opened.get('title', '')}” ({'; '.join(filled)})"


def _filled(part: Json, field: Json, resolved: Json) -> str:
    if "values" in field:
        return _chosen(part, field["values"], resolved)
    value = field["value"]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if "options" in part:
        return _chosen(part, [] if value is None else [value], resolved)
    return f"“{_cut(value)}”"


def _saying(texts: Said) -> str:
    read = " / ".join(read_aloud(*texts))
    return f": {_cut(read)}" if read else ""


def _cut(text: str) -> str:
    line = text.replace("\n", " / ")
    return line if len(line) <= _LENGTH else f"{line[:_LENGTH]}…"
