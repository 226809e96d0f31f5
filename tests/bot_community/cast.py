"""One person for each way to stand on a server, and what they find there: for tests of who may do what."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.access import Deed, Role
from bot.app import BotApp
from bot.sessions.terms import TERMS_VERSION
from bot.store.shown import ShownMessage
from discord_sandbox import Actor, Channel, MessageView, Permission, Sandbox, SandboxGuild
from tests.bot_community.access_doc import DOCUMENTED
from tests.bot_community.forging import Forger
from tests.bot_community.settings_scene import put
from tests.bot_community.small_backend import PROMPT_ID, SmallBackend

REFUSALS = {
    Role.contributor: "On this server only members with the contributor role can do that.",
    Role.moderator: "Only the moderators of this server can do that.",
    Role.manager: "Only members with the permission Manage Server can do that.",
}
GUILD_ONLY = "That belongs to a server. Please use it there."
NO_REFUSAL = ""


@dataclass(frozen=True)
class Part:
    """Somebody in a place.

    Attributes:
        name: how they stand there.
        standing: as what they count there.
        channel: the place.
        own: a message of theirs in it.
        others: a message of somebody else in it; None where only the two of them write.
        dataset: a message of the bot in it that shows one of the dataset.
        forger: the same person, who sends what no client sends.
    """

    name: str
    person: Actor
    standing: Collection[Role]
    channel: Channel
    own: MessageView
    others: MessageView | None
    dataset: MessageView
    forger: Forger

    def refusal(self, deed: Deed | None) -> str:
        """Give how the words begin that this person must read, by the docs; empty where they may."""
        if deed is None:
            return NO_REFUSAL
        rule = DOCUMENTED[deed]
        if self.channel.guild is None:
            return GUILD_ONLY if rule.guild_only else NO_REFUSAL
        return NO_REFUSAL if rule.needs in {Role.everybody, *self.standing} else REFUSALS[rule.needs]


@dataclass(frozen=True)
class Cast:
    """Everybody.

    Attributes:
        contributors: the contributor role of the first server.
        moderators: its moderator role.
    """

    parts: dict[str, Part]
    contributors: int
    moderators: int


async def assemble(bot: BotApp, sandbox: Sandbox, backend: SmallBackend) -> Cast:
    """Let everybody in, set both servers up, and put messages where people are."""
    first = sandbox.guild
    contributors, moderators = first.create_role("Contributors"), first.create_role("Moderators")
    bob, eve = first.add_member("Bob"), first.add_member("Eve")
    second = sandbox.add_guild("Second", owner=eve)
    second.join(bob)
    await put(bot, first.id, contributor_role=contributors.id, moderator_role=moderators.id)
    # Its admin could do everything, had the roles of one server any weight on another.
    await put(bot, second.id, log_channel=second.channel("log").id)
    ann = first.add_member("Ann", permissions=Permission.ADMINISTRATOR)
    everything = {Role.contributor, Role.moderator, Role.manager}
    here, there = first.channel("general"), second.channel("general")
    people: list[tuple[str, Actor, Collection[Role], Channel]] = [
        ("everybody", first.add_member("Nora"), set(), here),
        ("contributor", first.add_member("Cleo", roles=[contributors]), {Role.contributor}, here),
        ("moderator by role", first.add_member("Mo", roles=[moderators]), everything - {Role.manager}, here),
        (
            "moderator by Manage Messages",
            first.add_member("Mia", permissions=Permission.MANAGE_MESSAGES),
            everything - {Role.manager},
            here,
        ),
        (
            "manager",
            first.add_member("Max", permissions=Permission.MANAGE_GUILD),
            everything - {Role.moderator},
            here,
        ),
        ("administrator", ann, everything, here),
        ("owner", first.owner, everything, here),
        ("admin of another server", eve, set(), here),
        ("the same at home", eve, everything, there),
        ("administrator in direct messages", ann, {Role.contributor}, ann.open_dm()),
    ]
    backend.shows_prompt()
    backend.task, backend.has_extensions = None, False
    for name in ("settings", "setup"):
        for guild in (first, second):
            command = next(one for one in guild.owner.commands(guild.channel("general")) if one.name == name)
            guild.set_command_permission(command, guild.everyone, allow=True)
    others = {one.id: bob.send(one, "What a silly question!") for one in (here, there)}
    dataset = {one.id: await _dataset_post(bot, one, backend) for one in (here, there, ann.open_dm())}
    parts = {}
    for name, person, standing, channel in people:
        await settle(bot, person)
        own = person.send(channel, "Why do bees hum?")
        of_others = person.view(others[channel.id].raw) if channel.id in others else None
        shown = next(one for one in person.messages(channel) if one.id == dataset[channel.id])
        forger = await Forger.of(person, channel, of_others or own)
        parts[name] = Part(name, person, standing, channel, own, of_others, shown, forger)
    return Cast(parts, contributors.id, moderators.id)


async def settle(bot: BotApp, person: Actor) -> None:
    """Let somebody have accepted the terms and been welcomed."""
    people, now = bot.services.store.people, bot.clock.now()
    await people.record_terms(
        person.id, version=TERMS_VERSION, locale="en-US", interaction_id=person.id, now=now
    )
    await people.set_welcomed(person.id, now=now)


async def _dataset_post(bot: BotApp, channel: Channel, backend: SmallBackend) -> int:
    """Post a message that shows one of the dataset."""
    post = await bot.services.rest.create_message(channel.id, backend.messages[PROMPT_ID]["text"])
    guild_id = channel.guild_id
    shown = ShownMessage(int(post.id), 0, channel.id, channel.id, guild_id, PROMPT_ID)
    await bot.services.store.shown.add([shown])
    return int(post.id)


def guild_of(part: Part, sandbox: Sandbox) -> SandboxGuild:
    """Give the server on which somebody is."""
    return next(one for one in sandbox.guilds if one.id == part.channel.guild_id)
