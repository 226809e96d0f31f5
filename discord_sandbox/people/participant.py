"""What a person does without the bot: messages, reactions, pins, threads, posts, and the guild."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from discord_sandbox import given
from discord_sandbox.errors import ActorError, ApiError, BadInput, NotPermitted
from discord_sandbox.forms.message import (
    CREATE,
    CREATE_FLAGS,
    EDIT,
    EDIT_FLAGS,
    FORWARD,
    POST,
    Upload,
    read_message,
)
from discord_sandbox.forms.threads import read_post, read_thread, read_thread_changes
from discord_sandbox.people.onlooker import Onlooker
from discord_sandbox.people.options import HasId
from discord_sandbox.people.views import MessageView
from discord_sandbox.world import (
    channels,
    forums,
    members,
    pins,
    posting,
    reactions,
    thread_members,
    threads,
    typists,
)
from discord_sandbox.world.model import Channel, ChannelType, Json, MessageFlag
from discord_sandbox.world.permissions import Permission, sending_in


class Participant(Onlooker):
    """A person who writes, reacts and opens threads; what they do with the bot is in `Actor`.

    What Discord does not let them do raises `NotPermitted`, what its client would not send `BadInput`.
    """

    # -- messages -------------------------------------------------------------------------------------

    def send(
        self,
        channel: Channel,
        text: str,
        *,
        reply_to: MessageView | None = None,
        ping: bool = True,
        files: Mapping[str, bytes] | None = None,
    ) -> MessageView:
        """Post a message.

        Args:
            channel: Where.
            text: What it says.
            reply_to: The message that it answers.
            ping: Whether the answer pings its author.
            files: Files to attach, by name.

        Raises:
            NotPermitted: This person may not write there.
            TypeError: The channel is a name.
        """
        given.channel(channel)
        body: Json = {"content": text}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to.id)}
            body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        uploads = {
            number: Upload(name, data, "application/octet-stream")
            for number, (name, data) in enumerate((files or {}).items())
        }
        with self._permitted():
            draft = read_message(body, uploads, known=CREATE, flags=CREATE_FLAGS)
            return self._view(posting.post_as(self.store, self.user, channel, draft))

    def forward(self, view: MessageView, channel: Channel) -> MessageView:
        """Pass a message on to another channel, as it is now."""
        reference = {"type": FORWARD, "message_id": str(view.id), "channel_id": str(view.channel_id)}
        with self._permitted():
            draft = read_message({"message_reference": reference}, {}, known=CREATE, flags=CREATE_FLAGS)
            return self._view(posting.post_as(self.store, self.user, channel, draft))

    def start_typing(self, channel: Channel) -> None:
        """Type, so that others see it for ten seconds, or until the message is there."""
        with self._permitted():
            self.store.require(self.id, channel, sending_in(channel))
            typists.begin(self.store, channel, self.user)

    def edit(self, view: MessageView, text: str) -> None:
        """Change the text of an own message."""
        with self._permitted():
            draft = read_message({"content": text}, {}, known=EDIT, flags=0, strict=False)
            posting.edit_as(self.store, self.user, view.raw, draft)

    def delete(self, view: MessageView) -> None:
        """Delete an own message, or another's with the permission for it."""
        if not self.sees(view.raw):
            raise self.not_visible("the message no longer", view)
        with self._permitted():
            posting.delete_as(self.store, self.user, view.raw)

    def suppress_embeds(self, view: MessageView, *, suppress: bool = True) -> None:
        """Hide the embeds of a message for everybody, or show them again."""
        flags = MessageFlag.SUPPRESS_EMBEDS if suppress else 0
        with self._permitted():
            draft = read_message({"flags": int(flags)}, {}, known=EDIT, flags=EDIT_FLAGS, strict=False)
            posting.edit_as(self.store, self.user, view.raw, draft)

    def pin(self, view: MessageView) -> None:
        """Pin a message; needs the permission to pin."""
        with self._permitted():
            pins.pin(self.store, self.user, view.raw)

    def unpin(self, view: MessageView) -> None:
        """Unpin a message; needs the permission to pin."""
        with self._permitted():
            pins.unpin(self.store, self.user, view.raw)

    def react(self, view: MessageView, emoji: str) -> None:
        """React to a message."""
        with self._permitted():
            reactions.react(self.store, self.user, view.raw, emoji)

    def unreact(self, view: MessageView, emoji: str) -> None:
        """Take one's reaction back."""
        with self._permitted():
            reactions.unreact(self.store, self.user, view.raw, emoji)

    def open_dm(self) -> Channel:
        """Open the direct messages with the bot."""
        return self.store.open_dm(self.user)

    def block_dms(self) -> None:
        """Switch off direct messages in the privacy settings: the bot meets 50007, and may still react."""
        self.user.accepts_dms = False

    def allow_dms(self) -> None:
        """Switch them on again; a bot that is blocked still meets 50007."""
        self.user.accepts_dms = True

    def block(self, other: HasId) -> None:
        """Block a person or the bot.

        They cannot react to this person's messages (90001), and the bot cannot write to them (50007).

        Args:
            other: Somebody, or anything with an `id`, such as the bot's user in hikari.
        """
        self.user.blocks.add(other.id)

    def unblock(self, other: HasId) -> None:
        """Take a block back."""
        self.user.blocks.discard(other.id)

    # -- threads and posts ----------------------------------------------------------------------------

    def create_thread(
        self, channel: Channel, name: str, *, private: bool = False, about: MessageView | None = None
    ) -> Channel:
        """Open a thread.

        Args:
            channel: Where.
            name: What it is called.
            private: Whether only its members see it.
            about: The message that it is about.
        """
        given.channel(channel)
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        if channel.type is ChannelType.ANNOUNCEMENT:
            kind = ChannelType.ANNOUNCEMENT_THREAD
        starter = None if about is None else about.raw
        with self._permitted():
            settings = read_thread({"name": name, "type": int(kind)})
            return threads.create(self.store, self.user, channel, settings, starter)

    def create_post(self, forum: Channel, name: str, text: str) -> Channel:
        """Open a post in a forum.

        Args:
            forum: Where.
            name: What it is called.
            text: What its first message says.
        """
        given.channel(forum)
        with self._permitted():
            settings, body = read_post({"name": name, "message": {"content": text}})
            draft = read_message(body, {}, known=POST, flags=CREATE_FLAGS, path=("message",))
            return forums.create_post(self.store, self.user, forum, settings, draft)[0]

    def change_thread(self, thread: Channel, **changes: str | bool | int) -> None:
        """Change a thread: `name`, `archived`, `locked` and so on, as far as they may."""
        with self._permitted():
            threads.change(self.store, thread, read_thread_changes(dict(changes)), by=self.user)

    def delete_thread(self, thread: Channel) -> None:
        """Delete a thread; needs the permission to manage threads."""
        with self._permitted():
            self.store.require(self.id, thread, Permission.MANAGE_THREADS)
            channels.delete(self.store, thread)

    def add_to_thread(self, thread: Channel, other: Onlooker) -> None:
        """Put somebody, or oneself, into a thread."""
        with self._permitted():
            thread_members.add(self.store, thread, other.user, by=self.user)

    def leave_thread(self, thread: Channel) -> None:
        """Go out of a thread."""
        with self._permitted():
            thread_members.remove(self.store, thread, self.user, by=self.user)

    # -- the guild ------------------------------------------------------------------------------------

    def leave(self, guild: HasId | None = None) -> None:
        """Leave a guild; the one they joined first, if none is named."""
        for one in self.guilds:
            if guild is None or one.id == guild.id:
                members.remove(self.store, one, self.user)
                return

    @contextmanager
    def _permitted(self) -> Iterator[None]:
        try:
            yield
        except ApiError as error:
            kind: type[ActorError] = BadInput if error.errors else NotPermitted
            raise kind(f"{self.name}: {error}") from error
