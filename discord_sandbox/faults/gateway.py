"""Faults of the gateway: drops, lost, doubled and late events, refused sessions, and silence."""

from collections.abc import Callable
from typing import TypeVar

from discord_sandbox.clock import Clock
from discord_sandbox.faults.rule import Fault, FaultBook
from discord_sandbox.gateway import GatewayHub
from discord_sandbox.gateway.closing import CloseCode
from discord_sandbox.gateway.events import EVENTS
from discord_sandbox.gateway.hub import RECONNECT
from discord_sandbox.gateway.session import Session
from discord_sandbox.gateway.troubles import Troubles

_Strike = Callable[[Session, str, str], None]
_F = TypeVar("_F", bound=Fault)


class _EventFault(Fault):
    """A fault of the events of one name, or of all (`*`)."""

    def __init__(
        self, book: FaultBook, what: str, on: str, strike: _Strike, times: int | None, skip: int
    ) -> None:
        if on != "*" and on not in EVENTS:
            raise ValueError(f"the gateway has no event {on!r}")
        super().__init__(book, f"{what} on {on}", times=times, skip=skip)
        self._on = on
        self.strike = strike

    def meets(self, name: str) -> bool:
        """Count an event if it is of this name, and give whether it is struck."""
        return self.active and self._on in {"*", name} and self.strikes()


class _CodeFault(Fault):
    """A fault that closes with a code."""

    def __init__(self, book: FaultBook, what: str, code: CloseCode, times: int | None, skip: int) -> None:
        super().__init__(book, what, times=times, skip=skip)
        self.code = code


class _WaitFault(Fault):
    """A fault that takes a number of seconds."""

    def __init__(self, book: FaultBook, what: str, seconds: float, times: int | None, skip: int) -> None:
        super().__init__(book, what, times=times, skip=skip)
        self.seconds = seconds


class GatewayFaults(Troubles):
    """What goes wrong at the gateway.

    Each method makes a fault and gives its handle. `on` names an event, such as `INTERACTION_CREATE`, or is
    `*` for all; only events to sessions that are connected count. The first `skip` fitting ones pass, the
    next `times` are struck (None: for ever). Of several faults of an event only the first that strikes acts.

    Every method with `on` raises ValueError for an event that the gateway does not have.

    Args:
        book: Where all faults of the sandbox are listed.
        hub: The gateway.
        clock: The time that a delay takes.
    """

    def __init__(self, book: FaultBook, hub: GatewayHub, clock: Clock) -> None:
        self._book = book
        self._hub = hub
        self._clock = clock
        self._events: list[_EventFault] = []
        self._hellos: list[_WaitFault] = []
        self._identifies: list[_CodeFault] = []
        self._resumes: list[Fault] = []
        self._heartbeats: list[Fault] = []
        hub.troubles = self

    # -- faults of events -----------------------------------------------------------------------------

    def drop_gateway(
        self, on: str, code: int | None = None, *, before: bool = False, times: int | None = 1, skip: int = 0
    ) -> Fault:
        """End the connection at an event.

        Args:
            on: At which event.
            code: The close code; None breaks the connection without one. After 4004, 4007 and 4009 the
                session is over, after the others it can be resumed.
            before: Whether it ends before the event is sent; a resume then replays the event.
            times: How often it strikes.
            skip: How many events it lets pass before.
        """

        def strike(session: Session, name: str, data: str) -> None:
            if before:
                self._hub.drop_session(session, code)
            session.dispatch(name, data)
            if not before:
                self._hub.drop_session(session, code)

        how = "break" if code is None else f"close with {code}"
        return self._make(f"{how} {'before' if before else 'after'} the event", on, strike, times, skip)

    def duplicate_event(self, on: str, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Send an event twice, as two events."""

        def strike(session: Session, name: str, data: str) -> None:
            session.dispatch(name, data)
            session.dispatch(name, data)

        return self._make("duplicate", on, strike, times, skip)

    def lose_event(self, on: str, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Never send an event, not even to a session that is resumed."""
        return self._make("loss", on, lambda *_: None, times, skip)

    def delay_event(self, on: str, seconds: float, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Send an event later, by the sandbox's clock; others may overtake it."""

        def strike(session: Session, name: str, data: str) -> None:
            self._clock.call_later(seconds, lambda: session.dispatch(name, data))

        return self._make(f"delay of {seconds:g} s", on, strike, times, skip)

    def ask_to_reconnect(self, on: str, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Ask the bot to reconnect (opcode 7) before an event; whoever does so at once has it replayed."""

        def strike(session: Session, name: str, data: str) -> None:
            if session.line is not None:
                session.line.send(RECONNECT)
            session.dispatch(name, data)

        return self._make("reconnect", on, strike, times, skip)

    def invalidate_session(self, on: str, *, resumable: bool, times: int | None = 1, skip: int = 0) -> Fault:
        """Say that the session is not valid (opcode 9) instead of sending an event.

        Args:
            on: At which event.
            resumable: Whether the session can be resumed, which replays the event; else it is lost.
            times: How often it strikes.
            skip: How many events it lets pass before.
        """

        def strike(session: Session, name: str, data: str) -> None:
            self._hub.invalidate(session, resumable=resumable)
            session.dispatch(name, data)

        how = "resumable" if resumable else "lost"
        return self._make(f"invalid session ({how})", on, strike, times, skip)

    # -- faults of connections ------------------------------------------------------------------------

    def refuse_resume(self, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Answer a resume with "invalid session": what was missed is lost."""
        return _add(self._resumes, Fault(self._book, "refused resume", times=times, skip=skip))

    def refuse_identify(self, code: int, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Close the connection with a code when the bot rightly begins a session.

        Raises:
            ValueError: It is none of the gateway's codes.
        """
        fault = _CodeFault(self._book, f"identify refused with {code}", CloseCode(code), times, skip)
        return _add(self._identifies, fault)

    def slow_hello(self, seconds: float, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Let a new connection wait for its hello, by the sandbox's clock."""
        what = f"hello after {seconds:g} s"
        return _add(self._hellos, _WaitFault(self._book, what, seconds, times, skip))

    def stop_heartbeat_acks(self, *, times: int | None = None, skip: int = 0) -> Fault:
        """Do not answer heartbeats, as a connection that died unseen."""
        return _add(self._heartbeats, Fault(self._book, "heartbeat without answer", times=times, skip=skip))

    # -- meeting them ---------------------------------------------------------------------------------

    def meets(self, session: Session, name: str, data: str) -> bool:
        """Let the first fault that fits strike an event."""
        for fault in self._events:
            if fault.meets(name):
                fault.strike(session, name, data)
                self._forget_old()
                return True
        return False

    def hello_delay(self) -> float:
        """Give for how many seconds a new connection waits for its hello."""
        return next((fault.seconds for fault in self._hellos if fault.strikes()), 0.0)

    def refused_identify(self) -> CloseCode | None:
        """Give the code with which a right identify is refused."""
        return next((fault.code for fault in self._identifies if fault.strikes()), None)

    def refuses_resume(self) -> bool:
        """Whether a resume is answered with "invalid session"."""
        return any(fault.strikes() for fault in self._resumes)

    def swallows_heartbeat(self) -> bool:
        """Whether a heartbeat is not answered."""
        return any(fault.strikes() for fault in self._heartbeats)

    def _make(self, what: str, on: str, strike: _Strike, times: int | None, skip: int) -> Fault:
        self._events.append(_EventFault(self._book, what, on, strike, times, skip))
        self._forget_old()
        return self._events[-1]

    def _forget_old(self) -> None:
        self._events = [one for one in self._events if one.active]
        self.of_events = bool(self._events)


def _add(faults: list[_F], fault: _F) -> _F:
    faults[:] = [*(one for one in faults if one.active), fault]
    return fault
