"""REST: answering interactions and following them up."""

from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import Path, child, known_fields, number, whole
from discord_sandbox.forms.message import (
    ANSWER,
    ANSWER_FLAGS,
    EDIT,
    EDIT_FLAGS,
    PING_USERS,
    Draft,
    read_message,
)
from discord_sandbox.forms.modals import modal
from discord_sandbox.forms.options import check_choices
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.world import messages, payloads, threads
from discord_sandbox.world.interaction import CallbackType, Interaction, InteractionType, metadata
from discord_sandbox.world.model import Json, Message, MessageFlag, MessageType

_DATA: Path = ("data",)

_NOT_HERE = {
    10: "no premium apps; this answer is deprecated besides",
    12: "no activities",
    13: "no purchases",
}
"""First answers that Discord knows and the sandbox does not."""

_WITH_MESSAGE = frozenset({CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE})
_WITH_UPDATE = frozenset({CallbackType.UPDATE, CallbackType.DEFERRED_UPDATE})

_FIRST_ANSWERS = {
    InteractionType.COMMAND: _WITH_MESSAGE | {CallbackType.MODAL},
    InteractionType.COMPONENT: _WITH_MESSAGE | _WITH_UPDATE | {CallbackType.MODAL},
    InteractionType.MODAL: _WITH_MESSAGE | _WITH_UPDATE,
    InteractionType.AUTOCOMPLETE: frozenset({CallbackType.CHOICES}),
}
"""The first answers that each kind of interaction may have."""


def _answer(call: Call) -> Reply:
    # What is wrong with the query must not use the answer up.
    with_response = call.flag("with_response")
    of = call.store.interactions.to_answer(call.id(0), call.params[1])
    body = call.body("type", "data")
    errors = FormErrors()
    data = child(errors, body, "data", ()) or {}
    kind = _callback_type(errors, of, body)
    if kind is None:
        raise errors.refusal()
    errors.raise_if_any()
    _apply(call, of, kind, data)
    call.store.interactions.answer(of, kind)
    if not with_response:
        return NO_CONTENT
    return Reply(200, _described(call, of, kind))


def _callback_type(errors: FormErrors, of: Interaction, body: Json) -> CallbackType | None:
    """Give the kind of a first answer; None if this kind of interaction cannot have it."""
    kind = number(body)
    if kind in _NOT_HERE:
        errors.unknown_field(("type",), f"The sandbox has {_NOT_HERE[kind]}.")
        return None
    allowed = _FIRST_ANSWERS[of.type]
    if kind not in allowed:
        errors.bad_choice(("type",), sorted(allowed))
        return None
    return CallbackType(kind)


def _apply(call: Call, of: Interaction, kind: CallbackType, data: Json) -> None:
    if kind is CallbackType.MESSAGE:
        draft = read_message(data, call.uploads, known=ANSWER, flags=ANSWER_FLAGS, path=_DATA)
        if draft.empty:
            raise refusal(50006)
        of.original = _post(call, of, draft)
    elif kind is CallbackType.DEFERRED_MESSAGE:
        of.original = _post(call, of, Draft(flags=_deferred_flags(data)), MessageFlag.LOADING)
    elif kind is CallbackType.UPDATE:
        if of.source is None or of.source.deleted:
            raise refusal(10008)
        draft = read_message(
            data, call.uploads, known=ANSWER, flags=ANSWER_FLAGS, path=_DATA, edited=of.source
        )
        _change(call, of.source, draft)
        of.original = of.source
    elif kind is CallbackType.DEFERRED_UPDATE:
        # A modal that a command opened has no message; Discord takes this answer and shows nothing.
        of.original = of.source
    elif kind is CallbackType.CHOICES:
        of.result = {"choices": _choices(of, data)}
    else:
        of.result = modal(data)


def _deferred_flags(data: Json) -> int:
    errors = FormErrors()
    # hikari sends the fields of a message along; Discord reads only the flags and ignores the rest.
    known_fields(errors, data, ANSWER, _DATA)
    flags = whole(errors, data, "flags", _DATA, least=0, most=2**31 - 1) or 0
    if flags & ~MessageFlag.EPHEMERAL:
        errors.add((*_DATA, "flags"), "MESSAGE_FLAGS_INVALID", "Only the ephemeral flag can be set here.")
    errors.raise_if_any()
    return flags


def _choices(of: Interaction, data: Json) -> list[Json]:
    errors = FormErrors()
    known_fields(errors, data, ("choices",), _DATA)
    found = check_choices(errors, data, _DATA, _focused(of.data["options"]))
    errors.raise_if_any()
    return found


def _focused(options: list[Json]) -> int:
    """Give the kind of the option that is being typed."""
    for option in options:
        if option.get("focused"):
            return int(option["type"])
        if option.get("options"):
            return _focused(option["options"])
    raise LookupError("an autocomplete interaction always has a focused option")


def _change(call: Call, message: Message, draft: Draft) -> None:
    if message.channel.archived and not message.ephemeral:
        raise refusal(50083)
    messages.edit(call.store, message, draft, default_mentions=PING_USERS)


def _post(call: Call, of: Interaction, draft: Draft, flags: int = 0) -> Message:
    store = call.store
    if of.channel.deleted:
        raise refusal(10003)
    if not draft.flags & MessageFlag.EPHEMERAL:
        threads.reopen_by_posting(store, of.channel, store.bot)
    kind, answered = MessageType.COMMAND_RESPONSE, None
    if of.type is InteractionType.COMPONENT and of.source is not None:
        kind, answered = MessageType.REPLY, of.source
    elif of.target is not None:
        kind = MessageType.MENU_RESPONSE
        answered = of.target if isinstance(of.target, Message) else None
    reference = None if answered is None else messages.reference_to(answered)
    return messages.post(
        store,
        store.bot,
        of.channel,
        draft,
        kind=kind,
        flags=flags,
        visible_to=of.user.id if draft.flags & MessageFlag.EPHEMERAL else None,
        reference=reference,
        answered=answered,
        metadata=metadata(of, followed_up=of.callback is not None),
        default_mentions=PING_USERS,
    )


def _described(call: Call, of: Interaction, kind: CallbackType) -> Json:
    interaction: Json = {"id": str(of.id), "type": int(of.type)}
    described: Json = {"interaction": interaction}
    if of.original is not None:
        interaction["response_message_id"] = str(of.original.id)
        interaction["response_message_loading"] = of.original.loading
        interaction["response_message_ephemeral"] = of.original.ephemeral
    if kind in {CallbackType.MESSAGE, CallbackType.UPDATE} and of.original is not None:
        described["resource"] = {"type": int(kind), "message": payloads.message(call.store, of.original)}
    return described


def _followed(call: Call) -> Interaction:
    return call.store.interactions.to_follow_up(call.id(0), call.params[1])


def _follow_up(call: Call) -> Reply:
    of = _followed(call)
    draft = read_message(call.object(), call.uploads, known=ANSWER, flags=ANSWER_FLAGS)
    if draft.empty:
        raise refusal(50006)
    message = of.original
    thinking = of.callback is CallbackType.DEFERRED_MESSAGE and message is not None and message.loading
    if thinking and message is not None and not message.deleted:
        # The first follow-up after "is thinking" takes its place, while it is there.
        _change(call, message, draft)
        of.finish()
    else:
        message = _post(call, of, draft)
        of.followups.add(message.id)
    return Reply(200, payloads.message(call.store, message))


def _own_message(call: Call, of: Interaction) -> Message:
    if call.params[2] == "@original":
        message = of.original
    else:
        message_id = call.id(2)
        ours = message_id in of.followups or (of.original is not None and of.original.id == message_id)
        message = of.channel.messages.get(message_id) if ours else None
    if message is None or message.deleted:
        raise refusal(10008)
    return message


def _get(call: Call) -> Reply:
    return Reply(200, payloads.message(call.store, _own_message(call, _followed(call))))


def _edit(call: Call) -> Reply:
    of = _followed(call)
    message = _own_message(call, of)
    draft = read_message(
        call.object(), call.uploads, known=EDIT, flags=EDIT_FLAGS, edited=message, strict=False
    )
    _change(call, message, draft)
    if message is of.original:
        of.finish()
    return Reply(200, payloads.message(call.store, message))


def _delete(call: Call) -> Reply:
    of = _followed(call)
    message = _own_message(call, of)
    messages.delete(call.store, message)
    if message is of.original:
        of.finish()
    return NO_CONTENT


_MESSAGE = "/webhooks/{}/{}/messages/{}"
_WITH_COMPONENTS = frozenset({"with_components"})

ROUTES = [
    Route("POST", "/interactions/{}/{}/callback", _answer, frozenset({"with_response"}), auth=False),
    Route("POST", "/webhooks/{}/{}", _follow_up, _WITH_COMPONENTS | {"wait"}, auth=False),
    Route("GET", _MESSAGE, _get, auth=False),
    Route("PATCH", _MESSAGE, _edit, _WITH_COMPONENTS, auth=False),
    Route("DELETE", _MESSAGE, _delete, auth=False),
]
