"""What must hold of a backend's database, whatever people did; read beside the service, by plain SQL."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from oasst_backend.rules.trees import TERMINAL_STATES
from oasst_backend.settings import TreeManagerSettings
from tests.backend.ledgers import Ledger

Rows = list[sqlite3.Row]

ALIVE = "NOT deleted AND NOT surplus AND review_result IS NOT 0"
"""A message that is accepted or may still be."""

_COUNTED_REVIEWS = """
    SELECT m.id, m.depth, m.review_count, count(l.id) AS counted
    FROM messages m LEFT JOIN labellings l ON l.message_id = m.id AND l.task_id IS NOT NULL AND l.counted
    WHERE m.source <> 'import' GROUP BY m.id
"""
_OWN_REVIEWS = """
    SELECT m.id FROM labellings l JOIN messages m ON m.id = l.message_id
    WHERE l.task_id IS NOT NULL AND l.person_id = m.person_id
"""
_DOUBLE_REVIEWS = """
    SELECT message_id FROM labellings WHERE task_id IS NOT NULL
    GROUP BY message_id, person_id HAVING count(*) > 1
"""
_OWN_RANKINGS = """
    SELECT r.id FROM rankings r JOIN json_each(r.ranked_ids) j JOIN messages m ON m.id = j.value
    WHERE r.counted AND r.person_id = m.person_id
"""
_DOUBLE_RANKINGS = """
    SELECT parent_id FROM rankings WHERE counted
    GROUP BY coalesce(parent_id, prompt_group_id), person_id HAVING count(*) > 1
"""
_BALLOTS = """
    SELECT parent_id, ranked_ids FROM rankings WHERE counted AND parent_id IS NOT NULL
    ORDER BY created_date, rowid
"""
_DONE_WITHOUT_ANSWER = """
    SELECT t.id FROM tasks t WHERE t.done AND NOT t.collective AND t.kind IN ('review', 'ranking')
    AND NOT EXISTS (SELECT 1 FROM labellings l WHERE l.task_id = t.id)
    AND NOT EXISTS (SELECT 1 FROM rankings r WHERE r.task_id = t.id)
"""


_SUMMARIES = """
    SELECT story_id AS subject_id, count(*) AS given, count(DISTINCT person_id) AS authors
    FROM summaries WHERE NOT surplus AND NOT deleted GROUP BY story_id
"""
_RATINGS = """
    SELECT r.summary_id AS subject_id, count(*) AS given, count(DISTINCT r.person_id) AS authors,
        sum(r.person_id = s.person_id) AS own
    FROM ratings r JOIN summaries s ON s.id = r.summary_id WHERE r.counted GROUP BY r.summary_id
"""


def look(database: Path, statement: str, *values: object) -> Rows:
    """Look into a database beside the running service."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(statement, values).fetchall()


def unsound(database: Path) -> list[str]:
    """Ask SQLite itself whether the file is whole and every reference leads somewhere."""
    faults = [str(row[0]) for row in look(database, "PRAGMA integrity_check") if row[0] != "ok"]
    return faults + [
        f"{row['table']} refers to nothing" for row in look(database, "PRAGMA foreign_key_check")
    ]


def broken_limits(database: Path, rules: TreeManagerSettings, ledger: Ledger | None = None) -> list[str]:
    """Say where a limit was exceeded, or somebody had a say about their own work, or twice.

    Args:
        database: the file.
        rules: the numbers that it was run with, from its first tree on.
        ledger: what moderators did; what they restored or let go on may be beyond a limit.
    """
    ledger = ledger or Ledger()
    return [
        *_broken_reviews(database, rules),
        *_broken_rankings(database, rules),
        *_broken_sizes(database, rules, ledger.restored),
        *_broken_lottery(database, rules, ledger.resumed),
        *_broken_prompts(database, rules, ledger.resumed | ledger.back | ledger.restored),
        *_broken_stories(database, rules),
    ]


def _broken_reviews(database: Path, rules: TreeManagerSettings) -> Iterator[str]:
    for row in look(database, _COUNTED_REVIEWS):
        limit = rules.num_reviews_initial_prompt if row["depth"] == 0 else rules.num_reviews_reply
        if row["counted"] > limit:
            yield f"{row['counted']} reviews of message {row['id']} count"
        if row["counted"] != row["review_count"]:
            yield f"message {row['id']} says {row['review_count']} reviews and has {row['counted']}"
    for row in look(database, _OWN_REVIEWS):
        yield f"the author reviewed message {row['id']}"
    for row in look(database, _DOUBLE_REVIEWS):
        yield f"one person reviewed message {row['message_id']} twice"
    for row in look(database, _DONE_WITHOUT_ANSWER):
        yield f"task {row['id']} is done without an answer"


def _broken_rankings(database: Path, rules: TreeManagerSettings) -> Iterator[str]:
    for row in look(database, _OWN_RANKINGS):
        yield f"an author's own ranking {row['id']} counts"
    for row in look(database, _DOUBLE_RANKINGS):
        yield f"one person's rankings of the replies to {row['parent_id']} count twice"
    ballots: Counter[str] = Counter()
    for row in look(database, _BALLOTS):
        ranked = json.loads(row["ranked_ids"])
        # A restored reply needs rankings of its own, so that its siblings may get more than they need.
        if min(ballots[reply] for reply in ranked) >= rules.num_required_rankings:
            yield f"a ranking of the replies to {row['parent_id']} counts that nobody needed"
        ballots.update(ranked)
    for row in look(
        database, "SELECT id, ranking_count FROM messages WHERE depth > 0 AND source <> 'import'"
    ):
        if row["ranking_count"] != ballots[row["id"]]:
            yield f"message {row['id']} says {row['ranking_count']} rankings and has {ballots[row['id']]}"


def _broken_sizes(database: Path, rules: TreeManagerSettings, restored: Collection[str]) -> Iterator[str]:
    children: dict[str, int] = defaultdict(int)
    sizes: Counter[str] = Counter()
    roles = {row["id"]: row["role"] for row in look(database, "SELECT id, role FROM messages")}
    for row in look(database, f"SELECT id, parent_id, tree_id FROM messages WHERE {ALIVE}"):  # noqa: S608  # a constant
        if row["id"] in restored:
            continue
        sizes[row["tree_id"]] += 1
        if row["parent_id"]:
            children[row["parent_id"]] += 1
    for parent, count in children.items():
        limit = rules.num_prompter_replies if roles[parent] == "assistant" else rules.max_children_count
        if count > limit:
            yield f"message {parent} has {count} replies"
    goals = {
        row["id"]: row["goal_tree_size"] for row in look(database, "SELECT id, goal_tree_size FROM trees")
    }
    for tree, size in sizes.items():
        if size > goals[tree]:
            yield f"tree {tree} has {size} messages"


def _broken_lottery(database: Path, rules: TreeManagerSettings, resumed: Collection[str]) -> Iterator[str]:
    growing: Counter[str] = Counter()
    for row in look(database, "SELECT id, lang FROM trees WHERE state = 'growing'"):
        growing[row["lang"]] += row["id"] not in resumed
    for lang, count in growing.items():
        if count > rules.max_active_trees:
            yield f"{count} trees of {lang} grow"


def _broken_prompts(database: Path, rules: TreeManagerSettings, let_in: Collection[str]) -> Iterator[str]:
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for row in look(database, "SELECT id, lang, state FROM trees"):
        states[row["lang"]][row["state"]] += row["id"] not in let_in
    # What is missing to grow is reviewed beyond the limit.
    most_in_review = rules.max_initial_prompt_review + rules.max_active_trees
    # All that were under review when the last place in the lottery was free may be accepted.
    most_waiting = rules.max_prompt_lottery_waiting + most_in_review
    for lang, count in states.items():
        if count["initial_prompt_review"] > most_in_review:
            yield f"{count['initial_prompt_review']} prompts of {lang} are under review"
        if count["prompt_lottery_waiting"] > most_waiting:
            yield f"{count['prompt_lottery_waiting']} prompts of {lang} wait"


def _broken_stories(database: Path, rules: TreeManagerSettings) -> Iterator[str]:
    for row in look(database, _SUMMARIES):
        if row["given"] > rules.num_summaries_story or row["authors"] < row["given"]:
            yield f"{row['given']} summaries by {row['authors']} people of story {row['subject_id']} count"
    for row in look(database, _RATINGS):
        if row["given"] > rules.num_ratings_summary or row["authors"] < row["given"] or row["own"]:
            yield f"{row['given']} ratings by {row['authors']} people of summary {row['subject_id']} count"


class Watch:
    """Looks again and again at a database, and tells what went back that may not go back."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._states: dict[str, str] = {}
        self._verdicts: dict[str, int] = {}

    def went_back(self, ledger: Ledger) -> list[str]:
        """Say which tree left a state that ends it, or which message its verdict, since the last look."""
        faults = []
        states = {row["id"]: str(row["state"]) for row in look(self._database, "SELECT id, state FROM trees")}
        moderated = ledger.resumed | ledger.halted | ledger.back
        for tree, state in states.items():
            before = self._states.get(tree, state)
            if before in TERMINAL_STATES and state != before and tree not in moderated:
                faults.append(f"tree {tree} went from {before} to {state}")
        verdicts = {
            row["id"]: row["review_result"]
            for row in look(self._database, "SELECT id, review_result FROM messages")
        }
        for message, verdict in self._verdicts.items():
            if verdict is not None and verdicts.get(message) != verdict:
                faults.append(f"message {message} had the verdict {verdict} and has {verdicts.get(message)}")
        self._states, self._verdicts = states, verdicts
        return faults


def answers_kept(database: Path, ledger: Ledger) -> list[str]:
    """Say which answer that was taken is not there exactly once."""
    texts = Counter(row[0] for row in look(database, "SELECT frontend_message_id FROM messages"))
    texts.update(row[0] for row in look(database, "SELECT frontend_message_id FROM summaries"))
    by_task: Counter[Any] = Counter()
    for table in ("labellings", "rankings", "ratings"):
        by_task.update(row[0] for row in look(database, f"SELECT task_id FROM {table}"))  # noqa: S608  # constants
    # A task for many is answered more than once.
    given = Counter(deed.task_id for deed in ledger.deeds)
    faults = []
    for deed in ledger.deeds:
        name = deed.interaction.get("user_message_id")
        count = texts[name] if name is not None else by_task[deed.task_id]
        if count != (1 if name is not None else given[deed.task_id]):
            faults.append(f"the answer to {deed.task_type} {deed.task_id} is there {count} times")
    return faults
