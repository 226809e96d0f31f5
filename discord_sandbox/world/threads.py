"""Threads: opening, changing, archiving and locking them."""

from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.errors import refusal
from discord_sandbox.forms.message import AllowedMentions, Draft
from discord_sandbox.forms.threads import ThreadSettings
from discord_sandbox.intents import Intent
from discord_sandbox.world import channels, messages, payloads, slowmode, thread_members
from discord_sandbox.world.model import (
    Channel,
    ChannelType,
    Json,
    Message,
    MessageFlag,
    MessageType,
    ThreadInfo,
    User,
)
from discord_sandbox.world.permissions import Permission
from discord_sandbox.world.snowflake import seconds_of

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

_AUTO_ARCHIVE = 4320
"""For how many minutes a quiet thread stays in the list when neither it nor its channel says so."""

_KINDS = {
    ChannelType.TEXT: (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD),
    ChannelType.ANNOUNCEMENT: (ChannelType.ANNOUNCEMENT_THREAD,),
}
"""The kinds of thread that a kind of channel can have, besides a forum's posts."""


def create(
    store: "Store", owner: User, parent: Channel, settings: ThreadSettings, starter: Message | None = None
) -> Channel:
    """Open a thread for somebody, after checking that they may.

    Args:
        store: Where it goes.
        owner: Who opens it, and is in it from the start.
        parent: The text or announcement channel it belongs to.
        settings: What it is like; its kind goes by the channel if it is about a message.
        starter: The message that it is about; the thread then has the message's id.

    Raises:
        ApiError: What Discord would say: 50001, 50003, 50013, 50021, 50024, 160004, 160006, 20016.
    """
    if parent.guild is None:
        raise refusal(50003)
    kinds = _KINDS.get(parent.type, ())
    kind = settings.kind if starter is None else next(iter(kinds), settings.kind)
    if kind not in kinds:
        raise refusal(50024)
    private = kind is ChannelType.PRIVATE_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    store.require(owner.id, parent, needed)
    if starter is not None:
        if starter.system:
            raise refusal(50021)
        if starter.thread is not None:
            raise refusal(160004)
    thread = open_in(store, owner, parent, settings, kind, None if starter is None else starter.id)
    if starter is not None:
        _begin_with(store, thread, starter)
    elif kind is ChannelType.PUBLIC_THREAD:
        reference = {"type": 0, "channel_id": str(thread.id), "guild_id": str(thread.guild_id)}
        messages.post(
            store,
            owner,
            parent,
            Draft(content=thread.name, allowed=AllowedMentions()),
            kind=MessageType.THREAD_CREATED,
            reference=reference,
        )
    return thread


def open_in(
    store: "Store",
    owner: User,
    parent: Channel,
    settings: ThreadSettings,
    kind: ChannelType,
    thread_id: int | None = None,
) -> Channel:
    """Open a thread of a kind that its channel can have, for somebody who may.

    Raises:
        ApiError: 160006, the guild has too many open threads; 20016, it is too soon after their last one.
    """
    guild = parent.guild
    if guild is None:
        raise refusal(50003)
    _require_room(parent)
    slowmode.take_turn(store, owner, parent, "thread")
    now = store.now()
    auto_archive = settings.auto_archive or parent.default_auto_archive_duration or _AUTO_ARCHIVE
    rate_limit = settings.rate_limit
    thread = Channel(
        id=store.snowflakes.next() if thread_id is None else thread_id,
        type=kind,
        name=settings.name,
        guild=guild,
        parent=parent,
        rate_limit_per_user=parent.default_thread_rate_limit_per_user if rate_limit is None else rate_limit,
        thread=ThreadInfo(
            owner.id,
            now,
            now,
            auto_archive,
            store.clock(),
            invitable=settings.invitable,
            members={owner.id: now},
        ),
    )
    guild.threads[thread.id] = thread
    store.journal.thread(owner, "opened", thread)
    store.channels[thread.id] = thread
    store.emit(
        "THREAD_CREATE",
        Intent.GUILDS,
        lambda: {**payloads.thread_for(thread, store.bot.id), "newly_created": True},
        thread,
    )
    _plan_archiving(store, thread)
    store.feed.notify(store.watchers(thread))
    return thread


def _require_room(channel: Channel) -> None:
    guild = channel.guild
    threads = () if guild is None else guild.threads.values()
    if sum(not thread.archived for thread in threads) >= limits.ACTIVE_THREADS:
        raise refusal(160006)


def _begin_with(store: "Store", thread: Channel, starter: Message) -> None:
    """Tie a new thread to the message that it is about; its first message only points at that one."""
    starter.thread = thread
    starter.flags |= MessageFlag.HAS_THREAD
    messages.changed(store, starter)
    messages.post(
        store,
        starter.author,
        thread,
        Draft(content="", allowed=AllowedMentions()),
        kind=MessageType.THREAD_STARTER,
        reference=messages.reference_to(starter),
        answered=starter,
    )


# -- archiving ----------------------------------------------------------------------------------------


def _plan_archiving(store: "Store", thread: Channel) -> None:
    """Archive the thread once nothing was posted in it for as long as it is kept open."""
    info = thread.thread
    if info is None or info.archived or thread.deleted:
        return
    if info.quiet is not None:
        info.quiet.cancel()
    latest = max(seconds_of(thread.last_message_id or thread.id), info.opened_at)
    left = latest + 60 * info.auto_archive_duration - store.clock()
    if left <= 0:
        set_archived(store, thread, archived=True)
    else:
        info.quiet = store.clock.call_later(left, lambda: _plan_archiving(store, thread))


def set_archived(store: "Store", thread: Channel, *, archived: bool) -> None:
    """Archive a thread or bring it back.

    Raises:
        ApiError: 160006, the guild has too many open threads.
    """
    info = thread.thread
    if info is not None and info.archived != archived:
        _switch(store, thread, info, archived=archived)
        channels.changed(store, thread)


def _switch(store: "Store", thread: Channel, info: ThreadInfo, *, archived: bool) -> None:
    if not archived:
        _require_room(thread)
    info.archived = archived
    store.journal.note("#{} was {}", thread.name, "archived" if archived else "opened again")
    info.archive_timestamp = store.now()
    if not archived:
        info.opened_at = store.clock()
        _plan_archiving(store, thread)


# -- what others do to a thread -----------------------------------------------------------------------


def join_by_posting(store: "Store", thread: Channel, user: User) -> None:
    """Do what posting does to a thread: it opens again unless it is locked, and its author is in it.

    Raises:
        ApiError: 160005, the thread is locked and the author may not manage threads; 160006, 30033.
    """
    reopen_by_posting(store, thread, user)
    thread_members.join(store, thread, user)


def reopen_by_posting(store: "Store", thread: Channel, user: User) -> None:
    """Do what any new message in a thread does: it opens again unless it is locked.

    Raises:
        ApiError: 160005, the thread is locked and the author may not manage threads; 160006.
    """
    require_unlocked(store, thread, user)
    if thread.archived:
        set_archived(store, thread, archived=False)


def require_unlocked(store: "Store", thread: Channel, user: User) -> None:
    """Refuse with 160005 who may not manage threads, in a locked thread."""
    if thread.locked and not store.permissions(user.id, thread) & Permission.MANAGE_THREADS:
        raise refusal(160005)


def change(store: "Store", thread: Channel, changes: Json, *, by: User) -> None:
    """Change a thread's name, state or times, after checking that `by` may.

    Args:
        store: Where the thread is.
        thread: The thread.
        changes: Any of name, archived, locked, auto_archive_duration, rate_limit_per_user, invitable;
            checked by the caller.
        by: Who does it.

    Raises:
        ApiError: 50001, 50013, 50024, 50083, 160006.
    """
    info = thread_members.info_of(thread)
    store.require(by.id, thread, 0)
    if not store.permissions(by.id, thread) & Permission.MANAGE_THREADS:
        _require_change(store, thread, info, changes, by)
    if info.archived and changes.get("archived") is not False:
        raise refusal(50083)
    if changes.get("archived", info.archived) != info.archived:
        _switch(store, thread, info, archived=changes["archived"])
    thread.name = changes.get("name", thread.name)
    thread.rate_limit_per_user = changes.get("rate_limit_per_user", thread.rate_limit_per_user)
    info.invitable = changes.get("invitable", info.invitable)
    info.locked = changes.get("locked", info.locked)
    if "auto_archive_duration" in changes:
        info.auto_archive_duration = changes["auto_archive_duration"]
        info.archive_timestamp = store.now()
        info.opened_at = store.clock()
        _plan_archiving(store, thread)
    channels.changed(store, thread)


def _require_change(store: "Store", thread: Channel, info: ThreadInfo, changes: Json, by: User) -> None:
    """Refuse with 50013 a change for which somebody has to manage threads (page topics/threads)."""
    if info.locked or changes.keys() & {"locked", "rate_limit_per_user"}:
        raise refusal(50013)
    if by.id == info.owner_id:
        return
    can_write = store.permissions(by.id, thread) & Permission.SEND_MESSAGES_IN_THREADS
    if changes != {"archived": False} or not (by.id in info.members or can_write):
        raise refusal(50013)
