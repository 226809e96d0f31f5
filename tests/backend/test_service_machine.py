"""Whatever people, moderators and time do to the running service, in any order: its rules hold."""

import random
import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from oasst_backend.server import BackendServer
from oasst_backend.service import upkeep
from oasst_backend.service.context import Context
from oasst_backend.service.journal import Act
from oasst_backend.service.person_removal import purge_person
from oasst_backend.service.stories import plant_story
from oasst_backend.settings import BackendSettings
from oasst_client import TaskRequestType
from tests.backend.bare_calls import Api, user_of
from tests.backend.conftest import KEY, Clock
from tests.backend.eligibility import misreported, told_apart
from tests.backend.histories import KINDS, PEACEFUL, people_named, play_history
from tests.backend.long_tests import LONG_TESTS, machine_settings
from tests.backend.outcomes import check_boards, check_export, check_state_counts
from tests.backend.playing import LABELLING, RANKING, Play, text_for
from tests.backend.truths import Watch, answers_kept, broken_limits, look, unsound
from tests.made_databases import backend_database

PEOPLE = people_named(7)
RULES: dict[str, Any] = {
    "num_reviews_initial_prompt": 2,
    "num_reviews_reply": 2,
    "num_required_rankings": 2,
    "max_children_count": 2,
    "goal_tree_size": 5,
    "max_tree_depth": 2,
    "max_active_trees": 2,
    "max_initial_prompt_review": 3,
    "max_prompt_lottery_waiting": 4,
    "auto_mod_red_flags": 2,
    "auto_mod_max_skip_reply": 4,
    "prompts_per_ranking": 2,
    "num_summaries_story": 2,
    "num_ratings_summary": 2,
    "max_pending_tasks_per_user": 1000,
}
OTHER_RULES: tuple[dict[str, int], ...] = (
    {"num_reviews_initial_prompt": 1, "num_reviews_reply": 1},
    {"num_reviews_reply": 3, "num_ratings_summary": 3},
    {"num_required_rankings": 1, "num_ratings_summary": 1},
    {"num_required_rankings": 3, "num_summaries_story": 3},
    {"max_children_count": 3, "max_tree_depth": 3},
    {"max_active_trees": 1, "max_initial_prompt_review": 1},
    {"max_active_trees": 3, "max_prompt_lottery_waiting": 2},
    {"prompts_per_ranking": 0},
    RULES,
)
"""What an operator may change between two starts."""

HOUR = 60.0
"""Minutes; longer than anything is reserved."""

REPLIES = frozenset({TaskRequestType.assistant_reply.value, TaskRequestType.prompter_reply.value})

seeds = st.integers(0, 2**16)
people = st.sampled_from(PEOPLE)
crowds = st.lists(people, min_size=1, max_size=4)


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # choices that repeat


class ServiceMachine(RuleBasedStateMachine):
    """A service with its file; each rule is something that people or moderators do."""

    @initialize(ranks_prompters=st.booleans(), seed=seeds)
    def start(self, *, ranks_prompters: bool, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.database = Path(self.folder.name) / "backend.db"
        self.clock = Clock()
        more = {"rank_prompter_replies": True, "num_prompter_replies": 2} if ranks_prompters else {}
        self.numbers = {**RULES, **more}
        self.widest = self.numbers
        self.settings = self.settings_of(self.database, self.numbers)
        self.server = self.serve()
        self.play = Play(Api(self.server.url, KEY))
        self.watch = Watch(self.database)
        self.guests = 0
        self.done_before_guest = 0
        for number in range(3):
            self.add_story(number)
        self.all_work(seed, 80)

    def add_story(self, number: int) -> None:
        assert self.server.storage is not None
        text, context = text_for(f"story {number}"), self.context()
        self.server.storage.write_now(
            lambda connection: plant_story(connection, context, text=text, lang="en", origin=None)
        )

    def context(self) -> Context:
        return Context(self.settings, self.clock(), chance_of(0))

    def settings_of(self, database: Path, rules: dict[str, Any]) -> BackendSettings:
        given: dict[str, Any] = {"_env_file": None, "tree_manager": rules}
        return BackendSettings(
            **given,
            backend_database_url=backend_database(database),
            backend_port=0,
            backend_api_keys=[KEY],
        )

    def serve(self) -> BackendServer:
        return BackendServer(self.settings, clock=self.clock, rng=chance_of(7)).start()

    # What people do

    @rule(crowd=crowds, seed=seeds)
    def prompt(self, crowd: list[str], seed: int) -> None:
        for person in crowd:
            self.play.work(person, chance_of(seed), "initial_prompt")

    @rule(crowd=crowds, seed=seeds)
    def reply(self, crowd: list[str], seed: int) -> None:
        for person in crowd:
            self.play.work(person, chance_of(seed), *REPLIES)

    @rule(crowd=crowds, seed=seeds)
    def label(self, crowd: list[str], seed: int) -> None:
        for person in crowd:
            self.play.work(person, chance_of(seed), *LABELLING)

    @rule(crowd=crowds, seed=seeds)
    def rank(self, crowd: list[str], seed: int) -> None:
        for person in crowd:
            self.play.work(person, chance_of(seed), *RANKING)

    @rule(crowd=crowds, seed=seeds)
    def summarize_and_rate(self, crowd: list[str], seed: int) -> None:
        for person in crowd:
            self.play.work(person, chance_of(seed), "summarize_story")
            self.play.work(person, chance_of(seed), "rate_summary")

    @rule(person=people, crowd=crowds, seed=seeds)
    def share(self, person: str, crowd: list[str], seed: int) -> None:
        """Take whatever there is as a task for many, which some of them answer at once."""
        chance = chance_of(seed)
        if any(self.play.share(person, kind) for kind in chance.sample(KINDS, len(KINDS))):
            for other in crowd:
                self.play.answer_shared(other, chance)

    @precondition(lambda self: self.play.shared)
    @rule(crowd=crowds, seed=seeds)
    def answer_shared(self, crowd: list[str], seed: int) -> None:
        for person in crowd:
            self.play.answer_shared(person, chance_of(seed))

    @precondition(lambda self: self.play.shared)
    @rule(seed=seeds)
    def close_shared(self, seed: int) -> None:
        self.play.close_shared(chance_of(seed))

    @rule(seed=seeds)
    def all_work_for_a_while(self, seed: int) -> None:
        self.all_work(seed, 40)

    def all_work(self, seed: int, acts: int) -> None:
        def pass_time(minutes: float) -> None:
            self.clock.move(minutes=minutes)

        play_history(self.play, seed, acts, people=PEOPLE, acts=PEACEFUL, pass_time=pass_time)

    @rule(person=people, kind=st.sampled_from(list(TaskRequestType)))
    def skip(self, person: str, kind: TaskRequestType) -> None:
        self.play.skip(person, kind.value)

    @rule(person=people, kind=st.sampled_from(list(TaskRequestType)))
    def hold(self, person: str, kind: TaskRequestType) -> None:
        self.play.hold(person, kind.value)

    @precondition(lambda self: self.play.hands)
    @rule(seed=seeds)
    def answer_held(self, seed: int) -> None:
        self.play.answer_held(chance_of(seed))

    @precondition(lambda self: self.play.hands)
    @rule(seed=seeds)
    def renew(self, seed: int) -> None:
        self.play.renew(chance_of(seed))

    @precondition(lambda self: self.play.ledger.deeds)
    @rule(person=people, seed=seeds)
    def flag(self, person: str, seed: int) -> None:
        self.play.flag(person, chance_of(seed))

    # What moderators do

    @precondition(lambda self: self.play.ledger.deeds)
    @rule(seed=seeds)
    def delete(self, seed: int) -> None:
        self.play.delete(chance_of(seed))

    @precondition(lambda self: self.play.ledger.deeds)
    @rule(seed=seeds)
    def restore(self, seed: int) -> None:
        self.play.restore(chance_of(seed))

    @precondition(lambda self: self.play.ledger.deeds)
    @rule(seed=seeds)
    def halt(self, seed: int) -> None:
        self.play.halt(chance_of(seed))

    @precondition(lambda self: self.play.ledger.halted)
    @rule(seed=seeds)
    def resume(self, seed: int) -> None:
        self.play.resume(chance_of(seed))

    @rule(person=people)
    def disable(self, person: str) -> None:
        self.play.set_enabled(person, enabled=False)

    @precondition(lambda self: self.play.ledger.disabled)
    @rule(seed=seeds)
    def enable(self, seed: int) -> None:
        out = sorted(self.play.ledger.disabled)
        self.play.set_enabled(chance_of(seed).choice(out), enabled=True)

    # What happens by itself

    @rule(minutes=st.sampled_from([1.0, 6.0, HOUR, 50 * HOUR]))
    def time_passes(self, minutes: float) -> None:
        """Reservations end after a while, tasks after two days."""
        self.clock.move(minutes=minutes)

    @rule()
    def restart(self) -> None:
        before = self.seen()
        self.serve_again()
        assert self.seen() == before

    @rule(change=st.sampled_from(OTHER_RULES))
    def restart_with_other_rules(self, change: dict[str, int]) -> None:
        """What was done under the old rules stays; no limit may exceed the widest that ever was."""
        self.numbers = {**self.numbers, **change}
        self.widest = {name: max(value, self.numbers[name]) for name, value in self.widest.items()}
        self.settings = self.settings_of(self.database, self.numbers)
        self.serve_again()

    def serve_again(self) -> None:
        self.server.close()
        self.server = self.serve()
        self.play.api.move_to(self.server.url)

    def seen(self) -> list[tuple[Any, ...]]:
        """What a restart must leave as it is."""
        return [
            *map(tuple, look(self.database, "SELECT id, state FROM trees ORDER BY id")),
            *map(tuple, look(self.database, "SELECT id, review_result, rank FROM messages ORDER BY id")),
        ]

    @precondition(lambda self: len(self.play.ledger.deeds) > self.done_before_guest)
    @rule()
    def a_guest_gets_what_was_promised(self) -> None:
        """Somebody new fetches all there is: as much as the counts said, whatever the type."""
        self.guests += 1
        guest = f"guest{self.guests}"
        self.done_before_guest = len(self.play.ledger.deeds)
        self.settle_lottery(guest)
        for kind in TaskRequestType:
            if kind is TaskRequestType.random:
                continue
            promised = self.play.availability(guest)
            assert promised["random"] == sum(count for name, count in promised.items() if name != "random")
            got = 0
            while self.play.fetch(guest, kind.value):
                got += 1
            assert self.was_promised(kind, got, promised[kind]), (kind, got, promised)
        assert self.play.availability(guest)["random"] == 0
        assert self.play.fetch(guest) is None
        # The guest leaves without a word, and what they held goes back.
        self.clock.move(minutes=HOUR)

    @rule()
    def after_an_hour_all_that_is_wanted_can_be_had(self) -> None:
        """What people held and did not answer is there for others again."""
        self.clock.move(minutes=HOUR)
        self.guests += 1
        promised = self.play.availability(f"guest{self.guests}")
        wanted = look(self.database, "SELECT type, count(*) FROM open_work WHERE wanted > 0 GROUP BY type")
        for kind, count in wanted:
            if kind in (*LABELLING, *RANKING):
                assert promised[kind] == count, kind

    def was_promised(self, kind: TaskRequestType, got: int, promised: int) -> bool:
        if kind in REPLIES:
            # A tree with one place left promises it at each message that could take it.
            return (promised > 0) <= got <= promised
        if kind is TaskRequestType.initial_prompt and got > promised:
            # Prompts being written take places in the review, and none in the lottery yet.
            waiting = look(self.database, "SELECT id FROM trees WHERE state = 'prompt_lottery_waiting'")
            return promised == self.settings.tree_manager.max_prompt_lottery_waiting - len(waiting)
        return got == promised

    def settle_lottery(self, guest: str) -> None:
        """Ask until no prompt is drawn any more: each count may draw one."""
        before = None
        while (now := self.play.availability(guest)) != before:
            before = now

    # What holds after each of these

    @invariant()
    def no_limit_is_exceeded(self) -> None:
        widest = self.settings_of(self.database, self.widest).tree_manager
        assert broken_limits(self.database, widest, self.play.ledger) == []

    @invariant()
    def nothing_goes_back(self) -> None:
        assert self.watch.went_back(self.play.ledger) == []

    @invariant()
    def what_is_kept_is_what_follows_from_the_facts(self) -> None:
        assert self.server.storage is not None
        context = self.context()
        assert self.server.storage.read_now(lambda connection: upkeep.check(connection, context)) == []

    @invariant()
    def what_is_counted_for_a_person_is_what_they_can_draw(self) -> None:
        assert self.server.storage is not None
        context = self.context()
        assert self.server.storage.read_now(lambda connection: told_apart(connection, context, PEOPLE)) == []

    @invariant()
    def what_is_reported_is_what_is_available(self) -> None:
        assert self.server.storage is not None
        context = self.context()
        assert self.server.storage.read_now(lambda connection: misreported(connection, context, PEOPLE)) == []

    def what_it_shows_is_what_was_done(self) -> None:
        assert self.server.storage is not None
        check_boards(self.play.api, self.database, self.play.ledger, PEOPLE)
        check_state_counts(self.play.api, self.database)
        check_export(
            self.server.storage, self.settings_of(Path(self.folder.name) / "again.db", RULES), self.database
        )

    def somebody_leaves_for_good(self, person: str) -> None:
        """After whatever happened a person can be taken out with all they did, and the rest is in step."""
        assert self.server.storage is not None
        context, name = self.context(), user_of(person)["id"]
        for row in look(self.database, "SELECT id FROM people WHERE username = ?", name):
            leaving = UUID(row["id"])
            purge = partial(purge_person, context=context, user_id=leaving, act=Act(), keep_out=True)
            self.server.storage.write_now(purge)
        for deed in self.play.ledger.texts():
            if deed.person == person:
                kept = look(self.database, "SELECT id FROM messages WHERE text = ?", deed.interaction["text"])
                assert kept == [], deed
        self.what_is_kept_is_what_follows_from_the_facts()
        self.what_is_counted_for_a_person_is_what_they_can_draw()

    def teardown(self) -> None:
        if not hasattr(self, "server"):
            return
        try:
            assert answers_kept(self.database, self.play.ledger) == []
            self.what_it_shows_is_what_was_done()
            self.somebody_leaves_for_good(PEOPLE[0])
            assert unsound(self.database) == []
        finally:
            self.play.api.close()
            self.server.close()
            self.folder.cleanup()


@pytest.mark.timeout(1800 if LONG_TESTS else 300)
def test_the_rules_hold_whatever_happens() -> None:
    run_state_machine_as_test(ServiceMachine, settings=machine_settings(examples=4, steps=25))
