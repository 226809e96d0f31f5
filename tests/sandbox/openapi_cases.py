"""One call of each route, for the check against Discord's own description."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.calling import Json

EMBED: Json = {
    "title": "Title",
    "description": "Text",
    "color": 255,
    "author": {"name": "1 · User"},
    "fields": [{"name": "n", "value": "v"}],
}
ROWS: list[Json] = [
    {
        "type": 1,
        "components": [
            {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "emoji": {"name": "👍"}},
            {"type": 2, "style": 5, "label": "Read", "url": "https://example.org"},
        ],
    },
    {
        "type": 1,
        "components": [
            {"type": 3, "custom_id": "s", "placeholder": "Choose", "options": [{"label": "A", "value": "a"}]}
        ],
    },
    {"type": 1, "components": [{"type": 5, "custom_id": "who"}]},
]
COMMAND: Json = {
    "name": "task",
    "description": "Ask",
    "name_localizations": {"de": "aufgabe"},
    "default_member_permissions": "32",
    "default_permission": True,
    "dm_permission": True,
    "contexts": [0, 1],
    "integration_types": [0],
    "nsfw": False,
    "options": [
        {"type": 3, "name": "kind", "description": "Which", "choices": [{"name": "A", "value": "a"}]},
        {"type": 4, "name": "many", "description": "How many", "min_value": 1, "max_value": 5},
        {"type": 7, "name": "where", "description": "Where", "channel_types": [0]},
        {"type": 11, "name": "file", "description": "Which file", "file_types": ["image", ".pdf"]},
    ],
}
LAYOUT: Json = {
    "flags": 1 << 15,
    "components": [
        {"type": 17, "components": [{"type": 10, "content": "Hello"}, {"type": 14}]},
        {
            "type": 9,
            "components": [{"type": 10, "content": "A section"}],
            "accessory": {"type": 11, "media": {"url": "https://example.org/cat.png"}},
        },
        {"type": 12, "items": [{"media": {"url": "https://example.org/dog.png"}}]},
        ROWS[0],
    ],
}
MESSAGE: Json = {
    "content": "hello <@{alice}>",
    "embeds": [EMBED],
    "components": ROWS,
    "nonce": "n",
    "enforce_nonce": True,
    "allowed_mentions": {"parse": ["users"]},
    "message_reference": {"message_id": "{message}"},
}
CHOICES: list[Json] = [{"label": "Red", "value": "r", "description": "Warm"}, {"label": "Blue", "value": "b"}]
FORWARD: Json = {"message_reference": {"type": 1, "message_id": "{message}", "channel_id": "{channel}"}}
CHANNEL: Json = {
    "name": "new",
    "type": 0,
    "topic": "Talk",
    "nsfw": False,
    "position": 3,
    "rate_limit_per_user": 5,
    "default_auto_archive_duration": 1440,
    "default_thread_rate_limit_per_user": 5,
    "permission_overwrites": [{"id": "{role}", "type": 0, "allow": "1024", "deny": "2048"}],
}
CATEGORY: Json = {"name": "Talk", "type": 4}
FORUM: Json = {"name": "ideas", "type": 15, "topic": "Ideas"}
POST: Json = {
    "name": "idea",
    "auto_archive_duration": 60,
    "message": {"content": "An idea", "embeds": [EMBED]},
}
MODAL: Json = {
    "custom_id": "m",
    "title": "Say",
    "components": [
        {"type": 10, "content": "Fill this in."},
        *(
            {"type": 18, "label": "Field", "description": "What is meant", "component": component}
            for component in (
                {"type": 4, "custom_id": "text", "style": 2, "max_length": 40, "value": "draft"},
                {"type": 3, "custom_id": "pick", "options": CHOICES, "required": False},
                {"type": 5, "custom_id": "who", "max_values": 2},
                {"type": 19, "custom_id": "file", "file_types": ["image", ".pdf"]},
            )
        ),
    ],
}
OTHER_MODAL: Json = {
    "custom_id": "m",
    "title": "Say",
    "components": [
        {
            "type": 1,
            "components": [{"type": 4, "style": 1, "custom_id": "t", "label": "Text", "required": False}],
        },
        *(
            {"type": 18, "label": "Field", "component": component}
            for component in (
                {"type": 21, "custom_id": "radio", "options": CHOICES},
                {"type": 22, "custom_id": "boxes", "options": CHOICES, "min_values": 0, "required": False},
                {"type": 23, "custom_id": "box", "default": True},
            )
        ),
    ],
}


@dataclass(frozen=True)
class Case:
    """One call that succeeds. `{name}` in its path and body stands for an id of the fixture `ids`.

    Attributes:
        first: Calls that are made before; their answers can be named, as in `{hook[id]}`.
    """

    method: str
    path: str
    body: Any = None
    first: Mapping[str, "Case"] = field(default_factory=dict)

    def __str__(self) -> str:
        kind = f" {self.body['type']}" if isinstance(self.body, dict) and "type" in self.body else ""
        return f"{self.method} {self.path}{kind}"


A_MESSAGE = "/channels/{channel}/messages/{message}"
A_REACTION = f"{A_MESSAGE}/reactions/👍"
A_PIN = "/channels/{channel}/messages/pins/{message}"
GLOBAL = "/applications/{bot}/commands"
LOCAL = "/applications/{bot}/guilds/{guild}/commands"
HOOK = "/webhooks/{bot}/{token}"
CALLBACK = "/interactions/{interaction}/{token}/callback"
LOCAL_COMMAND = {"made": Case("POST", LOCAL, COMMAND)}
FOLLOW_UP = {"made": Case("POST", HOOK, {"content": "more"})}
PUBLIC = {"made": Case("POST", "/channels/{channel}/threads", {"name": "t", "type": 11})}
ABOUT = {"about": Case("POST", f"{A_MESSAGE}/threads", {"name": "about"})}
MADE_CATEGORY = {"made": Case("POST", "/guilds/{guild}/channels", CATEGORY)}
MADE_FORUM = {"forum": Case("POST", "/guilds/{guild}/channels", FORUM)}
PINNED = {"pinned": Case("PUT", A_PIN)}
OVERWRITTEN = {"put": Case("PUT", "/channels/{channel}/permissions/{role}", {"type": 0, "deny": "2048"})}
ARCHIVED = {**PUBLIC, "old": Case("PATCH", "/channels/{made[id]}", {"archived": True})}
BANNED = {"ban": Case("PUT", "/guilds/{guild}/bans/{bob}", {})}
ROLE: Json = {"name": "Writers", "permissions": "1024", "color": 255, "hoist": True, "mentionable": True}

CASES = [
    Case("GET", "/gateway"),
    Case("GET", "/gateway/bot"),
    Case("GET", "/applications/@me"),
    Case("PATCH", "/applications/@me", {"description": "Gives tasks", "tags": ["tasks"]}),
    Case("GET", "/oauth2/applications/@me"),
    # users
    Case("GET", "/users/@me"),
    Case("PATCH", "/users/@me", {"username": "Tasks"}),
    Case("GET", "/users/{alice}"),
    Case("DELETE", "/users/@me/guilds/{guild}"),
    Case("GET", "/users/@me/guilds?limit=5&with_counts=true"),
    Case("POST", "/users/@me/channels", {"recipient_id": "{alice}"}),
    # the guild
    Case("GET", "/guilds/{guild}?with_counts=true"),
    Case("PATCH", "/guilds/{guild}", {"name": "Renamed", "preferred_locale": "de"}),
    Case("GET", "/guilds/{guild}/channels"),
    Case("POST", "/guilds/{guild}/channels", CHANNEL),
    Case("POST", "/guilds/{guild}/channels", CATEGORY),
    Case("POST", "/guilds/{guild}/channels", {"name": "news", "type": 5, "parent_id": None}),
    Case("POST", "/guilds/{guild}/channels", FORUM),
    Case("PATCH", "/guilds/{guild}/channels", [{"id": "{channel}", "position": 2, "parent_id": None}]),
    Case("GET", "/guilds/{guild}/roles"),
    Case("POST", "/guilds/{guild}/roles", ROLE),
    Case("PATCH", "/guilds/{guild}/roles", [{"id": "{role}", "position": 0}]),
    Case("GET", "/guilds/{guild}/roles/{role}"),
    Case("PATCH", "/guilds/{guild}/roles/{role}", ROLE),
    Case("DELETE", "/guilds/{guild}/roles/{role}"),
    Case("GET", "/guilds/{guild}/members?limit=5"),
    Case("GET", "/guilds/{guild}/members/search?query=Al&limit=5"),
    Case("GET", "/guilds/{guild}/members/{alice}"),
    Case("PATCH", "/guilds/{guild}/members/@me", {"nick": "Tasks"}),
    Case(
        "PATCH",
        "/guilds/{guild}/members/{bob}",
        {"nick": "B", "roles": ["{role}"], "communication_disabled_until": None},
    ),
    Case("DELETE", "/guilds/{guild}/members/{bob}"),
    Case("PUT", "/guilds/{guild}/members/{alice}/roles/{role}"),
    Case("DELETE", "/guilds/{guild}/members/{alice}/roles/{role}"),
    Case("GET", "/guilds/{guild}/bans?limit=5&after={alice}", first=BANNED),
    Case("GET", "/guilds/{guild}/bans/{bob}", first=BANNED),
    Case("PUT", "/guilds/{guild}/bans/{bob}", {"delete_message_seconds": 60}),
    Case("DELETE", "/guilds/{guild}/bans/{bob}", first=BANNED),
    Case("GET", "/guilds/{guild}/threads/active"),
    # channels
    Case("GET", "/channels/{channel}"),
    Case("GET", "/channels/{dm}"),
    Case("GET", "/channels/{thread}"),
    Case("PATCH", "/channels/{channel}", {"name": "other", "topic": None, "rate_limit_per_user": 5}),
    Case("PATCH", "/channels/{thread}", {"archived": True, "locked": True}),
    Case("DELETE", "/channels/{channel}"),
    Case("DELETE", "/channels/{thread}"),
    Case("PATCH", "/channels/{made[id]}", {"permission_overwrites": []}, MADE_CATEGORY),
    Case("GET", "/guilds/{guild}/channels", first={**MADE_CATEGORY, **MADE_FORUM}),
    Case("PUT", "/channels/{channel}/permissions/{role}", {"type": 0, "allow": "1024", "deny": None}),
    Case("DELETE", "/channels/{channel}/permissions/{role}", first=OVERWRITTEN),
    Case("POST", "/channels/{channel}/typing"),
    # threads
    Case("POST", "/channels/{channel}/threads", {"name": "t", "type": 11, "auto_archive_duration": 60}),
    Case("POST", "/channels/{channel}/threads", {"name": "t", "type": 12, "invitable": False}),
    Case("POST", f"{A_MESSAGE}/threads", {"name": "about"}),
    Case("GET", "/channels/{about[id]}/messages", first=ABOUT),
    Case("GET", A_MESSAGE, first=ABOUT),
    Case("POST", "/channels/{forum[id]}/threads", POST, MADE_FORUM),
    Case("GET", "/channels/{thread}/thread-members"),
    Case("GET", "/channels/{thread}/thread-members?with_member=true&limit=5"),
    Case("GET", "/channels/{thread}/thread-members/{alice}?with_member=true"),
    Case("PUT", "/channels/{thread}/thread-members/{bob}"),
    Case("PUT", "/channels/{thread}/thread-members/@me"),
    Case("DELETE", "/channels/{thread}/thread-members/{alice}"),
    Case("DELETE", "/channels/{thread}/thread-members/@me"),
    Case("GET", "/channels/{channel}/threads/archived/public?limit=5", first=ARCHIVED),
    Case("GET", "/channels/{channel}/threads/archived/private"),
    Case("GET", "/channels/{channel}/users/@me/threads/archived/private"),
    # messages
    Case("POST", "/channels/{channel}/messages", MESSAGE),
    Case("POST", "/channels/{channel}/messages", LAYOUT),
    Case("GET", "/channels/{channel}/messages?limit=5&around={message}"),
    Case("POST", "/channels/{channel}/messages/bulk-delete", {"messages": ["{message}", "{second}"]}),
    Case("GET", A_MESSAGE),
    Case("PATCH", A_MESSAGE, {"content": "new", "embeds": [], "components": None}),
    Case("PATCH", A_MESSAGE, {"flags": 4}),
    Case("DELETE", A_MESSAGE),
    Case("POST", "/channels/{thread}/messages", FORWARD),
    # pins
    Case("PUT", A_PIN),
    Case("GET", "/channels/{channel}/messages/pins?limit=5", first=PINNED),
    Case("GET", "/channels/{channel}/messages", first=PINNED),
    Case("DELETE", A_PIN, first=PINNED),
    # reactions
    Case("PUT", f"{A_REACTION}/@me"),
    Case("DELETE", f"{A_REACTION}/@me"),
    Case("DELETE", f"{A_REACTION}/{{bot}}"),
    Case("DELETE", f"{A_MESSAGE}/reactions"),
    Case("DELETE", A_REACTION),
    Case("GET", f"{A_REACTION}?limit=5"),
    # commands
    Case("GET", f"{GLOBAL}?with_localizations=true"),
    Case("PUT", GLOBAL, [COMMAND, {"name": "Look", "type": 3}]),
    Case("POST", GLOBAL, {**COMMAND, "name": "other"}),
    Case("GET", f"{GLOBAL}/{{command}}"),
    Case("PATCH", f"{GLOBAL}/{{command}}", {"default_member_permissions": "8", "nsfw": True}),
    Case("DELETE", f"{GLOBAL}/{{command}}"),
    Case("GET", LOCAL, first=LOCAL_COMMAND),
    Case("PUT", LOCAL, [COMMAND]),
    Case("POST", LOCAL, COMMAND),
    Case("GET", f"{LOCAL}/{{made[id]}}", first=LOCAL_COMMAND),
    Case("PATCH", f"{LOCAL}/{{made[id]}}", {"description": "Other"}, LOCAL_COMMAND),
    Case("DELETE", f"{LOCAL}/{{made[id]}}", first=LOCAL_COMMAND),
    Case("GET", f"{LOCAL}/permissions"),
    Case("GET", f"{LOCAL}/{{command}}/permissions"),
    # interactions
    Case("POST", CALLBACK, {"type": 4, "data": {"content": "hello"}}),
    Case(
        "POST", f"{CALLBACK}?with_response=true", {"type": 4, "data": {"embeds": [EMBED], "components": ROWS}}
    ),
    Case("POST", f"{CALLBACK}?with_response=true", {"type": 5, "data": {"flags": 64}}),
    Case("POST", f"{CALLBACK}?with_response=true", {"type": 9, "data": MODAL}),
    Case("POST", f"{CALLBACK}?with_response=true", {"type": 9, "data": OTHER_MODAL}),
    Case("POST", f"{HOOK}?wait=true", {"content": "more", "flags": 64}),
    Case("GET", f"{HOOK}/messages/@original"),
    Case("GET", f"{HOOK}/messages/{{made[id]}}", first=FOLLOW_UP),
    Case("PATCH", f"{HOOK}/messages/@original", {"content": "new", "components": ROWS}),
    Case("PATCH", f"{HOOK}/messages/{{made[id]}}", {"content": "new"}, FOLLOW_UP),
    Case("DELETE", f"{HOOK}/messages/@original"),
    Case("DELETE", f"{HOOK}/messages/{{made[id]}}", first=FOLLOW_UP),
]
