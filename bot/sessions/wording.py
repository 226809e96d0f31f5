"""What the task features say besides the task itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

import hikari

from bot.forms import Panel
from bot.forms.controls import plain_button, row
from bot.outgoing import Clicked
from bot.rendering import times
from bot.sessions.presenting import kept_until, problem_text
from bot.store.sessions import Place, Session, SessionState
from bot.texts import Texts, texts_for

USE_DIRECT = "place:1:direct"
NO_DIRECT = "place:1:here"
"""The custom_ids of the buttons with which people choose direct messages, and no longer."""


Lead: TypeAlias = Callable[[Session, str | None, int, Texts], Panel | None]
"""What a person is told of a shown session, the key of why it is there, and the channel they are in."""


def ready(session: Session, reason: str | None, here: int, texts: Texts) -> Panel:
    """Lead a person to the new task.

    Args:
        session: as it is shown.
        reason: the key of why it is not where they may expect it, if so.
        here: the channel they are in.
        texts: their language.
    """
    where = None if session.channel_id == here else link(session)
    if where is not None:
        first = texts("task.ready", thread=where)
    else:
        first = texts("task.ready_below" if session.place is Place.thread else "task.ready_here")
    return _leading(session, first, reason, here, texts)


def in_other_language(
    lead: Lead, lang: str, session: Session, reason: str | None, here: int, texts: Texts
) -> Panel:
    """Lead a person to a task, which is in another of their languages, as there was none in the first."""
    words = texts(
        "task.other_language",
        first=texts.language_name(lang),
        language=texts.language_name(session.lang),
    )
    panel = lead(session, reason, here, texts)
    return Panel(words) if panel is None else replace(panel, content=f"{panel.content}\n{words}")


def open_already(session: Session, reason: str | None, here: int, texts: Texts) -> Panel:
    """Lead a person to the task they have; as for a new one, but `reason` says why it has moved."""
    where = link(session)
    first = texts("task.open_here") if where is None else texts("task.open_already", thread=where)
    if session.state is SessionState.held:
        mend = texts("task.held", reason=problem_text(session.problem, texts))
        first = f"{first}\n{mend}"
    if session.paused:
        paused = texts("task.is_paused", time=kept_until(session))
        first = f"{first}\n{paused}"
    return _leading(session, first, reason, here, texts)


def undelivered(count: int, since: datetime, texts: Texts) -> Panel:
    """Tell how many answers are still on their way to the backend, and since when."""
    key = "task.undelivered_one" if count == 1 else "task.undelivered"
    return Panel(texts(key, count=count, time=times.relative(since)))


def elsewhere(session: Session | None, interaction: Clicked) -> Panel:
    """Say that a control is of no use any more, and where the person's open task is, if they have one.

    Args:
        session: that task.
        interaction: of the person, on the control.
    """
    texts = texts_for(str(interaction.locale))
    if session is None:
        return Panel(texts("task.expired_controls"))
    where = link(session)
    if where is not None:
        return Panel(texts("task.moved", thread=where))
    clicked, controls = interaction.message, session.control_message_id
    is_older = clicked is not None and controls is not None and int(clicked.id) < controls
    is_here = session.place is Place.ephemeral and session.channel_id == int(interaction.channel_id)
    return Panel(texts("task.newer_copy" if is_here and is_older else "task.moved_away"))


def link(session: Session) -> str | None:
    """Give the way to a task that stands in a thread or in direct messages; None for any other."""
    if session.place is Place.thread and session.thread_id is not None:
        return f"<#{session.thread_id}>"
    return jump_link(session) if session.place is Place.direct else None


def jump_link(session: Session) -> str:
    """Give the address of a task's controls, or of the channel where they are about to stand."""
    server = session.guild_id if session.place is not Place.direct else None
    address = f"https://discord.com/channels/{server or '@me'}/{session.channel_id}"
    return address if session.control_message_id is None else f"{address}/{session.control_message_id}"


def direct_choice(texts: Texts, *, direct: bool) -> tuple[hikari.api.ComponentBuilder, ...]:
    """Give the button with which a person chooses direct messages, or chooses them no longer."""
    custom_id, key = (USE_DIRECT, "button.use_direct") if direct else (NO_DIRECT, "button.no_direct")
    return (row(plain_button(custom_id, texts(key))),)


def _leading(session: Session, first: str, reason: str | None, here: int, texts: Texts) -> Panel:
    lines = [first]
    if reason is not None:
        lines.append(texts(reason, where=texts(f"place.where.{session.place.value}")))
    rows: tuple[hikari.api.ComponentBuilder, ...] = ()
    if session.place is Place.ephemeral:
        lines.append(texts("task.or_direct"))
        rows = direct_choice(texts, direct=True)
    elif session.place is Place.direct and session.channel_id != here and session.guild_id is None:
        # Else it is its server that shows it there.
        rows = direct_choice(texts, direct=False)
    return Panel("\n".join(lines), rows=rows)
