"""The eyes of a person: who they are, what they see, and waiting for it to change."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from discord_sandbox.errors import InteractionFailed, NotVisible, WaitTimeout
from discord_sandbox.people.modal import ModalView
from discord_sandbox.people.response import Response
from discord_sandbox.people.transcript import transcript
from discord_sandbox.people.views import MessageView
from discord_sandbox.world import typists
from discord_sandbox.world.model import Channel, Guild, Json, Message, User
from discord_sandbox.world.store import Store

T = TypeVar("T")

_KINDS = {MessageView: "message", ModalView: "modal"}


class Onlooker(ABC):
    """A person who looks; what they do is in `Actor`.

    Attributes:
        user: The account.
        locale: The language of their client.
    """

    def __init__(self, store: Store, user: User, locale: str) -> None:
        self.store = store
        self.user = user
        self.locale = locale
        self._seen: dict[int, tuple[int, int, list[MessageView]]] = {}
        self._dismissed: set[int] = set()

    def __repr__(self) -> str:
        return f"<Actor {self.name}>"

    @property
    def id(self) -> int:
        """The account's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """What they are called."""
        return self.user.name

    @property
    def mention(self) -> str:
        """How they are written in a message."""
        return f"<@{self.user.id}>"

    @property
    def dm(self) -> Channel | None:
        """Their direct messages with the bot; None while there are none."""
        return self.store.dms.get(self.user.id)

    @property
    def guilds(self) -> list[Guild]:
        """The guilds they are in, oldest first."""
        return self.store.guilds_of(self.user.id)

    def permissions(self, channel: Channel) -> int:
        """Give the bits that they have in a channel."""
        return self.store.permissions(self.user.id, channel)

    def can_see(self, channel: Channel) -> bool:
        """Whether they can see a channel, thread or direct message."""
        return not channel.deleted and self.store.can_see(self.user.id, channel)

    def channels(self) -> list[Channel]:
        """Give all that they see: channels, direct messages, and threads that are not archived."""
        return [one for one in self.lasting_channels() if self.can_see(one)] + self.threads()

    def lasting_channels(self) -> Iterator[Channel]:
        """Give the channels of their guilds and their direct messages, without threads, seen or not."""
        for guild in self.guilds:
            yield from guild.channels.values()
        if self.dm is not None:
            yield self.dm

    def threads(self, *, archived: bool = False) -> list[Channel]:
        """Give the threads that they see, oldest first.

        Args:
            archived: Whether the archived ones are wanted instead of the active ones.
        """
        return [
            one
            for guild in self.guilds
            for one in guild.threads.values()
            if one.archived == archived and self.store.can_see(self.user.id, one)
        ]

    def messages(self, channel: Channel) -> list[MessageView]:
        """Give what they see in a channel, oldest first, their own ephemeral messages included.

        Args:
            channel: A channel, thread or direct message; nothing is given if they cannot see it.
        """
        if not self.can_see(channel):
            return []
        removals, read, views = self._seen.get(channel.id, (channel.removals, 0, []))
        if removals != channel.removals:
            read, views = 0, []
        log = channel.log
        if read < len(log):
            views += [self._view(one) for one in log[read:] if self._shown(one)]
        self._seen[channel.id] = (channel.removals, len(log), views)
        return views.copy()

    def sees_typing(self, channel: Channel) -> list[str]:
        """Give the names of the others whom they see typing in a channel."""
        if not self.can_see(channel):
            return []
        return [one.name for one in typists.typing(self.store, channel) if one is not self.user]

    def pickable(
        self, where: Channel, kind: int, channel_types: Collection[int] | None = None
    ) -> list[tuple[str, str]]:
        """Give what a menu of people, roles or channels offers them, as (name, id).

        Args:
            where: The channel in which the menu is.
            kind: The menu's component type: 5 people, 6 roles, 7 people and roles, 8 channels.
            channel_types: The only types of channel that are offered; None for all.
        """
        guild = where.guild
        found: list[tuple[str, str]] = []
        if guild is None:
            people = (*where.recipients, self.store.bot)
            return [(one.name, str(one.id)) for one in people] if kind in {5, 7} else found
        if kind in {5, 7}:
            found += [(one.user.name, str(one.user.id)) for one in guild.members.values()]
        if kind in {6, 7}:
            found += [(one.name, str(one.id)) for one in guild.roles.values()]
        if kind == 8:  # noqa: PLR2004 - the numbers are explained above
            seen = (one for one in self.channels() if one.guild is guild)
            found += [
                (one.name, str(one.id)) for one in seen if channel_types is None or one.type in channel_types
            ]
        return found

    def latest(self, channel: Channel) -> MessageView | None:
        """Give the newest message that they see in a channel; None if there is none."""
        views = self.messages(channel)
        return views[-1] if views else None

    def view(self, message: Message) -> MessageView | None:
        """Give a message as they see it; None if they do not."""
        return self._view(message) if self.sees(message) else None

    def sees(self, message: Message) -> bool:
        """Whether they see a message."""
        return not message.deleted and self._shown(message) and self.can_see(message.channel)

    def dismiss(self, view: MessageView) -> None:
        """Close an ephemeral message; the bot does not learn of it.

        Raises:
            NotVisible: It is not an ephemeral message of theirs.
        """
        if view.raw.visible_to != self.user.id:
            raise self.unseen("Only ephemeral messages can be dismissed.", view)
        self._dismissed.add(view.id)
        self._seen.clear()
        self.store.feed.notify((self.user.id,))

    def restart(self) -> None:
        """Restart their client: all ephemeral messages are gone."""
        for channel in self.store.channels.values():
            self._dismissed.update(one.id for one in channel.log if one.visible_to == self.user.id)
        self._seen.clear()
        self.store.feed.notify((self.user.id,))

    async def until(
        self,
        predicate: Callable[[], T],
        timeout: float = 10.0,  # noqa: ASYNC109 - the time belongs to the error that it ends with
        what: str = "what was waited for",
    ) -> T:
        """Wait until a predicate is true, and give its value.

        Args:
            predicate: Asked now and after every change of what is in the sandbox.
            timeout: How many seconds to wait.
            what: What is waited for, for the error.

        Raises:
            WaitTimeout: It did not come in time; the error says what this person sees.
        """
        try:
            found: T = await self.store.feed.wait(predicate, self.user.id, timeout)
        except TimeoutError:
            raise WaitTimeout(f"{what}: not within {timeout:g} s.\n{transcript(self)}") from None
        return found

    @abstractmethod
    async def use_component(
        self, view: MessageView, custom_id: str, kind: int, values: list[str] | None = None
    ) -> Response:
        """Press or choose, by the component's custom id; `MessageView.click` and `.choose` end here."""

    @abstractmethod
    async def submit_modal(self, modal: ModalView, data: Json) -> Response:
        """Send a modal with the data of its interaction; `ModalView.submit` ends here."""

    def not_visible(self, what: str, view: MessageView | ModalView | None = None) -> NotVisible:
        """Make the error that says what they find instead of what they looked for."""
        return self.unseen(f"{self.name} finds {what}.", view)

    def unseen(self, text: str, view: MessageView | ModalView | None = None) -> NotVisible:
        """Make the error that says what is there instead, and what happened before.

        Args:
            text: What is wrong, in a sentence.
            view: The message or modal that it is about.
        """
        there = "" if view is None else f"\nThe {_KINDS[type(view)]} is:\n{view.text}"
        return NotVisible(f"{text}{there}\n{transcript(self)}")

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Add to an error what they see and what happened, where it is raised without."""
        try:
            yield
        except (NotVisible, InteractionFailed) as error:
            raise type(error)(f"{error}\n{transcript(self)}") from None

    def _shown(self, message: Message) -> bool:
        if message.visible_to is None:
            return True
        return message.visible_to == self.user.id and message.id not in self._dismissed

    def _view(self, message: Message) -> MessageView:
        return MessageView(self, message)
