"""A scene has only what Discord has, and says what is meant where something is not there."""

from collections.abc import Callable

import pytest

from discord_sandbox import Actor, Sandbox, SandboxGuild

TOO_MUCH: list[tuple[str, Callable[[], object]]] = [
    ("privileged intents", lambda: Sandbox(privileged_intents=1 << 9)),
    ("permissions are bits", lambda: Sandbox(bot_permissions=1 << 60)),
    ("name of a guild", lambda: Sandbox(guild_name="x" * 101)),
    ("name of the bot", lambda: Sandbox(bot_name="x" * 33)),
]
IN_A_GUILD: list[tuple[str, Callable[[SandboxGuild], object]]] = [
    ("name of a guild", lambda guild: guild.rename("x")),
    ("no language 'zz'", lambda guild: guild.set_locale("zz")),
    ("name of a channel", lambda guild: guild.create_channel("x" * 101)),
    ("name of a channel", lambda guild: guild.create_channel("")),
    ("name of a role", lambda guild: guild.create_role("x" * 101)),
    ("permissions are bits", lambda guild: guild.create_role("Helpers", -1)),
    ("position", lambda guild: guild.create_role("Helpers", position=-5)),
    ("permissions are bits", lambda guild: guild.set_permissions(guild.everyone, 1 << 60)),
    (
        "permissions are bits",
        lambda guild: guild.overwrite(guild.channel("general"), guild.everyone, deny=1 << 60),
    ),
    ("name of a person", lambda guild: guild.add_member("x" * 33)),
    ("no language 'zz'", lambda guild: guild.add_member("Zoe", locale="zz")),
    ("permissions are bits", lambda guild: guild.add_member("Zoe", permissions=1 << 60)),
]


@pytest.mark.parametrize(("why", "make"), TOO_MUCH)
def test_a_sandbox_has_only_what_discord_has(why: str, make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=why):
        make()


@pytest.mark.parametrize(("why", "do"), IN_A_GUILD)
def test_so_has_a_guild(why: str, do: Callable[[SandboxGuild], object]) -> None:
    guild = Sandbox().guild
    before = (guild.name, len(guild.channels), guild.members, dict(guild.guild.roles))
    with pytest.raises(ValueError, match=why):
        do(guild)
    assert (guild.name, len(guild.channels), guild.members, dict(guild.guild.roles)) == before


def test_another_guild_is_checked_too() -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match="name of a guild"):
        sandbox.add_guild("x" * 101)
    with pytest.raises(ValueError, match="name of a person"):
        sandbox.add_guild("Other", "x" * 33)
    with pytest.raises(ValueError, match="permissions are bits"):
        sandbox.add_guild("Other", bot_permissions=1 << 60)
    assert len(sandbox.add_guild("x" * 100).owner.name) == 32


@pytest.mark.usefixtures("alice")
def test_what_is_not_there_is_answered_with_what_is(guild: SandboxGuild) -> None:
    with pytest.raises(KeyError, match=r"no channel 'nope'; there are \['general', 'tasks', 'log'\]"):
        guild.channel("nope")
    with pytest.raises(KeyError, match=r"nobody called 'Nobody'; there are \['Olivia Owner', 'Alice'\]"):
        guild.member("Nobody")


async def test_a_name_is_no_channel(alice: Actor) -> None:
    wanted = r"a channel is needed, not 'general': guild\.channel\('general'\)"
    with pytest.raises(TypeError, match=wanted):
        alice.send("general", "hi")  # type: ignore[arg-type]  # that is what is shown
    with pytest.raises(TypeError, match=wanted):
        alice.create_thread("general", "x")  # type: ignore[arg-type]  # as above
    with pytest.raises(TypeError, match=wanted):
        alice.create_post("general", "x", "y")  # type: ignore[arg-type]  # as above
    with pytest.raises(TypeError, match=wanted):
        await alice.command("task", "general")  # type: ignore[arg-type]  # as above
