"""Interactions: from what a person does, over the 3 seconds for an answer, to the last follow-up."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.clock import Timer
from discord_sandbox.errors import InteractionFailed, refusal
from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Channel, Json, Member, Message, User

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


class InteractionType(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class CallbackType(IntEnum):
    """How the application answers first."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """What a person does that the bot shall answer.

    Attributes:
        kind: What it is.
        channel: Where they do it.
        data: The `data` of the interaction, as the bot gets it.
        source: The message whose component is used, or on which a modal was opened.
        target: The message or person whose menu is used.
        parent: What opened the modal that is sent.
    """

    kind: InteractionType
    channel: Channel
    data: Json
    source: Message | None = None
    target: Message | User | None = None
    parent: "Interaction | None" = None


@dataclass(slots=True, eq=False)
class Interaction:
    """One act of one person.

    Attributes:
        source: The message whose component was used, or on which a modal was opened.
        target: The message or person whose menu was used.
        parent: What opened the modal that was sent.
        answered: Wakes who waits for the first answer: its kind; an InteractionFailed when none came in time.
        finished: Wakes who waits for the result: done when the person no longer sees "is thinking".
        callback: The first answer's kind; None while there is none.
        too_late: Whether the first answer did not come in time.
        original: The message that the first answer made or changed.
        result: The data of a modal, or of choices.
        followups: The ids of the messages sent later.
    """

    id: int
    token: str
    type: InteractionType
    user: User
    channel: Channel
    data: Json
    created: float
    locale: str
    answered: asyncio.Future[CallbackType]
    finished: asyncio.Future[None]
    callback: CallbackType | None = None
    too_late: bool = False
    source: Message | None = None
    target: Message | User | None = None
    parent: "Interaction | None" = None
    original: Message | None = None
    result: Json = field(default_factory=dict)
    followups: set[int] = field(default_factory=set)
    deadline: Timer | None = None

    def finish(self) -> None:
        """Let whoever waits for the result see it."""
        if not self.finished.done():
            self.finished.set_result(None)


class Interactions:
    """All interactions that can still be answered or followed up.

    Attributes:
        answer_seconds: How soon the first answer must come; tests may shorten it.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._by_token: dict[str, Interaction] = {}
        self._in_order: deque[Interaction] = deque()
        self.answer_seconds = limits.ANSWER_SECONDS

    def begin(self, user: User, act: Act, *, locale: str) -> Interaction:
        """Begin an interaction and send it to the bot.

        Raises:
            InteractionFailed: The bot is not connected.
        """
        store = self._store
        self._forget_old()
        if not store.gateway.reaches(act.channel.guild_id):
            raise InteractionFailed("The application did not respond: the bot is not connected.")
        loop = asyncio.get_running_loop()
        interaction = Interaction(
            id=store.snowflakes.next(),
            token=secrets.token_urlsafe(48),
            type=act.kind,
            user=user,
            channel=act.channel,
            data=act.data,
            created=store.clock(),
            locale=locale,
            answered=loop.create_future(),
            finished=loop.create_future(),
            source=act.source,
            target=act.target,
            parent=act.parent,
        )
        self._by_token[interaction.token] = interaction
        self._in_order.append(interaction)
        interaction.deadline = store.clock.call_later(self.answer_seconds, lambda: self._expire(interaction))
        store.journal.began(interaction)
        store.gateway.dispatch(
            "INTERACTION_CREATE", Intent.NONE, self._payload(interaction), act.channel.guild_id
        )
        return interaction

    def to_answer(self, interaction_id: int, token: str) -> Interaction:
        """Give an interaction that waits for its first answer, or refuse with 10062 or 40060."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id or interaction.too_late:
            raise refusal(10062)
        if interaction.callback is not None:
            raise refusal(40060)
        return interaction

    def answer(self, interaction: Interaction, kind: CallbackType) -> None:
        """Note the first answer; all but a deferred message are the result at once."""
        if interaction.deadline is not None:
            interaction.deadline.cancel()
        interaction.callback = kind
        # Who waited may have gone; then it is done already.
        if not interaction.answered.done():
            interaction.answered.set_result(kind)
        self._store.journal.answered(interaction, kind)
        if kind is not CallbackType.DEFERRED_MESSAGE:
            interaction.finish()

    def to_follow_up(self, application_id: int, token: str) -> Interaction:
        """Give an interaction that can be followed up, or refuse with 10015 or 50027."""
        interaction = self._by_token.get(token)
        if application_id != self._store.bot.id:
            raise refusal(10015)
        if interaction is None or self._store.clock() - interaction.created > limits.TOKEN_SECONDS:
            raise refusal(50027)
        if interaction.callback is None:
            raise refusal(10015)
        return interaction

    def close(self) -> None:
        """End whatever still waits for the bot: the sandbox closes."""
        for interaction in self._in_order:
            if not interaction.finished.done():
                _fail(interaction, "The application did not respond: the sandbox was closed.")

    def _expire(self, interaction: Interaction) -> None:
        interaction.too_late = True
        _fail(interaction, "The application did not respond.")
        self._store.journal.unanswered(interaction)

    def _forget_old(self) -> None:
        oldest = self._store.clock() - limits.TOKEN_SECONDS
        while self._in_order and self._in_order[0].created < oldest:
            del self._by_token[self._in_order.popleft().token]

    def _payload(self, of: Interaction) -> Json:
        store = self._store
        channel = of.channel
        described: Json = {
            "id": str(of.id),
            "application_id": str(store.bot.id),
            "type": int(of.type),
            "token": of.token,
            "version": 1,
            "data": of.data,
            "locale": of.locale,
            "channel_id": str(channel.id),
            "channel": payloads.partial_channel(store, channel, of.user.id),
            "app_permissions": str(store.permissions(store.bot.id, channel)),
            "authorizing_integration_owners": {"0": str(channel.guild_id or 0)},
            "context": 1 if channel.guild_id is None else 0,
            "entitlements": [],
            "attachment_size_limit": payloads.ATTACHMENT_LIMIT,
        }
        if of.source is not None:
            described["message"] = payloads.whole_message(store, of.source)
        if channel.guild is None:
            described["user"] = of.user.payload
            return described
        guild = channel.guild
        member: Member = guild.members[of.user.id]
        permissions = str(store.permissions(of.user.id, channel))
        described["member"] = {**payloads.member(member), "permissions": permissions}
        described["guild_id"] = str(guild.id)
        described["guild_locale"] = guild.preferred_locale
        described["guild"] = {"id": str(guild.id), "locale": guild.preferred_locale, "features": []}
        return described


def _fail(interaction: Interaction, why: str) -> None:
    """Let whoever waits for an interaction meet an error."""
    for waited_for in (interaction.answered, interaction.finished):
        if not waited_for.done():
            waited_for.set_exception(InteractionFailed(why))
            # Nobody may be waiting for it; an exception that nobody asks for would be logged by asyncio.
            waited_for.exception()


def metadata(of: Interaction, *, followed_up: bool = False) -> Json:
    """Describe, inside a message, the interaction that it answers.

    The fields are those of the page resources/message, "Message Interaction Metadata Object".

    Args:
        of: The interaction.
        followed_up: Whether the message came after the first answer.
    """
    described: Json = {
        "id": str(of.id),
        "type": int(of.type),
        "user": of.user.payload,
        "authorizing_integration_owners": {"0": str(of.channel.guild_id or 0)},
    }
    if followed_up and of.original is not None:
        described["original_response_message_id"] = str(of.original.id)
    if of.type is InteractionType.COMPONENT and of.source is not None:
        described["interacted_message_id"] = str(of.source.id)
    elif of.type is InteractionType.MODAL and of.parent is not None:
        described["triggering_interaction_metadata"] = metadata(of.parent)
    elif isinstance(of.target, Message):
        described["target_message_id"] = str(of.target.id)
    elif of.target is not None:
        described["target_user"] = of.target.payload
    return described
