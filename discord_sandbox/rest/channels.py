"""REST: channels and threads."""

from collections.abc import Callable, Iterable

from discord_sandbox import channels, limits, messages, payloads, threads
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import text, whole
from discord_sandbox.forms.message import Draft
from discord_sandbox.model import Channel, ChannelType, Guild, Json, Message, MessageType, User
from discord_sandbox.permissions import Permission
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route

_THREAD = ("name", "auto_archive_duration", "rate_limit_per_user", "type", "invitable")
_THREAD_CHANGES = (
    "name",
    "archived",
    "locked",
    "auto_archive_duration",
    "rate_limit_per_user",
    "invitable",
    "flags",
)
_CHANNEL_CHANGES = ("name", "topic", "nsfw", "rate_limit_per_user", "position")


def _seen(call: Call) -> Channel:
    channel = call.store.channel(call.id(0))
    call.store.require(call.store.bot.id, channel, 0)
    return channel


def _get(call: Call) -> Reply:
    return Reply(200, payloads.channel(_seen(call)))


def _edit(call: Call) -> Reply:
    store = call.store
    channel = _seen(call)
    if channel.guild_id is None:
        raise refusal(50003)
    if channel.thread is not None:
        changes = call.body(*_THREAD_CHANGES)
        _check_thread(changes)
        threads.change(store, channel, changes, by=store.bot)
        return Reply(200, payloads.channel(channel))
    changes = call.body(*_CHANNEL_CHANGES)
    store.require(store.bot.id, channel, Permission.MANAGE_CHANNELS)
    errors = FormErrors()
    text(errors, changes, "name", (), least=1, most=limits.CHANNEL_NAME)
    text(errors, changes, "topic", (), most=limits.TOPIC)
    whole(errors, changes, "rate_limit_per_user", (), least=0, most=limits.SLOWMODE)
    errors.raise_if_any()
    for key, value in changes.items():
        setattr(channel, key, value)
    channels.changed(store, channel)
    return Reply(200, payloads.channel(channel))


def _check_thread(body: Json, *, required: bool = False) -> None:
    errors = FormErrors()
    text(errors, body, "name", (), least=1, most=limits.CHANNEL_NAME, required=required)
    whole(errors, body, "rate_limit_per_user", (), least=0, most=limits.SLOWMODE)
    if body.get("auto_archive_duration", 60) not in limits.ARCHIVE_MINUTES:
        errors.bad_choice(("auto_archive_duration",), limits.ARCHIVE_MINUTES)
    for key in ("archived", "locked", "invitable"):
        if key in body and not isinstance(body[key], bool):
            errors.add((key,), "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
    errors.raise_if_any()


def _delete(call: Call) -> Reply:
    store = call.store
    channel = _seen(call)
    if channel.guild_id is not None:
        needed = Permission.MANAGE_CHANNELS if channel.thread is None else Permission.MANAGE_THREADS
        store.require(store.bot.id, channel, needed)
        described = payloads.channel(channel)
        channels.delete(store, channel)
        return Reply(200, described)
    return Reply(200, payloads.channel(channel))


def _create_thread(call: Call) -> Reply:
    body = call.body(*_THREAD)
    _check_thread(body, required=True)
    kind = body.get("type", ChannelType.PRIVATE_THREAD)
    if kind not in {ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD}:
        errors = FormErrors()
        errors.bad_choice(("type",), (11, 12))
        errors.raise_if_any()
    thread = _open(call, body, None, private=kind == ChannelType.PRIVATE_THREAD)
    if kind == ChannelType.PUBLIC_THREAD and thread.parent is not None:
        notice = Draft(content=thread.name)
        messages.post(call.store, call.store.bot, thread.parent, notice, kind=MessageType.THREAD_CREATED)
    return Reply(201, payloads.channel(thread))


def _create_thread_of_message(call: Call) -> Reply:
    body = call.body("name", "auto_archive_duration", "rate_limit_per_user")
    _check_thread(body, required=True)
    starter = call.store.message(_seen(call), call.id(1))
    return Reply(201, payloads.channel(_open(call, body, starter, private=False)))


def _open(call: Call, body: Json, starter: Message | None, *, private: bool) -> Channel:
    return threads.create(
        call.store,
        call.store.bot,
        call.store.channel(call.id(0)),
        body["name"],
        private=private,
        auto_archive=body.get("auto_archive_duration") or 4320,
        invitable=body.get("invitable", True),
        starter=starter,
    )


def _person(call: Call) -> User:
    if call.params[1:] in {(), ("@me",)}:
        return call.store.bot
    user = call.store.users.get(call.id(1))
    if user is None:
        raise refusal(10013)
    return user


def _add(call: Call) -> Reply:
    threads.add(call.store, _seen(call), _person(call), by=call.store.bot)
    return NO_CONTENT


def _remove(call: Call) -> Reply:
    threads.remove(call.store, _seen(call), _person(call), by=call.store.bot)
    return NO_CONTENT


def _thread_member(call: Call) -> Reply:
    thread, user = _seen(call), _person(call)
    if thread.thread is None or user.id not in thread.thread.members:
        raise refusal(10007)
    return Reply(200, payloads.thread_member(thread, user.id))


def _thread_members(call: Call) -> Reply:
    thread = _seen(call)
    members: Iterable[int] = () if thread.thread is None else thread.thread.members
    return Reply(200, [payloads.thread_member(thread, user_id) for user_id in members])


def _threads(call: Call, guild: Guild | None, wanted: Callable[[Channel], bool]) -> Json:
    store = call.store
    bot = store.bot.id
    known = () if guild is None else guild.threads.values()
    found = [one for one in known if wanted(one) and store.can_see(bot, one)]
    own = [one for one in found if one.thread is not None and bot in one.thread.members]
    return {
        "threads": [payloads.channel(one) for one in reversed(found)],
        "members": [payloads.thread_member(one, bot) for one in own],
        "has_more": False,
    }


def _active(call: Call) -> Reply:
    guild = call.store.guild(call.id(0))
    return Reply(200, _threads(call, guild, lambda one: not one.archived))


def _archived(call: Call, kind: ChannelType, needed: int, *, joined: bool = False) -> Reply:
    store = call.store
    parent = _seen(call)
    store.require(store.bot.id, parent, needed | Permission.READ_MESSAGE_HISTORY)

    def wanted(one: Channel) -> bool:
        if one.parent is not parent or not one.archived or one.type is not kind or one.thread is None:
            return False
        return not joined or store.bot.id in one.thread.members

    return Reply(200, _threads(call, parent.guild, wanted))


_PAGED = frozenset({"before", "limit"})

ROUTES = [
    Route("GET", "/channels/{}", _get),
    Route("PATCH", "/channels/{}", _edit),
    Route("DELETE", "/channels/{}", _delete),
    Route("POST", "/channels/{}/threads", _create_thread),
    Route("POST", "/channels/{}/messages/{}/threads", _create_thread_of_message),
    Route(
        "GET", "/channels/{}/thread-members", _thread_members, frozenset({"with_member", "after", "limit"})
    ),
    Route("GET", "/channels/{}/thread-members/{}", _thread_member, frozenset({"with_member"})),
    Route("PUT", "/channels/{}/thread-members/{}", _add),
    Route("DELETE", "/channels/{}/thread-members/{}", _remove),
    Route("GET", "/guilds/{}/threads/active", _active),
    Route(
        "GET",
        "/channels/{}/threads/archived/public",
        lambda call: _archived(call, ChannelType.PUBLIC_THREAD, 0),
        _PAGED,
    ),
    Route(
        "GET",
        "/channels/{}/threads/archived/private",
        lambda call: _archived(call, ChannelType.PRIVATE_THREAD, Permission.MANAGE_THREADS),
        _PAGED,
    ),
    Route(
        "GET",
        "/channels/{}/users/@me/threads/archived/private",
        lambda call: _archived(call, ChannelType.PRIVATE_THREAD, 0, joined=True),
        _PAGED,
    ),
]
