"""What a session is told first: READY, and a guild with all that is in it (page events/gateway-events)."""

from typing import TYPE_CHECKING

from discord_sandbox.gateway.session import Session
from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Guild, Json
from discord_sandbox.world.visibility import channel_for_bot

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def ready(store: "Store", session: Session, guilds: list[Guild]) -> Json:
    """Describe the bot and its session to itself; the guilds come one by one afterwards."""
    described: Json = {
        "v": 10,
        "user": payloads.own_user(store.bot),
        "guilds": [{"id": str(one.id), "unavailable": True} for one in guilds],
        "session_id": session.id,
        "resume_gateway_url": store.gateway.url,
        "application": {"id": str(store.bot.id), "flags": 0},
    }
    if session.shard is not None:
        described["shard"] = list(session.shard)
    return described


def guild_create(store: "Store", of: Guild, session: Session, *, joined: bool) -> Json:
    """Describe a guild as a session gets it: at its start, after an outage, or when the bot joins.

    Without the intent for presences it has no member but the bot. With it, a large guild has only those who
    have a role or a name of their own. Only a guild that the bot knew already says that it is available.
    """
    known: Json = {} if joined else {"unavailable": False}
    large = len(of.members) > session.large_threshold
    bot = store.bot
    with_others = bool(session.intents & Intent.GUILD_PRESENCES)
    return {
        **known,
        **payloads.guild(of, 0),
        "joined_at": of.members[bot.id].joined_at,
        "large": large,
        "member_count": len(of.members),
        "members": [
            payloads.member(one)
            for one in of.members.values()
            if one.user is bot or (with_others and (not large or one.roles or one.nick is not None))
        ],
        "channels": [channel_for_bot(store, one) for one in of.channels.values()],
        "threads": [
            payloads.thread_for(one, bot.id)
            for one in of.threads.values()
            if not one.archived and store.can_see(bot.id, one)
        ],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
