"""A backend that hangs while 64 people are at work: everybody is answered in time, and nothing is lost."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.chaos.conftest import Town
from tests.chaos.person import Person
from tests.chaos.proxy import BackendCall, BackendReply, PassOn

PEOPLE = 64
AT_ONCE_OTHERWISE = 8
"""How many do at a time what comes before and after."""
TOLD_SECONDS = 8.0
"""How long somebody looks at "is thinking" until they read that it takes longer: 3 s, and a busy machine."""

Deed = Callable[[Person], Awaitable[object]]


class Hanging:
    """A rule for the proxy: calls wait until it is released."""

    def __init__(self) -> None:
        self._released = asyncio.Event()

    async def __call__(self, _: BackendCall, pass_on: PassOn) -> BackendReply:
        """Hold a call, then pass it on."""
        await self._released.wait()
        return await pass_on()

    def release(self) -> None:
        """Let all go on."""
        self._released.set()


@pytest.fixture
async def crowd(town: Town) -> list[Person]:
    """Let sixty-four people in."""
    return [await town.newcomer("initial_prompt") for _ in range(PEOPLE)]


async def each(crowd: list[Person], deed: Deed, at_once: int = PEOPLE) -> None:
    """Have everybody do something, so many at a time; the first failure is raised."""
    turns = asyncio.Semaphore(at_once)

    async def in_turn(person: Person) -> None:
        async with turns:
            await deed(person)

    async with asyncio.TaskGroup() as group:
        for person in crowd:
            group.create_task(in_turn(person))


async def finish(person: Person) -> None:
    """Finish a task."""
    await person.until(lambda: person.thanks > 0, person.go_on)


@pytest.mark.timeout(240)
async def test_everybody_is_told_at_once_that_a_task_comes_slowly(town: Town, crowd: list[Person]) -> None:
    hanging = Hanging()
    town.proxy.rules.append(hanging)

    async def ask(person: Person) -> None:
        person.actor.patience = TOLD_SECONDS
        answer = (await person.actor.command("task", person.channel, {"type": person.kind})).message
        assert answer is not None
        assert "Tasks come slowly at the moment" in answer.content

    await each(crowd, ask)
    hanging.release()
    # Nobody need ask again.
    await each(crowd, lambda person: person.actor.until(lambda: person.open_task is not None, what="a task"))
    await each(crowd, finish, AT_ONCE_OTHERWISE)
    await town.rest()
    assert town.faults() == []


@pytest.mark.timeout(240)
async def test_open_tasks_stay_answerable_and_answers_arrive_later(town: Town, crowd: list[Person]) -> None:
    await each(crowd, Person.take_task, AT_ONCE_OTHERWISE)
    await town.rest()
    hanging = Hanging()
    town.proxy.rules.append(hanging)

    async def work(person: Person) -> None:
        controls = person.open_task
        assert controls is not None
        await person.write(controls)
        assert "Send" in controls.buttons
        await person.send(controls, "Send")
        await person.actor.until(
            lambda: "Your answer is saved" in controls.content, what="word that the answer is kept"
        )

    await each(crowd, work)
    hanging.release()
    await each(crowd, finish, AT_ONCE_OTHERWISE)
    await town.rest()
    assert town.faults() == []
    assert [len(person.confirmed) for person in crowd] == [1] * PEOPLE


async def test_who_closed_the_thread_before_the_answer_arrives_finds_it_closed(town: Town) -> None:
    person = await town.newcomer("initial_prompt")
    controls = await person.take_task()
    await town.rest()
    hanging = Hanging()
    town.proxy.rules.append(hanging)
    await person.write(controls)
    await person.send(controls, "Send")
    await person.send(controls, "Send")
    assert "Your answer is saved" in controls.content
    await controls.click("Done")
    await person.actor.until(lambda: not person.actor.threads(), what="the thread to close")
    hanging.release()
    await town.rest()
    assert person.actor.threads() == []
    assert town.faults() == []
