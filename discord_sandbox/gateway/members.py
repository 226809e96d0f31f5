"""Answers a bot that asks for the members of a guild (page events/gateway-events, request guild members)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.gateway.frames import MembersWanted
from discord_sandbox.gateway.session import Session
from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Guild, Json, Member

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

_OPCODE = 8


class MemberRequests:
    """Answers with as many events as it takes.

    Args:
        store: Where the guilds are.
        send: Sends an event to one session.
    """

    def __init__(self, store: "Store", send: Callable[[Session, str, Json], None]) -> None:
        self._store = store
        self._send = send
        self._latest: dict[int, float] = {}

    def answer(self, session: Session, wanted: MembersWanted) -> str | None:
        """Answer a request; gives why there is no answer, if there is none."""
        guild = self._store.guilds.get(wanted.guild_id)
        if guild is None or self._store.bot.id not in guild.members:
            return "the bot is not in the guild whose members it wants"
        everybody = wanted.user_ids is None and not wanted.query
        if everybody and not session.intents & Intent.GUILD_MEMBERS:
            return "all members of a guild need the intent GUILD_MEMBERS"
        if everybody and self._asked_too_soon(session, guild, wanted.nonce):
            return None
        self._send_chunks(session, guild, wanted)
        return None

    def _asked_too_soon(self, session: Session, guild: Guild, nonce: str | None) -> bool:
        now = self._store.clock()
        left = self._latest.get(guild.id, -limits.ALL_MEMBERS_SECONDS) + limits.ALL_MEMBERS_SECONDS - now
        if left <= 0:
            self._latest[guild.id] = now
            return False
        meta = {"guild_id": str(guild.id), **_given(nonce)}
        self._send(session, "RATE_LIMITED", {"opcode": _OPCODE, "retry_after": left, "meta": meta})
        return True

    def _send_chunks(self, session: Session, guild: Guild, wanted: MembersWanted) -> None:
        found, missing = _find(guild, wanted)
        size = limits.MEMBERS_PER_CHUNK
        count = max(1, -(-len(found) // size))
        for index in range(count):
            described: Json = {
                "guild_id": str(guild.id),
                "members": [
                    payloads.member(one)
                    for one in found[
                        index * limits.MEMBERS_PER_CHUNK : (index + 1) * limits.MEMBERS_PER_CHUNK
                    ]
                ],
                "chunk_index": index,
                "chunk_count": count,
                **_given(wanted.nonce),
            }
            if missing and index == 0:
                described["not_found"] = missing
            if wanted.presences and session.intents & Intent.GUILD_PRESENCES:
                described["presences"] = []
            self._send(session, "GUILD_MEMBERS_CHUNK", described)


def _find(guild: Guild, wanted: MembersWanted) -> tuple[list[Member], list[str]]:
    """Give the members that are wanted, and the ids that nobody there has."""
    if wanted.user_ids is not None:
        listed = wanted.user_ids[: limits.MEMBERS_NAMED]
        members = {one: guild.members.get(int(one)) if one.isdecimal() else None for one in listed}
        found = [one for one in members.values() if one is not None]
        return found, [one for one, member in members.items() if member is None]
    if not wanted.query:
        return list(guild.members.values())[: wanted.limit or None], []
    start = wanted.query.lower()
    matching = [one for one in guild.members.values() if _begins(one, start)]
    return matching[: min(wanted.limit or limits.MEMBERS_NAMED, limits.MEMBERS_NAMED)], []


def _begins(member: Member, start: str) -> bool:
    names = (member.user.payload["username"], member.user.name, member.nick or "")
    return any(name.lower().startswith(start) for name in names)


def _given(nonce: str | None) -> Json:
    return {} if nonce is None else {"nonce": nonce}
