"""Checks the body of a message, whether new, edited or the answer to an interaction."""

import mimetypes
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import (
    Path,
    child,
    known_fields,
    no_snowflake,
    objects,
    one_of,
    snowflake,
    snowflakes,
    text,
    truth,
    values,
)
from discord_sandbox.forms.components import components
from discord_sandbox.forms.embeds import embeds
from discord_sandbox.forms.layout import layout
from discord_sandbox.world.model import Json, Message, MessageFlag

CREATE = frozenset(
    {
        "content",
        "nonce",
        "enforce_nonce",
        "tts",
        "flags",
        "embeds",
        "components",
        "allowed_mentions",
        "attachments",
        "message_reference",
        "sticker_ids",
    }
)
"""What the body of a new message in a channel may have."""

EDIT = frozenset({"content", "flags", "embeds", "components", "allowed_mentions", "attachments"})
"""What the body of an edit may have."""

ANSWER = EDIT | {"tts"}
"""What the data of an interaction's answer, or a follow-up, may have."""

POST = CREATE - {"nonce", "enforce_nonce", "tts", "message_reference"}
"""What the first message of a post in a forum may have."""

REPLY, FORWARD = 0, 1
"""What a message reference can mean."""

_ATTACHMENT = (
    "id",
    "filename",
    "title",
    "description",
    "content_type",
    "size",
    "url",
    "proxy_url",
    "height",
    "width",
    "ephemeral",
    "flags",
)
"""The fields of an attachment; a bot may send back all it was given, but `id` and `description` count."""

CREATE_FLAGS = int(
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
ANSWER_FLAGS = CREATE_FLAGS | MessageFlag.EPHEMERAL
EDIT_FLAGS = int(MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2)

_VOICE_MESSAGE = 1 << 13
"""A flag that a bot can set on Discord; the sandbox has no voice messages."""


_NOT_IN_NAMES = re.compile(r"[/\\\x00-\x1f\x7f]")


@dataclass(slots=True)
class Upload:
    """A file that somebody hands over.

    Attributes:
        name: Its name; what would lead out of its folder becomes an underscore.
        data: What is in it.
        content_type: Its media type; guessed from its name, if it is not given.
    """

    name: str
    data: bytes
    content_type: str = ""

    def __post_init__(self) -> None:
        name = _NOT_IN_NAMES.sub("_", self.name)
        self.name = name if name.strip(".") else "_"
        if not self.content_type:
            self.content_type = mimetypes.guess_type(self.name, strict=False)[0] or "application/octet-stream"


@dataclass(slots=True)
class Attachment:
    """One attachment that the message shall have: a new upload, or one that it has already."""

    upload: Upload | None
    kept: Json | None = None
    description: str | None = None

    @property
    def name(self) -> str:
        """The name of the file."""
        return str((self.kept or {})["filename"]) if self.upload is None else self.upload.name


@dataclass(slots=True)
class AllowedMentions:
    """Who may be pinged; `parse` has "users", "roles" and "everyone"."""

    parse: frozenset[str] = frozenset()
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    replied_user: bool = False


PING_ALL = AllowedMentions(frozenset({"users", "roles", "everyone"}), replied_user=True)
PING_USERS = AllowedMentions(frozenset({"users"}))


@dataclass(slots=True)
class Draft:
    """A checked message body; None is "not given", so that an edit leaves it as it is.

    `sets_flags` is whether it gives flags at all, `appends` whether its files come on top of those that the
    message has.
    """

    content: str | None = None
    embeds: list[Json] | None = None
    components: list[Json] | None = None
    attachments: list[Attachment] | None = None
    allowed: AllowedMentions | None = None
    flags: int = 0
    sets_flags: bool = False
    appends: bool = False
    tts: bool = False
    nonce: str | int | None = None
    enforce_nonce: bool = False
    reference: Json | None = None

    @property
    def only_flags(self) -> bool:
        """Whether it gives nothing but flags."""
        given = (self.content, self.embeds, self.components, self.attachments, self.allowed)
        return self.sets_flags and all(one is None for one in given)

    @property
    def empty(self) -> bool:
        """Whether a message made of it would show nothing."""
        return not (self.content or self.embeds or self.components or self.attachments)


def read_message(
    body: Json,
    uploads: dict[int, Upload],
    *,
    known: frozenset[str],
    flags: int,
    path: Path = (),
    edited: Message | None = None,
    strict: bool = True,
) -> Draft:
    """Check a message body.

    Args:
        body: The body as it came.
        uploads: The files that came with it, by their number.
        known: The fields that this kind of body may have.
        flags: The message flags that it may set.
        path: Where the body is in the whole request.
        edited: The message that it changes; None for a new one.
        strict: Whether flags that it may not set are refused; an edit ignores them, as Discord does (page
            resources/message, "Edit Message").

    Returns:
        The draft, with texts trimmed as Discord trims them and defaults filled in.

    Raises:
        ApiError: 50035 with everything that is wrong, or 30015 for too many files.
    """
    errors = FormErrors()
    known_fields(errors, body, known, path)
    set_flags = _flags(errors, body, flags, path, strict=strict)
    for key in ("tts", "enforce_nonce"):
        truth(errors, body, key, path)
    if body.get("sticker_ids"):
        errors.unknown_field((*path, "sticker_ids"), "The sandbox does not know stickers.")
    v2 = bool(set_flags & MessageFlag.COMPONENTS_V2) or (edited is not None and edited.layout)
    attached = _attachments(errors, body, uploads, path, edited)
    appends = edited is not None and "attachments" not in body
    names = _names(attached, edited.attachments if edited is not None and appends else ())
    content = text(errors, body, "content", path, most=limits.CONTENT)
    draft = Draft(
        content="" if content is None and "content" in body else content and content.strip(),
        embeds=embeds(errors, body, path, names),
        components=layout(errors, body, path, names) if v2 else components(errors, body, path),
        flags=set_flags,
        sets_flags=body.get("flags") is not None,
        tts=body.get("tts") is True,
        nonce=_nonce(errors, body, path),
        enforce_nonce=body.get("enforce_nonce") is True,
        reference=_reference(errors, body, path),
        allowed=_allowed(errors, body, path),
        attachments=attached,
        appends=appends,
    )
    errors.raise_if_any()
    if draft.attachments is not None and len(draft.attachments) > limits.FILES:
        raise refusal(30015)
    return draft


def _flags(errors: FormErrors, body: Json, allowed: int, path: Path, *, strict: bool) -> int:
    flags = body.get("flags") or 0
    if not isinstance(flags, int) or isinstance(flags, bool):
        errors.add((*path, "flags"), "NUMBER_TYPE_COERCE", f"Value {flags!r} is not int.")
        return 0
    if strict and flags & _VOICE_MESSAGE:
        errors.unknown_field((*path, "flags"), "The sandbox does not know voice messages.")
    elif strict and flags & ~allowed:
        errors.add(
            (*path, "flags"), "MESSAGE_FLAGS_INVALID", f"These flags cannot be set here: {flags & ~allowed}."
        )
    return flags & allowed


def _nonce(errors: FormErrors, body: Json, path: Path) -> str | int | None:
    nonce: Any = body.get("nonce")
    whole = isinstance(nonce, int) and not isinstance(nonce, bool)
    if isinstance(nonce, str):
        if len(nonce) > limits.NONCE:
            errors.too_long((*path, "nonce"), limits.NONCE)
        return nonce
    if nonce is not None and (not whole or not -(1 << 63) <= nonce < 1 << 63):
        errors.add((*path, "nonce"), "NONCE_TYPE", "A nonce is a text or a whole number of 64 bits.")
    return nonce if whole else None


def _reference(errors: FormErrors, body: Json, path: Path) -> Json | None:
    reference = child(errors, body, "message_reference", path)
    if reference is None:
        return None
    where = (*path, "message_reference")
    known_fields(
        errors, reference, ("type", "message_id", "channel_id", "guild_id", "fail_if_not_exists"), where
    )
    truth(errors, reference, "fail_if_not_exists", where)
    kind = reference.get("type") or REPLY
    if not one_of(kind, (REPLY, FORWARD)):
        errors.bad_choice((*where, "type"), (REPLY, FORWARD))
    needed = ("message_id", "channel_id") if kind == FORWARD else ("message_id",)
    for key in ("message_id", "channel_id", "guild_id"):
        value = reference.get(key)
        if value is None and key in needed:
            errors.required((*where, key))
        elif value is not None and snowflake(value) is None:
            no_snowflake(errors, (*where, key), value)
    return reference


def _allowed(errors: FormErrors, body: Json, path: Path) -> AllowedMentions | None:
    raw = child(errors, body, "allowed_mentions", path)
    if raw is None:
        return None
    where = (*path, "allowed_mentions")
    known_fields(errors, raw, ("parse", "users", "roles", "replied_user"), where)
    truth(errors, raw, "replied_user", where)
    parse = [str(kind) for kind in values(errors, raw, "parse", where)]
    for index, kind in enumerate(parse):
        if kind not in PING_ALL.parse:
            errors.bad_choice((*where, "parse", index), sorted(PING_ALL.parse))
    ids = {key: snowflakes(errors, raw, key, where, most=limits.MENTIONS) for key in ("users", "roles")}
    for key, listed in ids.items():
        if listed and key in parse:
            errors.add(
                where,
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{key}"] and {key}: [ids...] exclude each other.',
            )
    return AllowedMentions(frozenset(parse), ids["users"], ids["roles"], raw.get("replied_user") is True)


def _attachments(
    errors: FormErrors, body: Json, uploads: dict[int, Upload], path: Path, edited: Message | None
) -> list[Attachment] | None:
    """Give the files that the body names; ids of files that nobody has are passed over."""
    if body.get("attachments") is None:
        if "attachments" in body and not uploads:
            return []
        return [Attachment(upload) for upload in uploads.values()] if uploads else None
    described: list[Attachment] = []
    named: set[int] = set()
    had = {} if edited is None else {one["id"]: one for one in edited.attachments}
    for index, raw in enumerate(objects(errors, body, "attachments", path, most=2 * limits.FILES)):
        where = (*path, "attachments", index)
        known_fields(errors, raw, _ATTACHMENT, where)
        number = snowflake(raw.get("id"))
        description = text(errors, raw, "description", where, most=limits.ALT_TEXT)
        if number is None:
            errors.required((*where, "id"))
        elif number in named:
            errors.add(
                (*where, "id"), "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains the value"
            )
        else:
            named.add(number)
            upload, kept = uploads.get(number), had.get(str(number))
            if upload is not None or kept is not None:
                described.append(Attachment(upload, kept, description))
    if edited is None:
        # Describing files is optional when they are new.
        described += [Attachment(one) for number, one in uploads.items() if number not in named]
    return described


def _names(attached: list[Attachment] | None, kept: Iterable[Json]) -> frozenset[str]:
    """Give the names that `attachment://` can mean."""
    found = {one["filename"] for one in kept}
    return frozenset(found.union(one.name for one in attached or ()))
