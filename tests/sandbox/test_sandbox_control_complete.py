"""What a test in Python can do in the sandbox, it can do over HTTP; what is left out says why."""

import inspect

import pytest

from discord_sandbox import Actor, Clock, Sandbox, SandboxGuild
from discord_sandbox.control.server import CALLS
from discord_sandbox.gateway import GatewayHub

PERSON = "/people/{person}"
GUILD = "/guilds/{guild}"

BY_CALL: dict[type, dict[str, str]] = {
    Actor: {
        "add_to_thread": f"POST {PERSON}/threads/join",
        "allow_dms": f"PATCH {PERSON}",
        "autocomplete": f"POST {PERSON}/autocomplete",
        "block": f"POST {PERSON}/block",
        "block_dms": f"PATCH {PERSON}",
        "change_thread": f"POST {PERSON}/threads/change",
        "channels": f"GET {PERSON}/channels",
        "command": f"POST {PERSON}/command",
        "commands": f"GET {PERSON}/commands",
        "context_menu": f"POST {PERSON}/menu",
        "create_post": f"POST {PERSON}/threads/post",
        "create_thread": f"POST {PERSON}/threads/create",
        "delete": f"POST {PERSON}/delete",
        "delete_thread": f"POST {PERSON}/threads/delete",
        "dismiss": f"POST {PERSON}/dismiss",
        "edit": f"POST {PERSON}/edit",
        "forward": f"POST {PERSON}/forward",
        "latest": f"GET {PERSON}/messages",
        "leave": f"POST {PERSON}/leave",
        "leave_thread": f"POST {PERSON}/threads/leave",
        "messages": f"GET {PERSON}/messages",
        "pin": f"POST {PERSON}/pin",
        "react": f"POST {PERSON}/react",
        "restart": f"POST {PERSON}/restart",
        "sees_typing": f"GET {PERSON}/typing",
        "send": f"POST {PERSON}/send",
        "start_typing": f"POST {PERSON}/type",
        "submit_modal": f"POST {PERSON}/modal/submit",
        "suppress_embeds": f"POST {PERSON}/suppress_embeds",
        "threads": f"GET {PERSON}/channels",
        "unblock": f"POST {PERSON}/unblock",
        "unpin": f"POST {PERSON}/unpin",
        "unreact": f"POST {PERSON}/unreact",
        "until": f"POST {PERSON}/wait/message",
        "use_component": f"POST {PERSON}/click",
    },
    SandboxGuild: {
        "add_member": f"POST {GUILD}/people",
        "ban": f"POST {GUILD}/ban",
        "begin_outage": f"POST {GUILD}/outage/begin",
        "channel": f"GET {GUILD}",
        "create_channel": f"POST {GUILD}/channels",
        "create_role": f"POST {GUILD}/roles",
        "delete_channel": f"DELETE {GUILD}/channels/{{channel}}",
        "delete_role": f"DELETE {GUILD}/roles/{{role}}",
        "end_outage": f"POST {GUILD}/outage/end",
        "give_role": f"POST {GUILD}/roles/{{role}}/give",
        "join": f"POST {GUILD}/join",
        "kick": f"POST {GUILD}/kick",
        "let_bot_in": f"POST {GUILD}/bot/join",
        "member": f"GET {PERSON}",
        "overwrite": f"POST {GUILD}/channels/{{channel}}/overwrite",
        "remove_bot": f"POST {GUILD}/bot/leave",
        "rename": f"PATCH {GUILD}",
        "set_command_permission": f"POST {GUILD}/command_permission",
        "set_locale": f"PATCH {GUILD}",
        "set_permissions": f"PATCH {GUILD}/roles/{{role}}",
        "take_role": f"POST {GUILD}/roles/{{role}}/take",
        "time_out": f"POST {GUILD}/time_out",
        "unban": f"POST {GUILD}/unban",
    },
    Sandbox: {
        "add_guild": "POST /guilds",
        "bot_gone": "POST /bot/gone",
        "bot_ready": "POST /bot/ready",
        "commands": "GET /commands",
        "requests_to": "GET /requests",
    },
    Clock: {
        "advance": "POST /clock/advance",
        "freeze": "POST /clock/freeze",
        "run": "POST /clock/run",
    },
    GatewayHub: {
        "ask_for_heartbeat": "POST /gateway/heartbeat",
        "ask_to_reconnect": "POST /gateway/reconnect",
        "drop": "POST /gateway/drop",
        "invalidate_session": "POST /gateway/invalidate",
    },
}

NOT_BY_CALL = {
    Actor: {
        "can_see",  # what is seen is listed
        "explained",  # makes errors
        "lasting_channels",  # what is seen is listed
        "not_visible",  # makes errors
        "open_dm",  # `@me` opens them
        "permissions",  # what may be done shows when it is done
        "pickable",  # the options of a menu show them
        "sees",  # what is seen is listed
        "unseen",  # makes errors
        "view",  # what is seen is listed
    },
    SandboxGuild: set[str](),
    Sandbox: {
        "changed",  # for viewers in Python
        "close",  # whoever started it ends it
        "start",  # as close
        "subscribe",  # as changed
    },
    Clock: {
        "call_later",  # for the sandbox's own parts
        "cancel",  # as call_later
        "sleep",  # as call_later
    },
}


@pytest.mark.parametrize("kind", NOT_BY_CALL, ids=lambda one: one.__name__)
def test_everything_can_be_done_over_http(kind: type) -> None:
    methods = {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
    assert methods == BY_CALL[kind].keys() | NOT_BY_CALL[kind]


def test_the_calls_that_are_named_are_there() -> None:
    known = {f"{one.method} {one.path}" for one in CALLS}
    assert len(known) == len(CALLS)
    for kind, calls in BY_CALL.items():
        for name, call in calls.items():
            assert hasattr(kind, name)
            assert call in known
