"""What people do beside their tasks while the bot dies: report a reply, label a message, wait for work."""

from datetime import timedelta

from discord_sandbox import MessageView
from oasst_client import OasstApiClient
from tests.chaos.conftest import Town
from tests.chaos.person import Person
from tests.chaos.planting import KEY, RARE_PROMPT

SPAM = "Is it spam: yes"
NEWS = "There is work for you"
UNTIL_IT_LOOKS = timedelta(minutes=2)


async def report_reply(_: Town, person: Person) -> None:
    """Report one of the replies that are to be ranked."""

    async def act() -> None:
        question = _with_menu(person, "Choose what to report")
        controls = person.newest("Report")
        if await _sent(person):
            return
        if question is not None:
            await question.choose("Choose what to report", ["Reply 1"])
        elif controls is not None:
            await controls.click("Report")

    await person.until(lambda: person.sees("Your report is in"), act)


async def label_message(_: Town, person: Person) -> None:
    """Label a message of the conversation that is to be replied to."""

    async def act() -> None:
        if await _sent(person):
            return
        shown = next(one for one in person.messages() if "1 · User" in one.text)
        await person.actor.context_menu("Label", shown)

    await person.until(lambda: person.sees("Your labels are in"), act)


async def wait_for_work(town: Town, person: Person) -> None:
    """Ask to be told of work of which there is none, and be told once there is."""

    async def act() -> None:
        where, offer = person.newest("Here"), person.newest("Tell me when there is work")
        if where is not None:
            await where.click("Here")
        elif person.newest("Don't tell me") is not None:
            await _halt_rare_work(town, halt=False)
            town.clock.ahead += UNTIL_IT_LOOKS
            await town.tidy()
        elif offer is not None:
            await offer.click("Tell me when there is work")
        else:
            await person.ask()

    await person.until(lambda: person.sees(NEWS), act)


async def no_work(town: Town, _: Person) -> None:
    """Let there be no work of the rare kind."""
    await _halt_rare_work(town, halt=True)


async def do_the_work(_: Town, person: Person) -> None:
    """Finish the task that the news led to."""
    assert sum(NEWS in one.content for one in person.messages()) == 1

    async def act() -> None:
        news = person.newest("Get this task")
        if news is not None and person.open_task is None and not person.is_waiting:
            await news.click("Get this task")
        else:
            await person.go_on()

    await person.until(lambda: person.thanks > 0, act)


async def _sent(person: Person) -> bool:
    """Do the next thing on an open panel with labels; False where there is none."""
    panel = person.newest(SPAM, f"{SPAM} ✓")
    if panel is None:
        return False
    await panel.click("Send" if f"{SPAM} ✓" in panel.buttons else SPAM)
    return True


def _with_menu(person: Person, placeholder: str) -> MessageView | None:
    found = [one for one in person.messages() if any(menu.placeholder == placeholder for menu in one.selects)]
    return found[-1] if found else None


async def _halt_rare_work(town: Town, *, halt: bool) -> None:
    async with OasstApiClient(town.proxy.target, KEY) as client:
        await client.halt_tree(RARE_PROMPT, halt=halt)
