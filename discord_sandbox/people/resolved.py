"""Gathers whom and what an interaction names, as its `resolved` data describes them.

The shape is that of the page interactions/receiving-and-responding, "Resolved Data Structure".
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from discord_sandbox.errors import BadInput, NotVisible
from discord_sandbox.forms.files import FILE_KINDS
from discord_sandbox.forms.message import Upload
from discord_sandbox.world import payloads
from discord_sandbox.world.attachments import keep_file
from discord_sandbox.world.model import Channel, Json, Message

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT = 6, 7, 8, 9, 11
"""The types of option that name something; a mentionable is a user or a role."""

_OF_MENUS = {5: USER, 6: ROLE, 7: MENTIONABLE, 8: CHANNEL}


class Resolved:
    """What one interaction of one person names.

    Args:
        store: Where everything is looked up.
        where: The channel in which it happens.
        user_id: Who does it: the permissions in channels are theirs.

    Attributes:
        data: All that was named so far; empty while there is nothing.
    """

    def __init__(self, store: "Store", where: Channel, user_id: int) -> None:
        self._store = store
        self._where = where
        self._user_id = user_id
        self.data: Json = {}

    def named(self, kind: int, found_id: int) -> str:
        """Note whom or what an option of this type names, and give its id as a text.

        Raises:
            NotVisible: There is nothing with this id to choose.
        """
        guild = self._where.guild
        if kind in {USER, MENTIONABLE} and found_id in self._store.users:
            self._add_user(found_id)
        elif kind in {ROLE, MENTIONABLE} and guild is not None and found_id in guild.roles:
            self._add("roles", found_id, payloads.role(guild.roles[found_id]))
        elif kind == CHANNEL and (channel := self._channel(found_id)) is not None:
            described = payloads.resolved_channel(self._store, channel, self._user_id)
            self._add("channels", found_id, described)
        else:
            raise NotVisible(f"There is nothing with the id {found_id} to choose.")
        return str(found_id)

    def chosen(self, kind: int, values: Iterable[str]) -> None:
        """Note whom or what was chosen in a menu of people, roles or channels.

        Args:
            kind: The menu's component type: 5 people, 6 roles, 7 people and roles, 8 channels.
            values: The ids that were chosen.

        Raises:
            NotVisible: There is nothing with such an id to choose.
        """
        for value in values:
            self.named(_OF_MENUS[kind], int(value))

    def message(self, message: Message) -> None:
        """Note the message whose menu is used."""
        self._add("messages", message.id, payloads.whole_message(self._store, message))

    def file(self, upload: Upload, field: str, types: Sequence[str] = ()) -> str:
        """Keep a file that is handed over, and give its id as a text.

        Args:
            upload: The file.
            field: What the field or option is called that takes it.
            types: Which files it takes: kinds such as "image" and extensions such as ".pdf"; all, if empty.

        Raises:
            BadInput: Discord's client would not take it.
        """
        if types and not any(_is_of(upload, one) for one in types):
            raise BadInput(f"{field!r} does not take {upload.name!r}, only {', '.join(types)}.")
        if len(upload.data) > payloads.ATTACHMENT_LIMIT:
            raise BadInput(f"The file {upload.name!r} is larger than {payloads.ATTACHMENT_LIMIT} bytes.")
        described = keep_file(self._store, f"ephemeral-attachments/{self._where.id}", upload)
        described["ephemeral"] = True
        self._add("attachments", int(described["id"]), described)
        return str(described["id"])

    def _add(self, part: str, found_id: int, described: Json) -> None:
        self.data.setdefault(part, {})[str(found_id)] = described

    def _add_user(self, user_id: int) -> None:
        self._add("users", user_id, self._store.users[user_id].payload)
        guild = self._where.guild
        if guild is not None and (member := guild.members.get(user_id)):
            bits = self._store.permissions(user_id, self._where)
            described = {**payloads.member_alone(member), "permissions": str(bits)}
            del described["deaf"], described["mute"]
            self._add("members", user_id, described)

    def _channel(self, channel_id: int) -> Channel | None:
        channel = self._store.channels.get(channel_id)
        if channel is None or channel.guild is None or channel.guild is not self._where.guild:
            return None
        return channel if self._store.can_see(self._user_id, channel) else None


def _is_of(file: Upload, wanted: str) -> bool:
    if wanted in FILE_KINDS:
        return file.content_type.startswith(f"{wanted}/")
    return PurePath(file.name).suffix.lower() == wanted.lower()
