"""Who is in a thread: adding and removing people, with the events that the bot hears."""

from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.errors import refusal
from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Channel, ChannelType, Json, Message, ThreadInfo, User
from discord_sandbox.world.permissions import Permission

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def info_of(thread: Channel) -> ThreadInfo:
    """Give what makes a channel a thread, or refuse with 50024 for one that is none."""
    if thread.thread is None:
        raise refusal(50024)
    return thread.thread


def add(store: "Store", thread: Channel, user: User, *, by: User) -> None:
    """Put somebody into a thread, after checking that both may.

    Raises:
        ApiError: 50024 (no thread), 50001 (one of them cannot see the channel), 50013 (`by` may not write
            there, or not invite), 10007, 50083, 30033.
    """
    info = info_of(thread)
    store.require(by.id, thread, 0 if by is user else int(Permission.SEND_MESSAGES_IN_THREADS))
    if thread.guild is None or user.id not in thread.guild.members:
        raise refusal(10007)
    if info.archived:
        raise refusal(50083)
    if by is not user and not may_invite(store, thread, by):
        raise refusal(50013)
    if not store.permissions(user.id, thread) & Permission.VIEW_CHANNEL:
        raise refusal(50001)
    join(store, thread, user)


def may_invite(store: "Store", thread: Channel, user: User) -> bool:
    """Whether somebody may bring others into a thread: into a private one perhaps moderators alone."""
    if thread.type is not ChannelType.PRIVATE_THREAD or info_of(thread).invitable:
        return True
    return bool(store.permissions(user.id, thread) & Permission.MANAGE_THREADS)


def join(store: "Store", thread: Channel, user: User) -> None:
    """Let somebody be in a thread who may; nothing happens if they are.

    Raises:
        ApiError: 30033, the thread is full.
    """
    info = info_of(thread)
    if user.id in info.members:
        return
    if len(info.members) >= limits.THREAD_MEMBERS:
        raise refusal(30033)
    info.members[user.id] = store.now()
    store.journal.thread(user, "came into", thread)
    if user is store.bot:
        store.emit("THREAD_CREATE", Intent.GUILDS, lambda: payloads.thread_for(thread, user.id), thread)
        own = {**payloads.thread_member(thread, user.id), "guild_id": str(thread.guild_id)}
        store.emit("THREAD_MEMBER_UPDATE", Intent.GUILDS, lambda: own, thread)
    _event(store, thread, added=user)
    store.feed.notify(store.watchers(thread))


def add_mentioned(store: "Store", thread: Channel, message: Message) -> None:
    """Put those into a thread whom a message in it pings.

    It does so if its author may invite, if they can see the channel, and if there is room.
    """
    if not message.mentions or not may_invite(store, thread, message.author):
        return
    members = info_of(thread).members
    for user_id in message.mentions:
        there = store.permissions(user_id, thread) & Permission.VIEW_CHANNEL
        if there and user_id not in members and len(members) < limits.THREAD_MEMBERS:
            join(store, thread, store.users[user_id])


def remove(store: "Store", thread: Channel, user: User, *, by: User) -> None:
    """Take somebody out of a thread, after checking that `by` may.

    Raises:
        ApiError: 50024, 50001, 50013, 50083, 10007.
    """
    info = info_of(thread)
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
    _event(store, thread, removed=user)
    store.feed.notify()


def _event(
    store: "Store", thread: Channel, *, added: User | None = None, removed: User | None = None
) -> None:
    guild = thread.guild
    if guild is None:
        return
    described: Json = {
        "id": str(thread.id),
        "guild_id": str(thread.guild_id),
        "member_count": payloads.member_count(thread),
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
