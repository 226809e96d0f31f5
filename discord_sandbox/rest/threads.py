"""REST: threads, posts in forums, who is in them, and their lists."""

from collections.abc import Callable, Iterable

from discord_sandbox.errors import refusal
from discord_sandbox.forms.message import CREATE_FLAGS, POST, read_message
from discord_sandbox.forms.threads import read_post, read_thread, read_thread_of_message
from discord_sandbox.intents import Intent
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.rest.channels import seen
from discord_sandbox.world import audit, forums, payloads, thread_members, threads
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.model import Channel, ChannelType, Json, User
from discord_sandbox.world.permissions import Permission

_PUBLIC = frozenset({ChannelType.PUBLIC_THREAD, ChannelType.ANNOUNCEMENT_THREAD})
_PRIVATE = frozenset({ChannelType.PRIVATE_THREAD})


def _create(call: Call) -> Reply:
    store = call.store
    parent = seen(call)
    if parent.type is ChannelType.FORUM:
        return _create_post(call, parent)
    return _created(call, threads.create(store, store.bot, parent, read_thread(call.object())))


def _create_post(call: Call, forum: Channel) -> Reply:
    store = call.store
    settings, body = read_post(call.object())
    draft = read_message(body, call.uploads, known=POST, flags=CREATE_FLAGS, path=("message",))
    thread, message = forums.create_post(store, store.bot, forum, settings, draft)
    reply = _created(call, thread)
    reply.body["message"] = payloads.message(store, message)
    return reply


def _create_of_message(call: Call) -> Reply:
    store = call.store
    parent = seen(call)
    settings = read_thread_of_message(call.object())
    thread = threads.create(store, store.bot, parent, settings, store.message(parent, call.id(1)))
    return _created(call, thread)


def _created(call: Call, thread: Channel) -> Reply:
    audit.note(call.store, thread.guild, AuditAction.THREAD_CREATE, thread.id, call.reason)
    return Reply(201, payloads.thread_for(thread, call.store.bot.id))


# -- members ------------------------------------------------------------------------------------------


def _person(call: Call) -> User:
    if call.params[1] == "@me":
        return call.store.bot
    user = call.store.users.get(call.id(1))
    if user is None:
        raise refusal(10013)
    return user


def _add(call: Call) -> Reply:
    thread_members.add(call.store, seen(call), _person(call), by=call.store.bot)
    return NO_CONTENT


def _remove(call: Call) -> Reply:
    thread_members.remove(call.store, seen(call), _person(call), by=call.store.bot)
    return NO_CONTENT


def _member(call: Call) -> Reply:
    thread = seen(call)
    info, user = thread_members.info_of(thread), _person(call)
    if user.id not in info.members:
        raise refusal(10007)
    return Reply(200, _described(thread, user.id, with_member=call.flag("with_member")))


def _members(call: Call) -> Reply:
    thread = seen(call)
    info = thread_members.info_of(thread)
    if not call.store.privileged_intents & Intent.GUILD_MEMBERS:
        raise refusal(50001)
    with_member = call.flag("with_member")
    listed: Iterable[int] = info.members
    after, limit = call.snowflake("after") or 0, call.number("limit", 100, 100)
    if with_member:  # only then does version 10 give them page by page
        listed = sorted(one for one in info.members if one > after)[:limit]
    return Reply(200, [_described(thread, one, with_member=with_member) for one in listed])


def _described(thread: Channel, user_id: int, *, with_member: bool) -> Json:
    described = payloads.thread_member(thread, user_id)
    if with_member and thread.guild is not None:
        described["member"] = payloads.member(thread.guild.members[user_id])
    return described


# -- lists --------------------------------------------------------------------------------------------


def _listed(call: Call, found: list[Channel], *, has_more: bool = False) -> Reply:
    bot = call.store.bot.id
    own = [one for one in found if one.thread is not None and bot in one.thread.members]
    described = {
        "threads": [payloads.thread_for(one, bot) for one in found],
        "members": [payloads.thread_member(one, bot) for one in own],
        "has_more": has_more,
    }
    return Reply(200, described)


def _active(call: Call) -> Reply:
    store = call.store
    known = store.guild(call.id(0)).threads.values()
    found = [one for one in known if not one.archived and store.can_see(store.bot.id, one)]
    return _listed(call, sorted(found, key=lambda one: one.id, reverse=True))


def _archived_at(thread: Channel) -> str:
    return "" if thread.thread is None else thread.thread.archive_timestamp


def _archived(call: Call, kinds: frozenset[ChannelType], needed: int) -> Reply:
    """List archived threads, those archived last first (page resources/channel)."""
    parent = seen(call, needed | Permission.READ_MESSAGE_HISTORY)
    found = sorted(_of(parent, lambda one: one.type in kinds), key=_archived_at, reverse=True)
    before = call.moment("before")
    return _paged(call, [one for one in found if before is None or _archived_at(one) < before])


def _joined(call: Call) -> Reply:
    """List archived private threads that the bot is in, the newest first."""
    bot = call.store.bot.id
    parent = seen(call, Permission.READ_MESSAGE_HISTORY)
    before = call.snowflake("before")

    def wanted(one: Channel) -> bool:
        inside = one.thread is not None and bot in one.thread.members
        return inside and one.type in _PRIVATE and (before is None or one.id < before)

    return _paged(call, sorted(_of(parent, wanted), key=lambda one: one.id, reverse=True))


def _of(parent: Channel, wanted: Callable[[Channel], bool]) -> list[Channel]:
    known = () if parent.guild is None else parent.guild.threads.values()
    return [one for one in known if one.parent is parent and one.archived and wanted(one)]


def _paged(call: Call, found: list[Channel]) -> Reply:
    limit = call.number("limit", 50, 100, least=2)
    return _listed(call, found[:limit], has_more=len(found) > limit)


_MEMBERS = "/channels/{}/thread-members"
_PAGED = frozenset({"before", "limit"})

ROUTES = [
    Route("POST", "/channels/{}/threads", _create),
    Route("POST", "/channels/{}/messages/{}/threads", _create_of_message),
    Route("GET", _MEMBERS, _members, frozenset({"with_member", "after", "limit"})),
    Route("GET", f"{_MEMBERS}/{{}}", _member, frozenset({"with_member"})),
    Route("PUT", f"{_MEMBERS}/{{}}", _add),
    Route("DELETE", f"{_MEMBERS}/{{}}", _remove),
    Route("GET", "/guilds/{}/threads/active", _active),
    Route("GET", "/channels/{}/threads/archived/public", lambda call: _archived(call, _PUBLIC, 0), _PAGED),
    Route(
        "GET",
        "/channels/{}/threads/archived/private",
        lambda call: _archived(call, _PRIVATE, Permission.MANAGE_THREADS),
        _PAGED,
    ),
    Route("GET", "/channels/{}/users/@me/threads/archived/private", _joined, _PAGED),
]
