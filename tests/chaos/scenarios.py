"""What people do while the bot dies: each scenario can be taken up again from what stands on the screen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from discord_sandbox import Channel, NotVisible
from tests.bot.rooms import use_direct, without_threads
from tests.chaos import beside_tasks
from tests.chaos.conftest import Town
from tests.chaos.person import Person

LONGER_THAN_A_TASK = timedelta(hours=49)
LONG_OUTAGE = 20 * 60.0
"""Seconds: Discord has forgotten nonces by then, and takes nothing for an interaction any more."""
NONCES_LAST = (0.0,)
"""In direct messages nobody's messages are read: only a nonce keeps one from being posted twice."""

NEARLY_A_TASK = timedelta(hours=45)

Act = Callable[[Town, Person], Awaitable[object]]


async def nothing(_: Town, __: Person) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Scenario:
    """A play in four acts.

    Attributes:
        kind: of task.
        play: what the bot may die in; it goes on from what the person sees, and returns when all is well.
        prepare: what comes before, undisturbed.
        turn: what then happens to the world, undisturbed and once.
        finish: what comes after it, undisturbed.
        is_quiet: whether the person is where no thread can be opened.
        knows_terms: whether the person has accepted the terms before.
        outages: for how many seconds the bot may be gone.
    """

    kind: str
    play: Act
    prepare: Act = nothing
    turn: Act = nothing
    finish: Act = nothing
    is_quiet: bool = False
    knows_terms: bool = True
    outages: tuple[float, ...] = (0.0, LONG_OUTAGE)


def quiet_channel(town: Town) -> Channel:
    """Give a channel in which the bot may not open private threads."""
    found = next((one for one in town.sandbox.guild.channels if one.name == "quiet"), None)
    return found or without_threads(town.sandbox)


async def take(_: Town, person: Person) -> None:
    """Take a task."""
    await person.take_task()


async def finish(_: Town, person: Person) -> None:
    """Finish a task, from wherever it stands."""
    await person.until(lambda: person.thanks > 0, person.go_on)


async def finish_alone(_: Town, person: Person) -> None:
    """Finish a task that only this person sees: once the bot was away, it can show nothing more there."""
    await person.until(lambda: person.thanks > 0 or person.is_waiting, person.go_on)


async def finish_again(_: Town, person: Person) -> None:
    """Finish a second task."""
    await person.until(lambda: person.thanks > 1, person.go_on)


async def draft(_: Town, person: Person) -> None:
    """Write a text without sending it."""
    await person.until(lambda: person.newest("Send") is not None, person.go_on)


async def press(person: Person, label: str) -> None:
    """Press a button if it is there."""
    message = person.newest(label)
    if message is not None:
        await message.click(label)


async def skip(_: Town, person: Person) -> None:
    """Give the task back."""

    async def act() -> None:
        task = person.open_task
        modal = (await task.click("Skip")).modal if task is not None else None
        if modal is not None:
            await modal.submit({})

    await person.until(lambda: person.sees("this task went back"), act)


async def stop(_: Town, person: Person) -> None:
    """Give the task back and close the thread."""
    await person.until(lambda: not person.actor.threads(), lambda: press(person, "Stop"))


async def done(_: Town, person: Person) -> None:
    """Close the thread after a task."""
    await person.until(lambda: not person.actor.threads(), lambda: press(person, "Done"))


async def following(_: Town, person: Person) -> None:
    """Ask for the next task in the same thread."""

    async def act() -> None:
        if person.newest("Next task") is None:
            await person.ask()
        else:
            await press(person, "Next task")

    await person.until(lambda: person.open_task is not None, act)


async def pass_time(town: Town, _: Person) -> None:
    """Let the time of all tasks pass for the bot."""
    town.clock.ahead += LONGER_THAN_A_TASK


async def see_it_end(town: Town, person: Person) -> None:
    """See that the task is over and the draft is given back."""
    await person.until(
        lambda: person.sees("so that it is not lost") and not person.actor.threads(), town.tidy
    )


async def pass_time_for_backend(town: Town, _: Person) -> None:
    """Let the time of all tasks pass for the backend, which then takes no answer."""
    town.backend_clock.ahead += LONGER_THAN_A_TASK


async def be_refused(_: Town, person: Person) -> None:
    """Send, and get the text back."""

    async def act() -> None:
        controls = person.newest("Send")
        if controls is not None:
            await controls.click("Send")

    await person.until(lambda: person.sees("so that it is not lost"), act)


async def pause(_: Town, person: Person) -> None:
    """Keep the task for another day."""

    async def act() -> None:
        if person.newest("Go on") is None:
            await press(person, "Pause")

    await person.until(lambda: person.sees("Paused:"), act)


async def pass_most_time(town: Town, _: Person) -> None:
    """Let so much time pass that people are reminded."""
    town.clock.ahead += NEARLY_A_TASK


async def be_reminded(town: Town, person: Person) -> None:
    """See the reminder."""
    await person.until(lambda: person.sees("The time for [this task]"), town.tidy)


async def choose_direct(town: Town, person: Person) -> None:
    """Have chosen direct messages before."""
    assert town.life.bot is not None
    await use_direct(town.life.bot, person.actor)


async def go_direct(_: Town, person: Person) -> None:
    """Have the task come into direct messages."""

    def is_there() -> bool:
        task = person.open_task
        return task is not None and not task.ephemeral

    async def act() -> None:
        if person.newest("Use direct messages") is None:
            await person.ask()
        else:
            await press(person, "Use direct messages")

    await person.until(is_there, act)


async def delete_thread(town: Town, person: Person) -> None:
    """Delete the person's thread."""
    for thread in person.actor.threads():
        town.sandbox.guild.owner.delete_thread(thread)


async def delete_controls(town: Town, person: Person) -> None:
    """Delete the message with the controls."""
    controls = person.open_task
    owner = town.sandbox.guild.owner
    seen = None if controls is None else owner.view(controls.raw)
    if seen is None:
        raise NotVisible("the controls")
    owner.delete(seen)


SCENARIOS = {
    "write and send": Scenario("initial_prompt", finish),
    "accept the terms": Scenario("initial_prompt", take, knows_terms=False),
    "reply": Scenario("assistant_reply", finish, take),
    "rank": Scenario("rank_assistant_replies", finish, take),
    "label": Scenario("label_initial_prompt", finish, take),
    "skip": Scenario("label_initial_prompt", skip, take),
    "stop": Scenario("initial_prompt", stop, draft),
    "done": Scenario("initial_prompt", done, finish),
    "next": Scenario("initial_prompt", following, finish, finish=finish_again),
    "expiry": Scenario("initial_prompt", see_it_end, draft, pass_time),
    "a refused answer": Scenario("assistant_reply", be_refused, draft, pass_time_for_backend),
    "no thread": Scenario("initial_prompt", finish_alone, is_quiet=True),
    "direct messages": Scenario("initial_prompt", finish, choose_direct, is_quiet=True, outages=NONCES_LAST),
    "into direct messages": Scenario(
        "assistant_reply", go_direct, take, finish=finish, is_quiet=True, outages=NONCES_LAST
    ),
    "pause": Scenario("label_initial_prompt", pause, take, finish=finish),
    "reminder": Scenario("initial_prompt", be_reminded, draft, pass_most_time, finish),
    "report a reply": Scenario("rank_assistant_replies", beside_tasks.report_reply, take, finish=finish),
    "label a message": Scenario("assistant_reply", beside_tasks.label_message, take, finish=finish),
    "wait for work": Scenario(
        "prompter_reply",
        beside_tasks.wait_for_work,
        beside_tasks.no_work,
        finish=beside_tasks.do_the_work,
    ),
    "a deleted thread": Scenario("assistant_reply", take, take, delete_thread, finish),
    "deleted controls": Scenario("assistant_reply", take, take, delete_controls, finish),
}
