"""What goes wrong: the refusals that Discord's REST API knows, and what a person in the sandbox runs into."""

from collections.abc import Iterable, Iterator

from discord_sandbox.world.model import Json


class SandboxError(Exception):
    """Everything that the sandbox raises on purpose."""


class PortTakenError(SandboxError):
    """The port that the sandbox was told to listen on is in use by another program."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        super().__init__(
            f"Port {port} on {host} is already in use; choose another one, or 0 for any free port."
        )


class ApiError(SandboxError):
    """A refusal as Discord words it.

    Attributes:
        status: The HTTP status, 400 to 599.
        code: Discord's own error code, such as 50013.
        message: Discord's text for the code.
        errors: For code 50035, the nested errors of the form; array indexes are string keys.
        unknown: Where the request had something that the sandbox does not know at all.
    """

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.unknown: tuple[str, ...] = ()
        super().__init__(f"{status} ({code}) {message}" + (f" {errors}" if errors else ""))

    @property
    def places(self) -> tuple[str, ...]:
        """Where the form is wrong, as `data.components.0.label: CODE`; nothing for the plain codes."""
        return tuple(_places(self.errors or {}, ()))

    def body(self) -> Json:
        """Give the JSON body of the refusal."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def _places(node: Json, path: tuple[str, ...]) -> Iterator[str]:
    for key, inner in node.items():
        if key == "_errors":
            yield from (f"{'.'.join(path)}: {one['code']}" for one in inner)
        else:
            yield from _places(inner, (*path, key))


KNOWN: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10009: (404, "Unknown Overwrite"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10026: (404, "Unknown Ban"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10066: (404, "Unknown application command permissions"),
    20001: (403, "Bots cannot use this endpoint"),
    30005: (400, "Maximum number of server roles reached (250)"),
    20016: (429, "This action cannot be performed due to slowmode rate limit"),
    30003: (400, "Maximum number of pins reached for the channel (250)"),
    30010: (400, "Maximum number of reactions reached (20)"),
    30013: (400, "Maximum number of guild channels reached (500)"),
    30015: (400, "Maximum number of attachments in a message reached (10)"),
    30032: (400, "Maximum number of application commands reached (100)"),
    30033: (400, "Maximum number of thread participants has been reached (1000)"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    40003: (403, "You are opening direct messages too fast."),
    40005: (413, "Request entity too large"),
    40058: (400, "Cannot send messages in a forum channel"),
    40060: (400, "Interaction has already been acknowledged."),
    40333: (403, "internal network error"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50028: (400, "Invalid Role"),
    50033: (400, "Invalid Recipient(s)"),
    50034: (400, "You can only bulk delete messages that are under 14 days old."),
    50041: (400, "Invalid API version provided."),
    50068: (400, "Invalid message type"),
    50083: (400, "Thread is archived"),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    50109: (400, "The request body contains invalid JSON."),
    90001: (403, "Reaction was blocked"),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
    160014: (400, "The message cannot be forwarded because its content cannot be read"),
}


def refusal(code: int) -> ApiError:
    """Give Discord's refusal for one of its plain codes.

    Args:
        code: One of the codes that need no further details.

    Raises:
        KeyError: The sandbox does not know the code.
    """
    status, message = KNOWN[code]
    return ApiError(status, code, message)


class FormErrors:
    """Gathers what is wrong with a body, then refuses all of it at once (code 50035).

    Paths are sequences of keys and indexes, outermost first; an empty path is the whole body.
    """

    def __init__(self) -> None:
        self._root: Json = {}
        self._unknown: list[str] = []

    def add(self, path: Iterable[str | int], code: str, message: str) -> None:
        """Note one problem at a path."""
        node = self._root
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def too_long(self, path: Iterable[str | int], limit: int) -> None:
        """Note a text that is longer than `limit` characters."""
        self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")

    def bad_length(self, path: Iterable[str | int], least: int, most: int) -> None:
        """Note a text or list whose length is outside `least` to `most`."""
        self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def required(self, path: Iterable[str | int]) -> None:
        """Note a field that must be there."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def bad_choice(self, path: Iterable[str | int], allowed: Iterable[object]) -> None:
        """Note a value that is not among the allowed ones."""
        listed = ", ".join(str(value) for value in allowed)
        self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of ({listed}).")

    def unknown_field(
        self, path: Iterable[str | int], message: str = "The sandbox does not know this field."
    ) -> None:
        """Note something that the sandbox does not know; it is also recorded as a violation."""
        where = tuple(path)
        self.add(where, "SANDBOX_UNKNOWN", message)
        self._unknown.append(".".join(map(str, where)))

    def __bool__(self) -> bool:
        return bool(self._root)

    def raise_if_any(self) -> None:
        """Refuse the body if anything was noted.

        Raises:
            ApiError: 400, code 50035, with all that was noted.
        """
        if self._root:
            raise self.refusal()

    def refusal(self) -> ApiError:
        """Give the refusal with all that was noted."""
        error = ApiError(400, 50035, "Invalid Form Body", self._root)
        error.unknown = tuple(self._unknown)
        return error


class ActorError(SandboxError):
    """Something that a person in the sandbox could not do."""


class NotVisible(ActorError):  # noqa: N818 - reads as what the person meets; part of the actors' interface
    """What should be pressed or chosen is not on the screen, or is greyed out."""


class NotPermitted(ActorError):  # noqa: N818 - as NotVisible
    """Discord does not let this person do this here."""


class BadInput(ActorError):  # noqa: N818 - as NotVisible
    """Discord's own client would not send this: an unknown option, too long a text, too many choices."""


class InteractionFailed(ActorError):  # noqa: N818 - as NotVisible
    """The application did not answer in time, as Discord tells the person who asked."""


class WaitTimeout(ActorError):  # noqa: N818 - as NotVisible
    """What was waited for did not happen in time."""
