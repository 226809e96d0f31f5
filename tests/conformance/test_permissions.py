"""What a member may do in a channel, computed as on the page topics/permissions."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from discord_sandbox import Actor, Permission, Role
from discord_sandbox.world.permissions import ALL
from tests.conformance.scene import Scene

P = Permission
OVERWRITES = "topics/permissions#permission-overwrites"
IMPLICIT = "topics/permissions#implicit-permissions"
INHERITED = "topics/permissions#inherited-permissions-threads"
TIMEOUT = "topics/permissions#permissions-for-timed-out-members"


@dataclass(frozen=True)
class Computed:
    """One row: what is set, and what Alice may do then.

    Attributes:
        page: The page that the expectation is from.
        name: What the row shows.
        given: Sets roles and overwrites of the channel `general`; Alice has the role "A" and the role "B".
        may: Permissions that she has.
        may_not: Permissions that she has not.
        where: The channel or thread, by its name in the scene.
    """

    page: str
    name: str
    given: Callable[[Scene], None]
    may: tuple[Permission, ...] = ()
    may_not: tuple[Permission, ...] = ()
    where: str = "general"


@dataclass
class Setting:
    """Sets overwrites of `general`: allowed and denied bits, for everyone, for A, for B and for Alice."""

    everyone: tuple[int, int] = (0, 0)
    a: tuple[int, int] = (0, 0)
    b: tuple[int, int] = (0, 0)
    own: tuple[int, int] = (0, 0)
    roles: dict[str, int] = field(default_factory=dict)

    def __call__(self, scene: Scene) -> None:
        """Set them, and give Alice the roles with what they grant in the guild."""
        guild, general = scene.guild, scene.channel("general")
        made = [guild.create_role(name, self.roles.get(name, 0), position=at) for at, name in enumerate("AB")]
        for role in made:
            guild.give_role(scene.alice, role)
        targets: tuple[Role | Actor, ...] = (guild.everyone, *made, scene.alice)
        for target, (allow, deny) in zip(targets, (self.everyone, self.a, self.b, self.own), strict=True):
            if allow or deny:
                guild.overwrite(general, target, allow=allow, deny=deny)


def timed_out(scene: Scene) -> None:
    scene.guild.time_out(scene.alice, 60)


def no_more_timed_out(scene: Scene) -> None:
    timed_out(scene)
    assert not scene.alice.permissions(scene.channel("general")) & P.SEND_MESSAGES
    scene.clock.advance(60)


def administrator_timed_out(scene: Scene) -> None:
    Setting(roles={"A": P.ADMINISTRATOR})(scene)
    timed_out(scene)


ADD, SEND, VIEW = P.ADD_REACTIONS, P.SEND_MESSAGES, P.VIEW_CHANNEL
ROWS = [
    Computed(
        OVERWRITES,
        "what everybody has and what the roles grant",
        Setting(roles={"A": P.MANAGE_MESSAGES, "B": P.MANAGE_THREADS}),
        (SEND, P.MANAGE_MESSAGES, P.MANAGE_THREADS),
        (P.MANAGE_ROLES,),
    ),
    Computed(OVERWRITES, "everyone's deny", Setting(everyone=(0, SEND)), (VIEW,), (SEND,)),
    Computed(OVERWRITES, "everyone's allow after everyone's deny", Setting(everyone=(SEND, SEND)), (SEND,)),
    Computed(
        OVERWRITES,
        "everyone's allow of what nobody has",
        Setting(everyone=(P.MANAGE_MESSAGES, 0)),
        (P.MANAGE_MESSAGES,),
    ),
    Computed(
        OVERWRITES, "a role's allow over everyone's deny", Setting(everyone=(0, SEND), a=(SEND, 0)), (SEND,)
    ),
    Computed(
        OVERWRITES, "a role's deny over everyone's allow", Setting(everyone=(ADD, 0), a=(0, ADD)), (), (ADD,)
    ),
    Computed(
        OVERWRITES,
        "one role's allow over another's deny, whatever their places",
        Setting(a=(ADD, 0), b=(0, ADD)),
        (ADD,),
    ),
    Computed(OVERWRITES, "the other way round it is the same", Setting(a=(0, ADD), b=(ADD, 0)), (ADD,)),
    Computed(
        OVERWRITES,
        "a role's deny over what a role grants in the guild",
        Setting(a=(0, P.MANAGE_MESSAGES), roles={"A": P.MANAGE_MESSAGES}),
        (),
        (P.MANAGE_MESSAGES,),
    ),
    Computed(
        OVERWRITES, "the member's allow over a role's deny", Setting(a=(0, SEND), own=(SEND, 0)), (SEND,)
    ),
    Computed(
        OVERWRITES, "the member's deny over a role's allow", Setting(a=(SEND, 0), own=(0, SEND)), (), (SEND,)
    ),
    Computed(
        OVERWRITES,
        "an administrator whatever the overwrites say",
        Setting(everyone=(0, ALL), own=(0, ALL), roles={"A": P.ADMINISTRATOR}),
        tuple(P),
    ),
    Computed(
        IMPLICIT, "nothing without seeing the channel", Setting(own=(P.MANAGE_MESSAGES, VIEW)), (), tuple(P)
    ),
    Computed(
        IMPLICIT,
        "what goes with sending messages",
        Setting(own=(P.MENTION_EVERYONE | P.SEND_TTS_MESSAGES, SEND)),
        (ADD, VIEW),
        (SEND, P.MENTION_EVERYONE, P.SEND_TTS_MESSAGES, P.ATTACH_FILES, P.EMBED_LINKS),
    ),
    Computed(
        INHERITED,
        "a thread has what its channel has",
        Setting(own=(P.MANAGE_MESSAGES, ADD)),
        (P.MANAGE_MESSAGES,),
        (ADD,),
        "public",
    ),
    Computed(
        INHERITED,
        "sending in threads is another thing than sending",
        Setting(own=(0, SEND)),
        (P.SEND_MESSAGES_IN_THREADS, P.ATTACH_FILES),
        (),
        "public",
    ),
    Computed(
        INHERITED,
        "what goes with sending in threads",
        Setting(own=(0, P.SEND_MESSAGES_IN_THREADS)),
        (ADD,),
        (P.ATTACH_FILES, P.EMBED_LINKS),
        "public",
    ),
    Computed(
        INHERITED,
        "nothing in a thread without seeing its channel",
        Setting(own=(0, VIEW)),
        (),
        tuple(P),
        "thread",
    ),
    Computed(
        TIMEOUT,
        "only seeing and reading",
        timed_out,
        (VIEW, P.READ_MESSAGE_HISTORY),
        tuple(one for one in P if one not in {VIEW, P.READ_MESSAGE_HISTORY}),
    ),
    Computed(TIMEOUT, "until the time is over", no_more_timed_out, (SEND,)),
    Computed(TIMEOUT, "administrators are exempt", administrator_timed_out, tuple(P)),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.page}: {row.name}" for row in ROWS])
async def test_what_a_member_may_do(scene: Scene, row: Computed) -> None:
    row.given(scene)
    held = scene.alice.permissions(scene.channel(row.where))
    assert [one for one in row.may if not held & one] == []
    assert [one for one in row.may_not if held & one] == []


async def test_the_owner_may_do_everything(scene: Scene) -> None:
    owner: Actor = scene.guild.owner
    scene.guild.overwrite(scene.channel("general"), owner, deny=ALL)
    scene.guild.time_out(owner, 60)
    assert owner.permissions(scene.channel("general")) == ALL


async def test_a_bot_that_is_timed_out_only_reads(scene: Scene) -> None:
    """The page topics/permissions, "Permissions For Timed Out Members"."""
    member = scene.guild.guild.members[scene.sandbox.bot_id]
    member.timed_out_until = scene.clock() + 60
    scene.sandbox.store.forget_permissions()
    refused = await scene.call("POST", "/channels/{general}/messages", {"content": "x"})
    assert (refused.status, refused.code) == (403, 50013)
    assert (await scene.call("GET", "/channels/{general}/messages")).body != []
    scene.clock.advance(60)
    assert (await scene.call("POST", "/channels/{general}/messages", {"content": "x"})).status == 200
