"""The gateway's sessions: who gets which event, and what is replayed after a dropped connection."""

import secrets
from collections import deque
from typing import TYPE_CHECKING, Protocol

from discord_sandbox import payloads
from discord_sandbox.intents import Intent
from discord_sandbox.model import Json, encode

if TYPE_CHECKING:
    from discord_sandbox.store import Store

RESUMABLE_SECONDS = 180.0
"""For how long a session can be resumed after its connection was lost."""

_REPLAY_LIMIT = 10_000
"""How many events a session keeps for a replay."""


class Line(Protocol):
    """The way to the bot: one connection."""

    def send(self, frame: str) -> None:
        """Queue one frame."""

    def drop(self, code: int | None) -> None:
        """End the connection: with a close code, or abruptly without one (None)."""


class Session:
    """What one shard of the bot has asked for, and what it was sent.

    Attributes:
        line: The connection; None while the bot is away.
        lost_at: When the connection was lost, Unix seconds.
    """

    def __init__(self, intents: int, shard: tuple[int, int], line: Line) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.line: Line | None = line
        self.lost_at = 0.0
        self.seq = 0
        self._sent: deque[tuple[int, str]] = deque(maxlen=_REPLAY_LIMIT)

    def dispatch(self, name: str, data: str) -> None:
        """Send an event whose data are JSON already, and keep it for a replay."""
        self.seq += 1
        frame = f'{{"op":0,"s":{self.seq},"t":"{name}","d":{data}}}'
        self._sent.append((self.seq, frame))
        if self.line is not None:
            self.line.send(frame)

    def missed_since(self, seq: int) -> list[str] | None:
        """Give the frames after `seq`, or None if they are not all there any more."""
        if seq > self.seq:
            return None
        if seq < self.seq and (not self._sent or self._sent[0][0] > seq + 1):
            return None
        return [frame for number, frame in self._sent if number > seq]


class GatewayHub:
    """All sessions of the bot.

    Attributes:
        refuse_resume: While true, every resume is answered with "invalid session".
        url: Where to connect, `ws://...`; set when the server listens.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store
        self.sessions: dict[str, Session] = {}
        self.refuse_resume = False
        self.url = ""

    @property
    def connected(self) -> bool:
        """Whether the bot has at least one live connection that identified itself."""
        return any(session.line is not None for session in self.sessions.values())

    @property
    def reachable(self) -> bool:
        """Whether an event would ever reach the bot: connected, or away for a short while."""
        self._forget_old()
        return bool(self.sessions)

    def wants(self, intent: Intent) -> bool:
        """Whether any session asked for such events."""
        bit = intent.value  # plain numbers: enum arithmetic is slow, and this is asked at every change
        return any(bit & session.intents == bit for session in self.sessions.values())

    def dispatch(self, name: str, intent: Intent, payload: Json, guild_id: int | None) -> None:
        """Send an event to the sessions that asked for it and whose shard it is."""
        data = encode(payload)
        bit = intent.value
        for session in self.sessions.values():
            if bit & session.intents != bit:
                continue
            number, count = session.shard
            if (0 if guild_id is None else (guild_id >> 22) % count) == number:
                session.dispatch(name, data)

    def identify(self, intents: int, shard: tuple[int, int], line: Line) -> Session:
        """Begin a session: READY, then the guilds of its shard."""
        store = self._store
        self._forget_old()
        session = Session(intents, shard, line)
        store.journal.note("the bot connected")
        self.sessions[session.id] = session
        guilds = [one for one in store.guilds_of(store.bot.id) if (one.id >> 22) % shard[1] == shard[0]]
        ready: Json = {
            "v": 10,
            "user": payloads.own_user(store.bot),
            "guilds": [{"id": str(one.id), "unavailable": True} for one in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": list(shard),
            "application": {"id": str(store.bot.id), "flags": 0},
        }
        session.dispatch("READY", encode(ready))
        if intents & Intent.GUILDS:
            for guild in guilds:
                if not guild.unavailable:
                    session.dispatch("GUILD_CREATE", encode(payloads.guild_create(store, guild)))
        store.feed.notify()
        return session

    def resume(self, session_id: str, seq: int, line: Line) -> Session | None:
        """Continue a session on a new connection and replay what it missed; None if that cannot be."""
        self._forget_old()
        session = self.sessions.get(session_id)
        missed = None if session is None or self.refuse_resume else session.missed_since(seq)
        if session is None or missed is None:
            self.sessions.pop(session_id, None)
            self._store.journal.note("the bot was refused to resume its session")
            return None
        if session.line is not None:
            session.line.drop(4000)
        session.line = line
        self._store.journal.note("the bot resumed its session")
        for frame in missed:
            line.send(frame)
        session.dispatch("RESUMED", "{}")
        self._store.feed.notify()
        return session

    def lost(self, session: Session, line: Line) -> None:
        """Note that a connection is gone; its session can be resumed for a while."""
        if session.line is line:
            session.line = None
            self._store.journal.note("the bot's connection broke")
            session.lost_at = self._store.clock()
            self._store.feed.notify()

    def ended(self, session: Session) -> None:
        """End a session for good: the bot said goodbye."""
        session.line = None
        self.sessions.pop(session.id, None)
        self._store.journal.note("the bot left")
        self._store.feed.notify()

    def drop(self, code: int | None = None) -> None:
        """End all connections: with a close code, or abruptly without one."""
        for session in tuple(self.sessions.values()):
            if session.line is not None:
                session.line.drop(code)

    def ask_to_reconnect(self) -> None:
        """Send "reconnect" (opcode 7) to every connection."""
        self._store.journal.note("the bot was asked to reconnect")
        for session in self.sessions.values():
            if session.line is not None:
                session.line.send('{"op":7,"d":null,"s":null,"t":null}')

    def _forget_old(self) -> None:
        oldest = self._store.clock() - RESUMABLE_SECONDS
        for session in tuple(self.sessions.values()):
            if session.line is None and session.lost_at < oldest:
                del self.sessions[session.id]
