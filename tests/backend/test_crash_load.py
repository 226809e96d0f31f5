"""A backend that is killed at any moment, while many work, has every answer that it took, exactly once."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from oasst_client import OasstApiClient, OasstError, Retries, TransportError, User, interaction_adapter
from tests.backend.bare_calls import user_of
from tests.backend.crashing import CrashingBackends
from tests.backend.crashing_backend import KEY
from tests.backend.ledgers import Deed, Ledger
from tests.backend.long_tests import LONG_TESTS
from tests.backend.playing import REFUSED, interaction_for
from tests.backend.truths import look

KILLS = 100 if LONG_TESTS else 20
WORKERS = 8
FEW_ANSWERS, MANY_ANSWERS = 5, 40
NOTHING_TO_DO = {1006, 1012}
ALREADY_DONE = 2105
RULES: dict[str, Any] = {
    "num_reviews_initial_prompt": 2,
    "num_reviews_reply": 2,
    "num_required_rankings": 2,
    "max_children_count": 2,
    "goal_tree_size": 5,
    "max_tree_depth": 2,
    "max_active_trees": 20,
    "max_pending_tasks_per_user": 100_000,
}


class Crowd:
    """People who work all at once, and what they were told; it goes on over all kills."""

    def __init__(self, url: str, seed: int) -> None:
        self.client = OasstApiClient(url, KEY, retries=Retries(attempts=1))
        self.chance = random.Random(seed)  # noqa: S311  # choices that repeat
        self.ledger = Ledger()
        self.unsure: list[Deed] = []
        self._shown = 0

    async def work_until_gone(self, backends: CrashingBackends, answers: int) -> None:
        """Work until the backend was killed, which it is after so many answers."""
        self._left = answers
        self._backends = backends
        await asyncio.gather(*(self._work(f"person{number}") for number in range(WORKERS)))

    async def hand_in_again(self) -> None:
        """Hand in what nobody knows of whether it arrived."""
        for deed in self.unsure:
            try:
                await self._hand_in(deed)
            except OasstError as error:
                assert error.code in {ALREADY_DONE, *REFUSED}, error  # noqa: PT017  # what a repeat may meet
                if error.code == ALREADY_DONE:
                    self.ledger.deeds.append(deed)
        self.unsure.clear()

    async def _work(self, person: str) -> None:
        try:
            while True:
                if deed := await self._take(person):
                    await self._answer(deed)
        except TransportError:
            return

    async def _take(self, person: str) -> Deed | None:
        try:
            task = await self.client.fetch_random_task(User.model_validate(user_of(person)))
        except OasstError as error:
            if error.code not in NOTHING_TO_DO:
                raise
            await asyncio.sleep(0)
            return None
        self._shown += 1
        shown = f"shown-{self._shown}"
        await self.client.ack_task(task.id, shown)
        interaction = interaction_for(task.model_dump(mode="json"), person, shown, self.chance)
        return Deed(person, str(task.type), str(task.id), interaction)

    async def _answer(self, deed: Deed) -> None:
        try:
            await self._hand_in(deed)
        except TransportError:
            self.unsure.append(deed)
            raise
        except OasstError as error:
            assert error.code in REFUSED, error  # noqa: PT017  # what a race may rightly meet
        self._left -= 1
        if self._left == 0:
            self._backends.kill()

    async def _hand_in(self, deed: Deed) -> None:
        await self.client.post_interaction(interaction_adapter.validate_python(deed.interaction))
        self.ledger.deeds.append(deed)


def there_at_most_once(database: Path, deeds: Sequence[Deed]) -> list[str]:
    """Say which answer that may have arrived is there more than once, or by half."""
    faults = []
    done = {row["id"] for row in look(database, "SELECT id FROM tasks WHERE done")}
    for deed in deeds:
        name = deed.interaction.get("user_message_id")
        if name is not None:
            count = look(database, "SELECT count(*) FROM messages WHERE frontend_message_id = ?", name)[0][0]
        else:
            table = "rankings" if deed.task_type.startswith("rank") else "labellings"
            statement = f"SELECT count(*) FROM {table} WHERE task_id = ?"  # noqa: S608  # one of two constants
            count = look(database, statement, deed.task_id)[0][0]
        if count != (deed.task_id in done):
            faults.append(f"{deed.task_type} {deed.task_id} is there {count} times")
    return faults


@pytest.mark.timeout(1200 if LONG_TESTS else 180)
async def test_every_answer_survives_being_killed_at_any_moment(database: Path) -> None:
    with CrashingBackends(database, RULES) as backends:
        assert backends.start()
        crowd = Crowd(backends.url, seed=11)
        in_doubt = 0
        for _ in range(KILLS):
            await crowd.work_until_gone(backends, crowd.chance.randint(FEW_ANSWERS, MANY_ANSWERS))
            backends.wait_until_dead()
            assert backends.start()
            assert backends.faults(crowd.ledger) == []
            assert there_at_most_once(database, crowd.unsure) == []
            in_doubt += len(crowd.unsure)
            await crowd.hand_in_again()
        assert backends.faults(crowd.ledger) == []
        await crowd.client.close()
        log = backends.log()
    assert in_doubt > 0
    assert len(crowd.ledger.deeds) > KILLS * FEW_ANSWERS
    written = [deed.interaction["text"] for deed in crowd.ledger.texts()]
    assert not any(text in log for text in written)
