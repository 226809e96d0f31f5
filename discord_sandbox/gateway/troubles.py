"""What can go wrong at the gateway on purpose; here nothing does: `faults.gateway` has what does."""

from discord_sandbox.gateway.closing import CloseCode
from discord_sandbox.gateway.session import Session


class Troubles:
    """Asked at each turn of a connection whether something goes wrong there.

    Attributes:
        of_events: Whether events may meet any; else they are not asked, which keeps them fast.
    """

    of_events = False

    def meets(self, session: Session, name: str, data: str) -> bool:
        """Take care of an event to a connected session; gives whether it was taken care of.

        Args:
            session: The session.
            name: The event's name.
            data: Its data as JSON.
        """
        _ = session, name, data
        return False

    def hello_delay(self) -> float:
        """Give for how many seconds a new connection waits for its hello."""
        return 0.0

    def refused_identify(self) -> CloseCode | None:
        """Give the code with which a right identify is refused."""
        return None

    def refuses_resume(self) -> bool:
        """Whether a resume is answered with "invalid session"."""
        return False

    def swallows_heartbeat(self) -> bool:
        """Whether a heartbeat is not answered."""
        return False
