"""Rows about application commands: how they are registered, kept and shown, and who may use them."""

from typing import Any

from tests.calling import Json
from tests.conformance.commands import option, refused_command, slash, taken
from tests.conformance.scene import Scene
from tests.conformance.table import Case, Given, refused

CODES = "topics/opcodes-and-status-codes#json"
COMMAND = "interactions/application-commands#application-command-object"
REGISTERING = "interactions/application-commands#registering-a-command"
LOCALIZATION = "interactions/application-commands#localization"
RETRIEVING = "interactions/application-commands#retrieving-localized-commands"
CREATE = "interactions/application-commands#create-global-application-command"
EDIT = "interactions/application-commands#edit-global-application-command"
OVERWRITE = "interactions/application-commands#bulk-overwrite-global-application-commands"
PERMISSIONS = "interactions/application-commands#permissions"
GET_PERMISSIONS = "interactions/application-commands#get-application-command-permissions"
GLOBAL = "/applications/{application}/commands"
LOCAL = "/applications/{application}/guilds/{guild}/commands"


def full(kind: int, count: int, path: str = GLOBAL) -> Given:
    """Register as many commands of a kind as there may be."""

    async def change(scene: Scene) -> None:
        more: Json = {"description": "d"} if kind == 1 else {}
        bodies = [{"name": f"c{number}", "type": kind, **more} for number in range(count)]
        assert (await scene.call("PUT", path, bodies)).status == 200

    return change


def used_up(scene: Scene) -> None:
    """Let nearly all creations of the day be made: one is left."""
    assert scene.sandbox.store.commands.may_create(None, 199 - len(scene.sandbox.commands()))


async def used_up_yesterday(scene: Scene) -> None:
    used_up(scene)
    assert (await scene.call("POST", GLOBAL, slash("last"))).status == 201
    scene.clock.advance(24 * 3600)


async def german(scene: Scene) -> None:
    body = slash(
        name_localizations={"de": "aufgabe", "en-GB": "job"},
        description_localizations={"de": "Etwas"},
        options=[
            option(
                name_localizations={"de": "art"},
                choices=[{"name": "One", "value": "1", "name_localizations": {"de": "Eins"}}],
            )
        ],
    )
    assert (await scene.call("PUT", GLOBAL, [body])).status == 200


def registered(*names: str) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, _: Any) -> None:  # noqa: ANN401 - JSON of any shape
        assert [one["name"] for one in scene.sandbox.commands()] == list(names)

    return shows


def has(**fields: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    def shows(_: Scene, body: Json) -> None:
        assert {key: body.get(key) for key in fields} == fields

    return shows


def first_has(**fields: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    return lambda scene, body: has(**fields)(scene, body[0])


def in_german(_: Scene, body: list[Json]) -> None:
    assert (body[0]["name_localized"], body[0]["description_localized"]) == ("aufgabe", "Etwas")
    (found,) = body[0]["options"]
    assert (found["name_localized"], found["choices"][0]["name_localized"]) == ("art", "Eins")
    assert not [key for node in (body[0], found) for key in node if key.endswith("_localizations")]


async def with_rule(scene: Scene) -> None:
    command = next(one for one in scene.alice.commands() if one.name == "do")
    scene.ids["do"] = str(command.id)
    scene.guild.set_command_permission(command, scene.guild.everyone, allow=False)


async def without_rule(scene: Scene) -> None:
    await with_rule(scene)
    command = scene.sandbox.store.commands.get(None, int(scene.ids["do"]))
    scene.guild.set_command_permission(command, scene.guild.everyone, allow=None)


def rule(scene: Scene, body: Any) -> None:  # noqa: ANN401 - JSON of any shape
    assert (body[0] if isinstance(body, list) else body) == {
        "id": scene.ids["do"],
        "application_id": scene.ids["application"],
        "guild_id": scene.ids["guild"],
        "permissions": [{"id": scene.ids["guild"], "type": 1, "permission": False}],
    }


LOCALIZED = [
    refused_command(
        LOCALIZATION,
        "an unknown locale",
        slash(name_localizations={"xx": "name"}),
        "name_localizations: APPLICATION_COMMAND_INVALID_NAME",
    ),
    refused_command(
        LOCALIZATION,
        "of a description too",
        slash(description_localizations={"xx": "text"}),
        "description_localizations.xx: BASE_TYPE_CHOICES",
    ),
    refused_command(
        LOCALIZATION,
        "translations follow the rules of names",
        slash(name_localizations={"de": "Groß"}),
        "name_localizations: APPLICATION_COMMAND_INVALID_NAME",
    ),
    refused_command(
        LOCALIZATION,
        "no option is called as another one in a language",
        slash(options=[option(name, name_localizations={"de": "art"}) for name in ("a", "b")]),
        "options.1.name_localizations: APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
    ),
    refused_command(
        LOCALIZATION,
        "nor as another one by default",
        slash(options=[option("a", name_localizations={"de": "b"}), option("b")]),
        "options.0.name_localizations: APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
    ),
    Case(
        RETRIEVING,
        "a list has no dictionaries; a language stands in for its neighbour",
        "GET",
        GLOBAL,
        given=german,
        shows=first_has(
            name="task", name_localized="job", name_localizations=None, description_localized=None
        ),
    ),
    Case(
        RETRIEVING,
        "the requester's language, in options and choices too",
        "GET",
        GLOBAL,
        headers={"X-Discord-Locale": "de", "Accept-Language": "en-GB"},
        given=german,
        shows=in_german,
    ),
    Case(
        RETRIEVING,
        "else the one that the request accepts",
        "GET",
        GLOBAL,
        headers={"Accept-Language": "xx, de;q=0.8, en-GB;q=0.5"},
        given=german,
        shows=in_german,
    ),
    Case(
        RETRIEVING,
        "no words for a language without any",
        "GET",
        GLOBAL,
        headers={"X-Discord-Locale": "fr"},
        given=german,
        shows=first_has(name="task", name_localized=None, description_localized=None),
    ),
    Case(
        RETRIEVING,
        "unless they are asked for",
        "GET",
        f"{GLOBAL}?with_localizations=true",
        given=german,
        shows=first_has(name_localizations={"de": "aufgabe", "en-GB": "job"}, name_localized=None),
    ),
]

REGISTERED = [
    Case(
        CREATE,
        "a new one",
        "POST",
        GLOBAL,
        slash("new"),
        201,
        shows=registered("do", "say", "Look", "Who", "new"),
    ),
    Case(
        CREATE,
        "one of this name is overwritten",
        "POST",
        GLOBAL,
        slash("do", description="Better"),
        200,
        shows=has(description="Better"),
    ),
    taken(REGISTERING, "names are unique for each type", {"name": "do", "type": 2}),
    Case(REGISTERING, "and scope", "POST", LOCAL, slash("do"), 201, shows=has(dm_permission=None)),
    Case(
        OVERWRITE,
        "all types are overwritten",
        "PUT",
        GLOBAL,
        [slash("only")],
        shows=registered("only"),
    ),
    refused(
        OVERWRITE,
        "no two of one name and type",
        "PUT",
        GLOBAL,
        [slash(), slash()],
        "1: APPLICATION_COMMANDS_DUPLICATE_NAME",
    ),
    Case(
        EDIT,
        "what is not given stays",
        "PATCH",
        f"{GLOBAL}/{{do}}",
        {"nsfw": True},
        given=with_rule,
        shows=has(name="do", description="Do it", nsfw=True),
    ),
    refused(
        EDIT,
        "not to a name that is taken",
        "PATCH",
        f"{GLOBAL}/{{do}}",
        {"name": "say"},
        "name: APPLICATION_COMMANDS_DUPLICATE_NAME",
        given=with_rule,
    ),
    Case(CODES, "an unknown command", "GET", f"{GLOBAL}/{{nothing}}", None, 404, 10063),
    Case(CODES, "another's commands", "GET", "/applications/{alice}/commands", None, 403, 50001),
    Case(
        CODES,
        "in a guild that the app is not in",
        "PUT",
        "/applications/{application}/guilds/{other_guild}/commands",
        [],
        403,
        50001,
    ),
    # -- how many -------------------------------------------------------------------------------------
    Case(
        REGISTERING,
        "100 slash commands",
        "POST",
        GLOBAL,
        slash(),
        201,
        given=full(1, 99),
        limits=("COMMANDS",),
    ),
    Case(
        REGISTERING,
        "no 101st command",
        "POST",
        GLOBAL,
        slash(),
        400,
        30032,
        given=full(1, 100),
        limits=("COMMANDS",),
    ),
    Case(REGISTERING, "but one of them again", "POST", GLOBAL, slash("c1"), 200, given=full(1, 100)),
    *(
        Case(
            REGISTERING,
            f"15 entries of menus of type {kind} and no more, {'of a guild' if path is LOCAL else 'global'}",
            "POST",
            path,
            {"name": "Look", "type": kind},
            400,
            30032,
            given=full(kind, 15, path),
            limits=("COMMANDS",),
        )
        for kind, path in ((2, GLOBAL), (3, GLOBAL), (3, LOCAL))
    ),
    Case(
        REGISTERING,
        "not at once either",
        "PUT",
        GLOBAL,
        [slash(f"c{number}") for number in range(101)],
        400,
        30032,
        limits=("COMMANDS",),
    ),
    Case(REGISTERING, "200 creations a day", "POST", GLOBAL, slash("new"), 201, given=used_up),
    Case(
        REGISTERING,
        "no more creations on one day",
        "PUT",
        GLOBAL,
        [slash("one"), slash("two")],
        400,
        30034,
        given=used_up,
        limits=("COMMAND_CREATES", "COMMAND_CREATES_SECONDS"),
    ),
    Case(
        REGISTERING,
        "what is only changed does not count",
        "PUT",
        GLOBAL,
        [slash("do"), slash("say"), slash("new")],
        given=used_up,
    ),
    Case(
        REGISTERING,
        "and the next day begins anew",
        "POST",
        GLOBAL,
        slash("new"),
        201,
        given=used_up_yesterday,
        limits=("COMMAND_CREATES_SECONDS",),
    ),
    Case(REGISTERING, "each guild counts for itself", "PUT", LOCAL, [slash("a"), slash("b")], given=used_up),
]

FIELDS = [
    taken(
        COMMAND,
        "permissions as a text of digits",
        slash(default_member_permissions="32"),
        shows=has(default_member_permissions="32"),
    ),
    taken(
        COMMAND,
        "as a number",
        slash(default_member_permissions=32),
        shows=has(default_member_permissions="32"),
    ),
    taken(
        "interactions/application-commands#using-default-permissions",
        "none but for administrators",
        slash(default_member_permissions="0"),
        shows=has(default_member_permissions="0"),
    ),
    refused_command(
        COMMAND,
        "no permissions",
        slash(default_member_permissions="many"),
        "default_member_permissions: BITFIELD_TYPE_COERCE",
    ),
    taken(
        COMMAND,
        "by default for guilds and direct messages",
        slash(),
        shows=has(contexts=None, integration_types=[0], dm_permission=True, nsfw=False),
    ),
    taken(COMMAND, "for guilds alone", slash(contexts=[0]), shows=has(contexts=[0], dm_permission=False)),
    taken(COMMAND, "as it was said before", slash(dm_permission=False), shows=has(contexts=[0])),
    taken(
        COMMAND,
        "and who could use it by default",
        slash(default_permission=False),
        shows=has(default_member_permissions="0"),
    ),
    refused_command(COMMAND, "an unknown context", slash(contexts=[3]), "contexts.0: BASE_TYPE_CHOICES"),
    refused_command(COMMAND, "no context at all", slash(contexts=[]), "contexts: BASE_TYPE_BAD_LENGTH"),
    refused_command(
        COMMAND,
        "an unknown installation",
        slash(integration_types=[2]),
        "integration_types.0: BASE_TYPE_CHOICES",
    ),
    # -- who may use it -------------------------------------------------------------------------------
    Case(GET_PERMISSIONS, "of a command", "GET", f"{LOCAL}/{{do}}/permissions", given=with_rule, shows=rule),
    Case(
        "interactions/application-commands#get-guild-application-command-permissions",
        "of all",
        "GET",
        f"{LOCAL}/permissions",
        given=with_rule,
        shows=rule,
    ),
    Case(
        CODES,
        "a command for which nothing is set",
        "GET",
        f"{LOCAL}/{{do}}/permissions",
        None,
        404,
        10066,
        given=without_rule,
    ),
    Case(CODES, "of an unknown command", "GET", f"{LOCAL}/{{nothing}}/permissions", None, 404, 10063),
    Case(
        PERMISSIONS,
        "a bot's token cannot set them",
        "PUT",
        f"{LOCAL}/{{do}}/permissions",
        {"permissions": []},
        403,
        20001,
        given=with_rule,
    ),
]

CASES = [*LOCALIZED, *REGISTERED, *FIELDS]
