"""All gateway sessions of the bot: who gets which event, and who may come back."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.gateway import greeting
from discord_sandbox.gateway.closing import ENDS_SESSION, CloseCode, Closing
from discord_sandbox.gateway.members import MemberRequests
from discord_sandbox.gateway.presence import Presence
from discord_sandbox.gateway.session import Line, Session
from discord_sandbox.gateway.settings import GatewaySettings
from discord_sandbox.gateway.starts import SessionStarts
from discord_sandbox.gateway.troubles import Troubles
from discord_sandbox.intents import Intent
from discord_sandbox.world.model import Guild, Json, encode

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

RECONNECT = '{"op":7,"d":null,"s":null,"t":null}'
_HEARTBEAT = '{"op":1,"d":null,"s":null,"t":null}'


class GatewayHub:
    """All sessions of the bot.

    Attributes:
        settings: The numbers of the gateway; those that are changed hold from then on.
        sessions: The sessions that live, connected or not, by their id.
        connections: All connections that are open, also those that have not identified themselves.
        starts: How often a session was begun.
        members: Answers requests for members.
        troubles: What goes wrong on purpose.
        url: Where to connect, `ws://...`; set when the server listens.
    """

    def __init__(self, store: "Store", settings: GatewaySettings) -> None:
        self._store = store
        self.settings = settings
        self.sessions: dict[str, Session] = {}
        self.connections: set[Line] = set()
        self.starts = SessionStarts(store.clock, settings)
        self.members = MemberRequests(store, self.send)
        self.troubles = Troubles()
        self.url = ""

    # -- who is there ---------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether the bot has at least one live connection that identified itself."""
        return any(session.line is not None for session in self.sessions.values())

    @property
    def presence(self) -> str:
        """How people see the bot: its status and what it does, or `offline`."""
        latest = next(reversed(self.sessions.values()), None)
        return "offline" if latest is None else str(latest.presence)

    def reaches(self, guild_id: int | None) -> bool:
        """Whether an event of a guild, or of none, can reach the bot: it is there, or away for a while."""
        return any(session.hears_of(guild_id) for session in self.sessions.values())

    def wants(self, intent: Intent) -> bool:
        """Whether any session asked for such events."""
        return any(intent & session.intents == intent for session in self.sessions.values())

    # -- events ---------------------------------------------------------------------------------------

    def dispatch(
        self,
        name: str,
        intent: Intent,
        payload: Json,
        guild_id: int | None,
        *,
        without_content: Callable[[Json], Json] | None = None,
    ) -> None:
        """Send an event to the sessions that asked for it and whose shard it is.

        Args:
            name: The event's name.
            intent: The intent that a session must have.
            payload: The event's data.
            guild_id: The guild it belongs to; None for events outside of guilds.
            without_content: Empties the data for sessions without the intent for message content; None if
                they get the same.
        """
        data = encode(payload)
        bare: str | None = None
        for session in self._those_who_hear(intent, guild_id):
            if without_content is None or session.intents & Intent.MESSAGE_CONTENT:
                self._send(session, name, data)
            else:
                bare = bare or encode(without_content(payload))
                self._send(session, name, bare)

    def dispatch_guild(self, guild: Guild, *, joined: bool) -> None:
        """Send a guild with all that is in it, as far as each session may see it."""
        for session in self._those_who_hear(Intent.GUILDS, guild.id):
            self._send_guild(session, guild, joined=joined)

    def send(self, session: Session, name: str, payload: Json) -> None:
        """Send an event to one session."""
        self._send(session, name, encode(payload))

    def _those_who_hear(self, intent: Intent, guild_id: int | None) -> Iterator[Session]:
        # A fault may end a session while an event goes round.
        sessions = tuple(self.sessions.values()) if self.troubles.of_events else self.sessions.values()
        for session in sessions:
            if intent & session.intents == intent and session.hears_of(guild_id):
                yield session

    def _send(self, session: Session, name: str, data: str) -> None:
        troubles = self.troubles
        if troubles.of_events and session.line is not None and troubles.meets(session, name, data):
            return
        session.dispatch(name, data)

    def _send_guild(self, session: Session, guild: Guild, *, joined: bool = False) -> None:
        self.send(session, "GUILD_CREATE", greeting.guild_create(self._store, guild, session, joined=joined))

    # -- coming and going -----------------------------------------------------------------------------

    def identify(
        self,
        intents: int,
        shard: tuple[int, int] | None,
        line: Line,
        *,
        large_threshold: int = 50,
        presence: Presence | None = None,
    ) -> Session:
        """Begin a session: READY, then the guilds of its shard.

        Args:
            intents: The intents, as bits.
            shard: Which shard of how many; None if the bot did not say, and is one.
            line: The connection.
            large_threshold: How many members make a guild large.
            presence: How the bot wants to be seen.
        """
        store = self._store
        session = Session(intents, shard, line, large_threshold, presence or Presence())
        store.journal.note("the bot connected")
        self.sessions[session.id] = session
        guilds = [one for one in store.guilds_of(store.bot.id) if session.hears_of(one.id)]
        self.send(session, "READY", greeting.ready(store, session, guilds))
        if session.intents & Intent.GUILDS:
            for guild in guilds:
                if guild.unavailable:
                    self.send(session, "GUILD_DELETE", {"id": str(guild.id), "unavailable": True})
                else:
                    self._send_guild(session, guild)
        store.feed.notify()
        return session

    def resume(self, session_id: str, seq: int, line: Line) -> Session | None:
        """Continue a session on a new connection and replay what it missed.

        Args:
            session_id: Which session.
            seq: The number of the last event that the bot got.
            line: The new connection.

        Returns:
            The session; None if there is none, or what was missed is not all there any more.

        Raises:
            Closing: 4007, there was no such event yet.
        """
        session = self.sessions.get(session_id)
        missed = None if session is None or seq > session.seq else session.missed_since(seq)
        if session is None or missed is None:
            self.refuse(session_id)
            if session is not None and seq > session.seq:
                raise Closing(CloseCode.INVALID_SEQ, f"the latest event is {session.seq}, not {seq}")
            return None
        if session.line is not None:
            session.line.drop(CloseCode.UNKNOWN_ERROR)
        if session.expiry is not None:
            session.expiry.cancel()
        session.line = line
        self._store.journal.note("the bot resumed its session")
        for frame in missed:
            line.send(frame)
        self.send(session, "RESUMED", {})
        self._store.feed.notify()
        return session

    def lost(self, session: Session, line: Line, code: int | None = None) -> None:
        """Note that a connection is gone; its session can be resumed for a while, unless the code ends it."""
        if session.line is not line or session.id not in self.sessions:
            return
        session.line = None
        self._store.journal.note("the bot's connection broke")
        if code in ENDS_SESSION:
            self._end(session)
            return
        session.expiry = self._store.clock.call_later(limits.RESUMABLE_SECONDS, lambda: self._expire(session))
        self._store.feed.notify()

    def refuse(self, session_id: str) -> None:
        """Do not let a session be resumed, if there is one of this id: it is over."""
        self._store.journal.note("the bot was refused to resume its session")
        if (session := self.sessions.get(session_id)) is not None:
            self._end(session)

    def left(self, session: Session) -> None:
        """End a session for good: the bot said goodbye."""
        self._store.journal.note("the bot left")
        self._end(session)

    def _end(self, session: Session) -> None:
        session.line = None
        if session.expiry is not None:
            session.expiry.cancel()
        self.sessions.pop(session.id, None)
        self._store.feed.notify()

    def _expire(self, session: Session) -> None:
        self._store.journal.note("the bot did not come back in time: its session is over")
        self._end(session)

    def reset_token(self) -> None:
        """Do what Discord does after too many session starts: end all sessions, and change the token."""
        self._store.journal.note("the bot began too many sessions: its token was changed")
        self.drop(CloseCode.AUTHENTICATION_FAILED)
        for session in tuple(self.sessions.values()):
            self._end(session)
        self._store.change_token()
        self.starts.begin_anew()

    def close(self) -> None:
        """End all sessions and connections: the sandbox closes."""
        for session in tuple(self.sessions.values()):
            self._end(session)
        for line in self.connections:
            line.drop(1001)

    # -- at once --------------------------------------------------------------------------------------

    def drop(self, code: int | None = None) -> None:
        """End all connections now: with a close code, or abruptly without one."""
        for session in tuple(self.sessions.values()):
            self.drop_session(session, code)

    def drop_session(self, session: Session, code: int | None) -> None:
        """End the connection of one session now."""
        line = session.line
        if line is not None:
            self.lost(session, line, code)
            line.drop(code)

    def invalidate(self, session: Session, *, resumable: bool) -> None:
        """Tell one session's connection now that the session is not valid (opcode 9)."""
        line = session.line
        if line is None:
            return
        self._store.journal.note("the bot was told that its session is not valid")
        if resumable:
            self.lost(session, line)
        else:
            self._end(session)
        line.invalidate(resumable=resumable)

    def ask_to_reconnect(self) -> None:
        """Send "reconnect" (opcode 7) to every connection now."""
        self._store.journal.note("the bot was asked to reconnect")
        self._tell(RECONNECT)

    def ask_for_heartbeat(self) -> None:
        """Ask every connection for a heartbeat (opcode 1) now."""
        self._tell(_HEARTBEAT)

    def invalidate_session(self, *, resumable: bool) -> None:
        """Tell every connection now that its session is not valid (opcode 9)."""
        for session in tuple(self.sessions.values()):
            self.invalidate(session, resumable=resumable)

    def _tell(self, frame: str) -> None:
        for session in self.sessions.values():
            if session.line is not None:
                session.line.send(frame)
