"""Threads: opening and closing them, and who is in them."""

from typing import TYPE_CHECKING

from discord_sandbox import channels, limits, payloads
from discord_sandbox.errors import refusal
from discord_sandbox.intents import Intent
from discord_sandbox.model import Channel, ChannelType, Json, Message, ThreadInfo, User
from discord_sandbox.permissions import Permission
from discord_sandbox.snowflake import seconds_of

if TYPE_CHECKING:
    from discord_sandbox.store import Store


def create(  # noqa: PLR0913 - a thread has this many sides; all but the first few are by keyword
    store: "Store",
    owner: User,
    parent: Channel,
    name: str,
    *,
    private: bool,
    auto_archive: int = 4320,
    invitable: bool = True,
    starter: Message | None = None,
) -> Channel:
    """Open a thread for somebody, after checking that they may.

    Args:
        store: Where it goes.
        owner: Who opens it, and is in it from the start.
        parent: The text channel it belongs to.
        name: 1 to 100 characters, checked by the caller.
        private: Whether only its members see it.
        auto_archive: Minutes of quiet after which it leaves the list.
        invitable: Whether members may add others to a private thread.
        starter: The message that it is about; the thread then has the message's id.

    Raises:
        ApiError: What Discord would say: 50001, 50013, 50024, 160004, 160006.
    """
    if parent.type is not ChannelType.TEXT:
        raise refusal(50024)
    store.require(
        owner.id,
        parent,
        Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS,
    )
    if starter is not None and starter.thread is not None:
        raise refusal(160004)
    guild = parent.guild
    if guild is None:
        raise refusal(50003)
    if sum(not thread.archived for thread in guild.threads.values()) >= limits.ACTIVE_THREADS:
        raise refusal(160006)
    now = store.now()
    thread = Channel(
        id=store.snowflakes.next() if starter is None else starter.id,
        type=ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD,
        name=name,
        guild=guild,
        parent=parent,
        thread=ThreadInfo(
            owner.id, now, now, auto_archive, store.clock(), invitable=invitable, members={owner.id: now}
        ),
    )
    guild.threads[thread.id] = thread
    store.journal.thread(owner, "opened", thread)
    store.channels[thread.id] = thread
    store.emit(
        "THREAD_CREATE", Intent.GUILDS, lambda: {**payloads.channel(thread), "newly_created": True}, thread
    )
    if starter is not None:
        starter.thread = thread
    _plan_archiving(store, thread)
    store.feed.notify(store.watchers(thread))
    return thread


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


def add(store: "Store", thread: Channel, user: User, *, by: User) -> None:
    """Put somebody into a thread, after checking that both may.

    Raises:
        ApiError: 50001 (one of them cannot see the channel), 50083, 30033, 50013, 10007.
    """
    if thread.thread is None:
        raise refusal(50024)
    needed = 0 if by is user else int(Permission.SEND_MESSAGES_IN_THREADS)
    store.require(by.id, thread, needed)
    if thread.guild is None or user.id not in thread.guild.members:
        raise refusal(10007)
    if thread.archived:
        raise refusal(50083)
    if not store.permissions(user.id, thread) & Permission.VIEW_CHANNEL:
        raise refusal(50001)
    _add(store, thread, user)


def _add(store: "Store", thread: Channel, user: User) -> None:
    info = thread.thread
    if info is None or user.id in info.members:
        return
    if len(info.members) >= limits.THREAD_MEMBERS:
        raise refusal(30033)
    info.members[user.id] = store.now()
    store.journal.thread(user, "came into", thread)
    if user is store.bot:
        store.emit(
            "THREAD_CREATE",
            Intent.GUILDS,
            lambda: {**payloads.channel(thread), "member": payloads.thread_member(thread, user.id)},
            thread,
        )
    _members_event(store, thread, added=user)
    store.feed.notify(store.watchers(thread))


def remove(store: "Store", thread: Channel, user: User, *, by: User) -> None:
    """Take somebody out of a thread, after checking that `by` may.

    Raises:
        ApiError: 50001, 50013, 50083, 10007.
    """
    info = thread.thread
    if info is None:
        raise refusal(50024)
    store.require(by.id, thread, 0)
    may_manage = bool(store.permissions(by.id, thread) & Permission.MANAGE_THREADS)
    is_creator = thread.type is ChannelType.PRIVATE_THREAD and info.owner_id == by.id
    if by is not user and not may_manage and not is_creator:
        raise refusal(50013)
    if info.archived:
        raise refusal(50083)
    if user.id not in info.members:
        raise refusal(10007)
    del info.members[user.id]
    store.journal.thread(user, "left", thread)
    _members_event(store, thread, removed=user)
    store.feed.notify()


def _members_event(
    store: "Store", thread: Channel, *, added: User | None = None, removed: User | None = None
) -> None:
    info, guild = thread.thread, thread.guild
    if info is None or guild is None:
        return
    described: Json = {
        "id": str(thread.id),
        "guild_id": str(thread.guild_id),
        "member_count": min(len(info.members), 50),
    }
    if added is not None:
        member = payloads.member(guild.members[added.id])
        described["added_members"] = [
            {**payloads.thread_member(thread, added.id), "member": member, "presence": None}
        ]
    if removed is not None:
        described["removed_member_ids"] = [str(removed.id)]
    intent = Intent.GUILDS if store.bot in {added, removed} else Intent.GUILD_MEMBERS
    where = None if store.bot in {added, removed} else thread
    store.emit("THREAD_MEMBERS_UPDATE", intent, lambda: described, where, guild)


def join_by_posting(store: "Store", thread: Channel, user: User) -> None:
    """Do what posting does to a thread: it opens again unless it is locked, and its author is in it.

    Raises:
        ApiError: 160005, the thread is locked and the author may not manage threads.
    """
    reopen_by_posting(store, thread, user)
    _add(store, thread, user)


def reopen_by_posting(store: "Store", thread: Channel, user: User) -> None:
    """Do what any new message in a thread does: it opens again unless it is locked.

    Raises:
        ApiError: 160005, the thread is locked and the author may not manage threads.
    """
    if thread.locked and not store.permissions(user.id, thread) & Permission.MANAGE_THREADS:
        raise refusal(160005)
    if thread.archived:
        set_archived(store, thread, archived=False)


def add_mentioned(store: "Store", thread: Channel, message: Message) -> None:
    """Put those into a thread whom a message in it pings, if they can see the channel."""
    info = thread.thread
    if info is None:
        return
    for user_id in message.mentions:
        if user_id not in info.members and store.permissions(user_id, thread) & Permission.VIEW_CHANNEL:
            _add(store, thread, store.users[user_id])


def set_archived(store: "Store", thread: Channel, *, archived: bool) -> None:
    """Archive a thread or bring it back."""
    info = thread.thread
    if info is not None and info.archived != archived:
        _switch(store, thread, info, archived=archived)
        channels.changed(store, thread)


def _switch(store: "Store", thread: Channel, info: ThreadInfo, *, archived: bool) -> None:
    info.archived = archived
    store.journal.note("#{} was {}", thread.name, "archived" if archived else "opened again")
    info.archive_timestamp = store.now()
    if not archived:
        info.opened_at = store.clock()
        _plan_archiving(store, thread)


def change(store: "Store", thread: Channel, changes: Json, *, by: User) -> None:
    """Change a thread's name, state or times, after checking that `by` may.

    Args:
        store: Where the thread is.
        thread: The thread.
        changes: Any of name, archived, locked, auto_archive_duration, rate_limit_per_user, invitable;
            checked by the caller.
        by: Who does it.

    Raises:
        ApiError: 50001, 50013, 50083.
    """
    info = thread.thread
    if info is None:
        raise refusal(50024)
    store.require(by.id, thread, 0)
    bits = store.permissions(by.id, thread)
    if not bits & Permission.MANAGE_THREADS:
        if changes.keys() & {"locked", "rate_limit_per_user"}:
            raise refusal(50013)
        only_reopens = changes == {"archived": False} and not info.locked and by.id in info.members
        if by.id != info.owner_id and not only_reopens:
            raise refusal(50013)
        if info.locked:
            raise refusal(50013)
    if info.archived and changes.get("archived") is not False:
        raise refusal(50083)
    thread.name = changes.get("name", thread.name)
    thread.rate_limit_per_user = changes.get("rate_limit_per_user", thread.rate_limit_per_user)
    info.auto_archive_duration = changes.get("auto_archive_duration", info.auto_archive_duration)
    info.invitable = changes.get("invitable", info.invitable)
    info.locked = changes.get("locked", info.locked)
    if "archived" in changes and changes["archived"] != info.archived:
        _switch(store, thread, info, archived=changes["archived"])
    elif "auto_archive_duration" in changes:
        _plan_archiving(store, thread)
    channels.changed(store, thread)
