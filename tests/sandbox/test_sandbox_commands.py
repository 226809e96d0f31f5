"""Registering commands: what is kept, what is shown, what is refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from discord_sandbox import Actor, NotVisible, Permission, Sandbox

Api = Callable[..., Awaitable[tuple[int, Any]]]
Json = dict[str, Any]


def slash(name: str = "task", **more: object) -> Json:
    return {"name": name, "description": "Something", **more}


def option(name: str = "kind", **more: object) -> Json:
    return {"type": 3, "name": name, "description": "Something", **more}


@pytest.fixture
def path(sandbox: Sandbox) -> str:
    return f"/applications/{sandbox.bot_id}/commands"


async def test_what_is_put_replaces_what_was(api: Api, path: str, alice: Actor) -> None:
    _, first = await api("PUT", path, [slash("task"), slash("old")])
    _, second = await api("PUT", path, [slash("task", description="Better"), {"name": "Look", "type": 3}])
    assert [one["name"] for one in second] == ["task", "Look"]
    assert second[0]["id"] == first[0]["id"]
    assert second[0]["version"] != first[0]["version"]
    assert [one.name for one in alice.commands()] == ["task"]
    _, third = await api("PUT", path, [slash("task", description="Better"), {"name": "Look", "type": 3}])
    assert third == second, "nothing changed, so not even the versions did"


async def test_localizations_are_shown_when_asked_for(api: Api, path: str) -> None:
    names = {"de": "aufgabe", "fr": "tâche"}
    choice = {"name": "Any", "value": "any", "name_localizations": {"de": "Beliebig"}}
    body = slash(name_localizations=names, options=[option(choices=[choice])])
    _, (made,) = await api("PUT", path, [body])
    assert made["name_localizations"] == names
    assert (await api("GET", f"{path}?with_localizations=true"))[1] == [made]
    (plain,) = (await api("GET", path))[1]
    assert "name_localizations" not in plain
    assert "name_localizations" not in plain["options"][0]["choices"][0]


async def test_options_may_share_a_name_in_different_languages(api: Api, path: str) -> None:
    options = [option("a", name_localizations={"de": "art"}), option("b", name_localizations={"fr": "art"})]
    options.append(option("c", name_localizations={"de": "c", "en-US": "c"}))
    assert (await api("PUT", path, [slash(options=options)]))[0] == 200


async def test_single_commands(api: Api, path: str) -> None:
    status, made = await api("POST", path, slash())
    assert (status, made["type"], made["default_member_permissions"]) == (201, 1, None)
    assert (await api("POST", path, slash(description="Again")))[0] == 200
    one = f"{path}/{made['id']}"
    assert (await api("PATCH", one, {"default_member_permissions": "32"}))[1][
        "default_member_permissions"
    ] == "32"
    assert (await api("GET", one))[1]["description"] == "Again"
    assert (await api("DELETE", one))[0] == 204
    assert (await api("DELETE", one))[1]["code"] == 10063


async def test_a_guilds_own_commands(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    guild = f"/applications/{sandbox.bot_id}/guilds/{sandbox.guild.id}/commands"
    _, (made,) = await api("PUT", guild, [slash("here")])
    assert made["guild_id"] == str(sandbox.guild.id)
    assert [one.name for one in alice.commands()] == ["here"]
    assert alice.commands(alice.open_dm()) == []
    assert [one["name"] for one in sandbox.commands()] == ["here"]


async def test_commands_are_offered_by_permission_and_context(api: Api, path: str, sandbox: Sandbox) -> None:
    await api(
        "PUT",
        path,
        [
            slash("admins", default_member_permissions="0"),
            slash("managers", default_member_permissions=32),
            slash("direct", contexts=[1]),
            slash("guilds", contexts=[0]),
        ],
    )
    anna = sandbox.guild.add_member("Anna")
    mia = sandbox.guild.add_member("Mia", permissions=Permission.MANAGE_GUILD)
    names = [[one.name for one in person.commands()] for person in (anna, mia, sandbox.guild.owner)]
    assert names == [["guilds"], ["managers", "guilds"], ["admins", "managers", "guilds"]]
    assert [one.name for one in anna.commands(anna.open_dm())] == ["admins", "managers", "direct"]
    with pytest.raises(NotVisible):
        await anna.command("direct")


@pytest.mark.parametrize(
    ("bodies", "path_of_error", "code"),
    [
        ([slash("Task")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
        ([slash("two words")], "0.name", "STRING_TYPE_REGEX"),
        ([slash("x" * 33)], "0.name", "BASE_TYPE_BAD_LENGTH"),
        ([slash(description="")], "0.description", "BASE_TYPE_REQUIRED"),
        ([slash(description="x" * 101)], "0.description", "BASE_TYPE_BAD_LENGTH"),
        ([slash(), slash()], "1", "APPLICATION_COMMANDS_DUPLICATE_NAME"),
        (
            [slash(name_localizations={"xx": "name"})],
            "0.name_localizations",
            "APPLICATION_COMMAND_INVALID_NAME",
        ),
        (
            [slash(name_localizations={"de": "Groß"})],
            "0.name_localizations",
            "APPLICATION_COMMAND_INVALID_NAME",
        ),
        ([slash(options=[option(f"o{n}") for n in range(26)])], "0.options", "BASE_TYPE_MAX_LENGTH"),
        (
            [slash(options=[option(), option()])],
            "0.options.1.name",
            "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
        ),
        (
            [slash(options=[option("a", name_localizations={"de": "b"}), option("b")])],
            "0.options.0.name_localizations",
            "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
        ),
        (
            [slash(options=[option(name, name_localizations={"de": "art"}) for name in ("a", "b")])],
            "0.options.1.name_localizations",
            "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
        ),
        (
            [slash(options=[option("a"), option("b", required=True)])],
            "0.options.1",
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        ([slash(options=[option(type=12)])], "0.options.0.type", "BASE_TYPE_CHOICES"),
        (
            [slash(options=[option(autocomplete=True, type=6)])],
            "0.options.0.autocomplete",
            "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
        ),
        (
            [slash(options=[option(choices=[{"name": "x", "value": "y" * 101}])])],
            "0.options.0.choices.0.value",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            [slash(options=[option(), option("sub", type=1)])],
            "0.options",
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        ),
        (
            [{"name": "Look", "type": 3, "description": "no"}],
            "0.description",
            "APPLICATION_COMMAND_INVALID_DESCRIPTION",
        ),
        (
            [
                slash(
                    options=[
                        option(
                            f"o{n}",
                            choices=[{"name": "n" * 90 + str(m), "value": "v" * 90} for m in range(25)],
                        )
                        for n in range(3)
                    ]
                )
            ],
            "0",
            "APPLICATION_COMMAND_TOO_LARGE",
        ),
    ],
)
async def test_bad_commands_are_refused_whole(
    api: Api, path: str, bodies: list[Json], path_of_error: str, code: str
) -> None:
    status, answer = await api("PUT", path, bodies)
    assert (status, answer["code"]) == (400, 50035)
    node = answer["errors"]
    for step in path_of_error.split(".") if path_of_error else ():
        node = node[step]
    assert code in [one["code"] for one in node["_errors"]]
    assert (await api("GET", path))[1] == []
