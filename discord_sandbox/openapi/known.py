"""Where Discord's description is known to be wrong or to lack something, and why."""

from dataclasses import dataclass

from discord_sandbox.world.model import Json


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that is right although the description says otherwise.

    Attributes:
        places: JSON pointers into the description; where there is nothing yet, something is added.
        also: The schema (or, at a place for one, the parameter or answer) that is right there as well; in the
            place of a plain value, what is right instead.
        why: What Discord does in truth, and who needs it here.
    """

    places: tuple[str, ...]
    also: Json | bool
    why: str


_SCHEMAS = "/components/schemas"
_COMMANDS = tuple(
    f"{_SCHEMAS}/ApplicationCommand{kind}"
    for kind in ("CreateRequest", "UpdateRequest", "PatchRequestPartial")
)
_BODY = "requestBody/content/application~1json/schema"
_PUT_OVERWRITE = f"/paths/~1channels~1{{channel_id}}~1permissions~1{{overwrite_id}}/put/{_BODY}"

KNOWN = (
    Known(
        (f"{_SCHEMAS}/MessageAttachmentRequest/properties/id",),
        {"type": "integer", "minimum": 0},
        "The number of a file, or the id of a file that is kept, may be a number; hikari sends it as one.",
    ),
    Known(
        tuple(f"{command}/properties/default_member_permissions" for command in _COMMANDS),
        {"type": "string", "pattern": "^[0-9]+$"},
        "The documentation has permissions as a text of digits; hikari sends the number that is described.",
    ),
    Known(
        tuple(f"{command}/properties/nsfw" for command in _COMMANDS),
        {"type": ["boolean", "null"]},
        "The documentation has this field of commands; lightbulb sends it with each group.",
    ),
    Known(
        tuple(
            f"{_SCHEMAS}/{kind}/properties/file_types"
            for kind in (
                "FileUploadComponentForModalRequest",
                "ApplicationCommandAttachmentOption",
                "ApplicationCommandAttachmentOptionResponse",
            )
        ),
        {"type": ["array", "null"], "items": {"type": "string"}, "maxItems": 10},
        "The documentation has this field since August 2026; the description is of July.",
    ),
    Known(
        tuple(f"{command}/properties/default_permission" for command in _COMMANDS),
        {"type": ["boolean", "null"]},
        "The documentation still has this field of commands, which is deprecated.",
    ),
    Known(
        tuple(
            f"{_SCHEMAS}/{kind}/properties/permissions"
            for kind in ("CreateRoleRequest", "UpdateRoleRequestPartial")
        ),
        {"type": "string", "pattern": "^[0-9]+$"},
        "The documentation has the permissions of a role as a text of digits.",
    ),
    Known(
        (f"{_SCHEMAS}/ApplicationFormPartial/properties/description",),
        {"type": "string", "maxLength": 400},
        "The documentation has the application's description as a text, and hikari sends one.",
    ),
    Known(
        ("/paths/~1guilds~1{guild_id}~1bans~1{user_id}/delete/requestBody/required",),
        False,
        "A ban is lifted without a body; hikari sends none.",
    ),
    Known(
        tuple(
            f"{schema}/properties/{key}"
            for schema in (f"{_SCHEMAS}/ChannelPermissionOverwriteRequest", _PUT_OVERWRITE)
            for key in ("allow", "deny")
        ),
        {"type": "string", "pattern": "^[0-9]+$"},
        "The documentation has permissions as a text of digits; hikari sends the number that is described.",
    ),
    Known(
        (f"{_SCHEMAS}/MessageReferenceType",),
        {"type": "integer", "const": 1},
        "The documentation has a second type of reference, for forwarded messages.",
    ),
    Known(
        (f"{_SCHEMAS}/CreatedThreadResponse/properties/message",),
        {"$ref": f"#{_SCHEMAS}/MessageResponse"},
        "The documentation has the first message of a new post in a forum; hikari does without it.",
    ),
)
"""All that is known. A test holds each place to be needed: one that nothing needs any more is taken out."""
