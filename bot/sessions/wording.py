"""What the task features say besides the task itself."""

import hikari

from bot.forms import Panel
from bot.limits import EMBED_DESCRIPTION
from bot.rendering.splitting import split_markdown
from bot.sessions.places import Destination
from bot.store.sessions import Place, Session
from bot.texts import Texts
from oasst_client import (
    NotAuthorizedError,
    OasstError,
    RateLimitedError,
    TaskUnavailableError,
    TermsNotAcceptedError,
    TooManyPendingError,
    TransportError,
    UserDisabledError,
)

_WHY_NO_TASK: tuple[tuple[type[OasstError], str], ...] = (
    (TaskUnavailableError, "task.none_now"),
    (TooManyPendingError, "task.too_many"),
    (RateLimitedError, "task.slow_down"),
    (UserDisabledError, "task.disabled"),
    (TermsNotAcceptedError, "backend.4003"),
    (NotAuthorizedError, "task.backend_refuses"),
    (TransportError, "task.backend_away"),
)


def why_no_task(error: OasstError, texts: Texts) -> Panel:
    """Say why there is no task for a person now."""
    key = next((key for kind, key in _WHY_NO_TASK if isinstance(error, kind)), "task.backend_away")
    return Panel(content=texts(key))


def ready(session: Session, destination: Destination, texts: Texts) -> Panel:
    """Lead a person to the new task, and say why it is not where they may expect it."""
    lines = [texts("task.ready", thread=f"<#{session.thread_id}>")]
    if session.place is Place.ephemeral:
        lines = [texts("task.ready_here")]
    if destination.reason is not None:
        lines.append(texts(destination.reason))
    return Panel(content="\n".join(lines))


def open_already(session: Session, texts: Texts) -> Panel:
    """Lead a person to the task they have."""
    if session.place is Place.ephemeral:
        return Panel(content=texts("task.open_here"))
    return Panel(content=texts("task.open_already", thread=f"<#{session.thread_id}>"))


def given_back(text: str, intro: str) -> list[Panel]:
    """Give a text back to who wrote it: the reason, then the whole text."""
    pieces = split_markdown(text, EMBED_DESCRIPTION)
    panels = [Panel(embeds=(hikari.Embed(description=piece),)) for piece in pieces]
    return [Panel(content=intro), *panels]
