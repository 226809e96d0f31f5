"""Everything the bot sends to Discord, and what of it may be repeated after a lost reply.

hikari itself repeats nothing (`max_retries=0`), and lets errors of aiohttp through where a reply breaks off
in its body. Reads, edits and posts with a nonce are safe to repeat. So is the first answer to an
interaction: Discord takes one only, and says so (40060) when the person has it.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from json import JSONDecodeError
from pathlib import PurePath
from typing import Any, ParamSpec, TypeAlias, TypeVar

import aiohttp
import hikari
import stamina
from loguru import logger

from bot.limits import message_problems, modal_problems
from bot.rendering.panels import ModalPanel, Panel

ARCHIVE_AFTER_MINUTES = 4320
"""Three days without a message: longer than a task lives."""

TRIES = 4

_PLAIN_TEXT = "text/plain; charset=utf-8"
_MIME = {".json": "application/json", ".zip": "application/zip"}
"""What files are by the ends of their names; all others are texts."""

Parameters = ParamSpec("Parameters")
ResultT = TypeVar("ResultT")

Answerable: TypeAlias = hikari.CommandInteraction | hikari.ComponentInteraction | hikari.ModalInteraction

Clicked: TypeAlias = hikari.ComponentInteraction | hikari.ModalInteraction

THREAD_IS_ARCHIVED = 50083
"""Discord's code for a change of a thread that is archived already."""

ALREADY_ANSWERED = 40060
"""Discord's code for a second answer to an interaction."""

UNKNOWN_MESSAGE = 10008
"""Discord's code for a message that is not there, in a channel that is."""

MISSING_ACCESS = 50001
"""Discord's code for a place that the bot cannot see any more."""

DIRECT_MESSAGES_CLOSED = frozenset({50007, 50278})
"""Discord's codes for a person who takes no direct messages from the bot, or shares no server with it."""

DIRECT_MESSAGES_TOO_FAST = 40003
"""Discord's code where too many direct messages were opened of late."""

TOO_MANY_THREADS = 160006
"""Discord's code for a server with as many open threads as it may have."""

PASSING = frozenset({DIRECT_MESSAGES_TOO_FAST, TOO_MANY_THREADS})
"""Discord's codes for refusals that neither the bot nor its person has to do anything about."""


def is_gone(error: hikari.ClientHTTPResponseError) -> bool:
    """Whether Discord refused something because its place or message is gone, or out of the bot's sight."""
    return isinstance(error, hikari.NotFoundError) or error.code == MISSING_ACCESS


def _may_pass(error: Exception) -> bool:
    """Whether a call that is safe to repeat should be: no answer came, or Discord had trouble of its own."""
    if isinstance(error, hikari.RateLimitTooLongError):
        return False
    if isinstance(error, hikari.HTTPResponseError):
        return isinstance(error, hikari.InternalServerError)
    return isinstance(error, hikari.HTTPError)


_try_again = stamina.AsyncRetryingCaller(attempts=TRIES - 1, wait_initial=0.3, wait_max=3.0, timeout=20.0).on(
    _may_pass
)


async def repeat_safely(
    call: Callable[Parameters, Awaitable[ResultT]], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> ResultT:
    """Make a call that is safe to repeat, TRIES times at most: the second time at once, then after pauses."""
    # What counts and pauses costs as much as half a call; nearly every call needs none of it.
    try:
        return await _once(call, *args, **kwargs)
    except hikari.HTTPError as error:
        if not _may_pass(error):
            raise
    return await _try_again(partial(_once, call, *args, **kwargs))


async def _once(
    call: Callable[Parameters, Awaitable[ResultT]], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> ResultT:
    """Make a call; a reply that breaks off, or that nobody can read, is a lost one."""
    try:
        return await call(*args, **kwargs)
    except (aiohttp.ClientError, TimeoutError, JSONDecodeError, UnicodeDecodeError) as error:
        raise hikari.HTTPError(f"{type(error).__name__}: {error}") from error


class Outgoing:
    """Sends panels, and opens and closes threads; raises hikari's errors.

    Nobody is ever mentioned: hikari sends empty `allowed_mentions` unless told otherwise.
    """

    def __init__(self, rest: hikari.api.RESTClient, cache: hikari.api.Cache) -> None:
        self._rest = rest
        self._cache = cache

    async def open_thread(self, channel_id: int, name: str) -> int:
        """Open a private thread; never repeated: who is not sure looks for its name with `find_thread`."""
        thread = await _once(
            self._rest.create_thread,
            channel_id,
            hikari.ChannelType.GUILD_PRIVATE_THREAD,
            name,
            auto_archive_duration=ARCHIVE_AFTER_MINUTES,
            invitable=False,
        )
        return int(thread.id)

    async def find_thread(self, guild_id: int, code: str, since: int) -> int | None:
        """Find the active private thread of the bot, newer than a snowflake, whose name holds a code."""
        me = await self._me()
        for one in await repeat_safely(self._rest.fetch_active_threads, guild_id):
            is_ours = one.owner_id == me and one.type is hikari.ChannelType.GUILD_PRIVATE_THREAD
            if is_ours and one.id > since and code in (one.name or ""):
                return int(one.id)
        return None

    async def open_direct(self, user_id: int) -> int:
        """Find the channel of the direct messages with a person, or open it; again is fine."""
        channel = await repeat_safely(self._rest.create_dm_channel, user_id)
        return int(channel.id)

    async def member(self, guild_id: int, user_id: int) -> hikari.Member:
        """Look a person up in a guild.

        Raises:
            hikari.NotFoundError: they are not in it; or, as `is_gone` says, the bot is not.
        """
        return await repeat_safely(self._rest.fetch_member, guild_id, user_id)

    async def let_in(self, thread_id: int, user_id: int) -> None:
        """Add a person to a thread; again is fine."""
        await repeat_safely(self._rest.add_thread_member, thread_id, user_id)

    async def reopen_thread(self, thread_id: int, *, unlock: bool = False) -> None:
        """Make sure that a thread is not archived, and not locked if `unlock` says so; again is fine."""
        locked = False if unlock else hikari.UNDEFINED
        await repeat_safely(self._rest.edit_channel, thread_id, archived=False, locked=locked)

    async def close_thread(self, thread_id: int, *, lock: bool = False) -> None:
        """Archive a thread, and lock it if `lock` says so; one that is gone is closed.

        Raises:
            hikari.ForbiddenError: the bot may not; to lock takes Manage Threads.
        """
        try:
            await self._close(thread_id, lock=lock)
        except hikari.NotFoundError:
            return
        except hikari.BadRequestError as error:
            if error.code != THREAD_IS_ARCHIVED:
                raise
            if lock:
                # It was archived, but not locked, and takes no change as it is.
                await self.reopen_thread(thread_id)
                await self._close(thread_id, lock=True)

    async def _close(self, thread_id: int, *, lock: bool) -> None:
        locked = True if lock else hikari.UNDEFINED
        await repeat_safely(self._rest.edit_channel, thread_id, archived=True, locked=locked)

    async def delete_thread(self, thread_id: int) -> None:
        """Delete a thread; one that is gone is deleted.

        Raises:
            hikari.ForbiddenError: the bot may not; it takes Manage Threads.
        """
        try:
            await repeat_safely(self._rest.delete_channel, thread_id)
        except hikari.NotFoundError:
            return

    async def post(self, channel_id: int, panel: Panel, nonce: str) -> int:
        """Post a panel once: within some minutes Discord takes a nonce (at most 25 characters) once only."""
        message = await repeat_safely(
            self._rest.create_message,
            channel_id,
            **_new(panel),
            nonce=nonce,
        )
        return int(message.id)

    async def edit(self, channel_id: int, message_id: int, panel: Panel) -> None:
        """Make a message look like a panel; again is fine."""
        await repeat_safely(self._rest.edit_message, channel_id, message_id, **_whole(panel))

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message of the bot's own; again is fine."""
        await repeat_safely(self._rest.delete_message, channel_id, message_id)

    async def look_at(self, channel_id: int, message_id: int) -> hikari.Message:
        """Read a message as it stands.

        Raises:
            hikari.NotFoundError: it, or its channel, is gone.
        """
        return await repeat_safely(self._rest.fetch_message, channel_id, message_id)

    async def newest_in(self, channel_id: int) -> int:
        """Give a snowflake older than all that is posted in a channel from now on.

        Raises:
            hikari.HikariError: the channel is gone, or out of the bot's sight.
        """
        channel = await repeat_safely(self._rest.fetch_channel, channel_id)
        if not isinstance(channel, hikari.GuildTextChannel | hikari.GuildNewsChannel):
            return int(channel.id)
        return int(channel.last_message_id or channel.id)

    async def posted_after(self, channel_id: int, message_id: int) -> Sequence[hikari.Message]:
        """Read what the bot posted among the 100 messages of a thread after a snowflake, oldest first."""
        me = await self._me()

        async def read() -> Sequence[hikari.Message]:
            return await self._rest.fetch_messages(channel_id, after=message_id).limit(100)

        ours = [one for one in await repeat_safely(read) if one.author.id == me]
        return sorted(ours, key=lambda message: message.id)

    async def _me(self) -> hikari.Snowflake:
        me = self._cache.get_me()
        return (await repeat_safely(self._rest.fetch_my_user) if me is None else me).id

    async def defer(self, interaction: Answerable) -> None:
        """Answer at once with a private "thinking"; `finish` completes it."""
        await _first(
            interaction.create_initial_response,
            hikari.ResponseType.DEFERRED_MESSAGE_CREATE,
            flags=hikari.MessageFlag.EPHEMERAL,
        )

    async def defer_update(self, interaction: Clicked) -> None:
        """Answer a click at once without a change; `finish` changes the message it was on."""
        await _first(interaction.create_initial_response, hikari.ResponseType.DEFERRED_MESSAGE_UPDATE)

    async def update(self, interaction: Clicked, panel: Panel) -> bool:
        """Answer a click by changing the message it was on.

        Returns:
            False where it stays as it is, because the thread is archived; the click is answered all the same.
        """
        try:
            await _first(
                interaction.create_initial_response, hikari.ResponseType.MESSAGE_UPDATE, **_whole(panel)
            )
        except hikari.BadRequestError as error:
            if error.code != THREAD_IS_ARCHIVED:
                raise
            await self.defer_update(interaction)
            return False
        return True

    async def ask(
        self, interaction: hikari.CommandInteraction | hikari.ComponentInteraction, modal: ModalPanel
    ) -> None:
        """Answer by opening a modal."""
        _check(modal_problems(modal.title, modal.custom_id, modal.rows))
        await _first(
            interaction.create_modal_response, modal.title, modal.custom_id, components=list(modal.rows)
        )

    async def whisper(self, interaction: Answerable, panel: Panel) -> None:
        """Answer with something that only the person sees."""
        await _first(
            interaction.create_initial_response,
            hikari.ResponseType.MESSAGE_CREATE,
            **_new(panel),
            flags=hikari.MessageFlag.EPHEMERAL,
        )

    async def whisper_all(self, interaction: Answerable, panels: Sequence[Panel]) -> None:
        """Answer with one message or several, in order, that only the person sees."""
        first, *more = panels
        await self.whisper(interaction, first)
        for panel in more:
            await self.whisper_more(interaction, panel)

    async def finish(self, interaction: Answerable, panel: Panel) -> int:
        """Complete a deferred answer, or change the message that a deferred update belongs to."""
        message = await repeat_safely(interaction.edit_initial_response, **_whole(panel))
        return int(message.id)

    async def finish_later(self, application_id: int, token: str, panel: Panel) -> None:
        """Change the answer to an interaction of which only its token is left, within its fifteen minutes."""
        await repeat_safely(self._rest.edit_interaction_response, application_id, token, **_whole(panel))

    async def whisper_more(self, interaction: Answerable, panel: Panel) -> int:
        """Say something more that only the person sees, after the first answer; never repeated."""
        message = await _once(interaction.execute, **_new(panel), flags=hikari.MessageFlag.EPHEMERAL)
        return int(message.id)

    async def tell(self, interaction: Answerable, panel: Panel) -> None:
        """Say something that only the person sees, whether or not the interaction has its first answer."""
        try:
            await _once(
                interaction.create_initial_response,
                hikari.ResponseType.MESSAGE_CREATE,
                **_new(panel),
                flags=hikari.MessageFlag.EPHEMERAL,
            )
        except hikari.BadRequestError as error:
            if error.code != ALREADY_ANSWERED:
                raise
            await self.whisper_more(interaction, panel)

    async def tell_all(self, interaction: Answerable, panels: Sequence[Panel]) -> None:
        """Do as `tell` does with one message or several, in order."""
        first, *more = panels
        await self.tell(interaction, first)
        for panel in more:
            await self.whisper_more(interaction, panel)


async def _first(call: Callable[..., Awaitable[object]], *args: object, **kwargs: object) -> None:
    try:
        await repeat_safely(call, *args, **kwargs)
    except hikari.BadRequestError as error:
        if error.code != ALREADY_ANSWERED:
            raise


def _new(panel: Panel) -> dict[str, Any]:
    """Give the parts of a message that is not there yet."""
    _check(message_problems(panel.content, panel.embeds, panel.rows, panel.files))
    return {
        "content": panel.content or hikari.UNDEFINED,
        "embeds": panel.embeds or hikari.UNDEFINED,
        "components": panel.rows or hikari.UNDEFINED,
        "attachments": _attachments(panel) or hikari.UNDEFINED,
    }


def _whole(panel: Panel) -> dict[str, Any]:
    """Give all parts of a message, so that an edit leaves nothing of what stood there before."""
    _check(message_problems(panel.content, panel.embeds, panel.rows, panel.files))
    return {
        "content": panel.content or None,
        "embeds": list(panel.embeds),
        "components": list(panel.rows),
        "attachments": _attachments(panel) or None,
    }


def _attachments(panel: Panel) -> list[hikari.Bytes]:
    return [
        hikari.Bytes(file.content, file.name, mimetype=_MIME.get(PurePath(file.name).suffix, _PLAIN_TEXT))
        for file in panel.files
    ]


def _check(problems: Sequence[str]) -> None:
    """Name in the log what Discord is about to refuse; its answer then goes the way of every refusal."""
    if problems:
        logger.error("Something to be sent does not fit Discord's limits: {}", "; ".join(problems))
