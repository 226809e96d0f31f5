"""The log channel's line about a finished task of its server."""

from bot.store.guilds import Guilds
from bot.texts import Texts
from oasst_client.tasks import TaskRequestType


async def log_line(
    guilds: Guilds,
    *,
    guild_id: int,
    user_id: int,
    kind: TaskRequestType,
    thread_id: int | None,
    texts: Texts,
) -> tuple[int, str] | None:
    """Say where a finished task is told of, and how.

    Args:
        guilds: the servers' settings.
        guild_id: the server in which the task was done; no other server hears of it.
        user_id: who did it; named by a mention that must be sent inert.
        kind: the kind of task.
        thread_id: the thread it was done in, None where there was none.
        texts: the server's language.

    Returns:
        The log channel's id and the line; None where the server set no log channel.
    """
    channel_id = (await guilds.settings(guild_id)).log_channel_id
    if channel_id is None:
        return None
    what = texts(f"log.kind.{kind.value}")
    if thread_id is None:
        return channel_id, texts("log.finished", who=f"<@{user_id}>", what=what)
    return channel_id, texts(
        "log.finished_in_thread", who=f"<@{user_id}>", what=what, thread=f"<#{thread_id}>"
    )
