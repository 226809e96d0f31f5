"""Checks the bodies that open or change a thread."""

from dataclasses import dataclass

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import Path, child, known_fields, one_of, text, truth, whole
from discord_sandbox.world.model import ChannelType, Json

_NEW = ("name", "auto_archive_duration", "rate_limit_per_user")
_CHANGES = ("name", "archived", "locked", "auto_archive_duration", "rate_limit_per_user", "invitable")
_KINDS = (ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)


@dataclass(slots=True, frozen=True)
class ThreadSettings:
    """What a new thread shall be like.

    Attributes:
        name: 1 to 100 characters.
        kind: An announcement, public or private thread.
        auto_archive: Minutes of quiet after which it leaves the list; None for what its channel says.
        rate_limit: Seconds that people wait between two messages; None for what its channel says.
        invitable: Whether members may add others to a private thread.
    """

    name: str
    kind: ChannelType = ChannelType.PRIVATE_THREAD
    auto_archive: int | None = None
    rate_limit: int | None = None
    invitable: bool = True


def read_thread(body: Json) -> ThreadSettings:
    """Check the body that opens a thread without a message; it is private unless the body says otherwise.

    Raises:
        ApiError: 50035 with everything that is wrong.
    """
    errors = FormErrors()
    known_fields(errors, body, (*_NEW, "type", "invitable"))
    kind = body.get("type")
    if kind is None:
        kind = ChannelType.PRIVATE_THREAD
    if not one_of(kind, _KINDS):
        errors.bad_choice(("type",), map(int, _KINDS))
    return _settings(errors, body, kind)


def read_thread_of_message(body: Json) -> ThreadSettings:
    """Check the body that opens a thread about a message.

    Raises:
        ApiError: 50035 with everything that is wrong.
    """
    errors = FormErrors()
    known_fields(errors, body, _NEW)
    return _settings(errors, body, ChannelType.PUBLIC_THREAD)


def read_post(body: Json) -> tuple[ThreadSettings, Json]:
    """Check the body that opens a post in a forum, and give its message's body apart.

    Raises:
        ApiError: 50035 with everything that is wrong, but for what is wrong with the message.
    """
    errors = FormErrors()
    known_fields(errors, body, (*_NEW, "message"))
    message = child(errors, body, "message", ())
    if message is None:
        errors.required(("message",))
    return _settings(errors, body, ChannelType.PUBLIC_THREAD), message or {}


def _settings(errors: FormErrors, body: Json, kind: int) -> ThreadSettings:
    _check(errors, body, required=True)
    errors.raise_if_any()
    invitable = body.get("invitable")
    return ThreadSettings(
        body["name"],
        ChannelType(kind),
        auto_archive=body.get("auto_archive_duration"),
        rate_limit=body.get("rate_limit_per_user"),
        invitable=invitable is not False,
    )


def read_thread_changes(body: Json) -> Json:
    """Check the body that changes a thread, and give what it changes; null leaves a thing as it is.

    Raises:
        ApiError: 50035 with everything that is wrong.
    """
    errors = FormErrors()
    known_fields(errors, body, _CHANGES)
    _check(errors, body, required=False)
    errors.raise_if_any()
    changes = {key: value for key, value in body.items() if value is not None}
    if "rate_limit_per_user" in body:
        changes["rate_limit_per_user"] = body["rate_limit_per_user"] or 0
    return changes


def _check(errors: FormErrors, body: Json, *, required: bool) -> None:
    if isinstance(body.get("name"), str):
        # Discord trims names before it measures them.
        body["name"] = body["name"].strip()
    text(errors, body, "name", (), least=1, most=limits.CHANNEL_NAME, required=required)
    whole(errors, body, "rate_limit_per_user", (), least=0, most=limits.SLOWMODE)
    check_archive_minutes(errors, body, "auto_archive_duration")
    for key in ("archived", "locked", "invitable"):
        truth(errors, body, key, ())


def check_archive_minutes(errors: FormErrors, body: Json, key: str, path: Path = ()) -> None:
    """Check for how long a quiet thread stays in the list."""
    if body.get(key) is not None and not one_of(body[key], limits.ARCHIVE_MINUTES):
        errors.bad_choice((*path, key), limits.ARCHIVE_MINUTES)
