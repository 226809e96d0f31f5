"""What a backend shows after a history, by its calls and its export, against what people did."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oasst_backend.exporting import export_trees
from oasst_backend.importing import import_trees
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage
from tests.backend.bare_calls import Api
from tests.backend.ledgers import Ledger
from tests.backend.playing import LABELLING, RANKING
from tests.backend.truths import look


def check_state_counts(api: Api, database: Path) -> None:
    """See that the call that counts trees by their states counts those that are there."""
    shown = api.call("GET", "/api/v1/stats/tree_manager/state_counts").body
    states = Counter(row["state"] for row in look(database, "SELECT state FROM trees"))
    assert {state: count for state, count in shown.items() if count} == states


def check_boards(api: Api, database: Path, ledger: Ledger, people: Sequence[str]) -> None:
    """See that the board of all time says of each person what they did."""
    answer = api.call("GET", "/api/v1/leaderboards/total?max_count=100")
    assert answer.status == 200
    board = {row["display_name"]: row for row in answer.body["leaderboard"]}
    written = look(
        database,
        "SELECT display_name, role, depth, review_result"
        " FROM messages m JOIN people p ON p.id = m.person_id WHERE NOT m.deleted",
    )
    for person in people:
        if person in ledger.disabled:
            continue
        row = board.get(person.title(), Counter[str]())
        own = [message for message in written if message["display_name"] == person.title()]
        assert _counted(row) == {
            "prompts": sum(message["depth"] == 0 for message in own),
            "replies_assistant": sum(message["role"] == "assistant" for message in own),
            "replies_prompter": sum(
                message["role"] == "prompter" and message["depth"] > 0 for message in own
            ),
            "accepted": sum(message["review_result"] == 1 for message in own),
            "labels": ledger.count(person, *LABELLING),
            "rankings_total": ledger.count(person, *RANKING),
        }, person


def _counted(row: dict[str, Any] | Counter[str]) -> dict[str, int]:
    names = ("prompts", "replies_assistant", "replies_prompter", "rankings_total")
    accepted = ("accepted_prompts", "accepted_replies_assistant", "accepted_replies_prompter")
    return {name: row[name] for name in names} | {
        "accepted": sum(row[name] for name in accepted),
        "labels": row["labels_simple"] + row["labels_full"],
    }


def check_export(storage: Storage, settings_of_other: BackendSettings, database: Path) -> None:
    """See that finished trees come out as they are, go in again elsewhere, and come out the same.

    Args:
        storage: where they are.
        settings_of_other: the settings of an empty backend that takes them in.
        database: the file of `storage`.
    """
    folder = database.parent
    if not export_trees(storage, folder / "first.jsonl").trees:
        return
    with Storage(settings_of_other.backend_database_url) as other:
        import_trees(other, settings_of_other, folder / "first.jsonl")
        export_trees(other, folder / "second.jsonl")
    first, second = (_trees_in(folder / f"{name}.jsonl") for name in ("first", "second"))
    assert first == second
    accepted = look(
        database,
        "SELECT m.id FROM messages m JOIN trees t ON t.id = m.tree_id"
        " WHERE t.state = 'ready_for_export' AND m.review_result AND NOT m.deleted AND NOT m.surplus",
    )
    assert {name for tree in first.values() for name in _ids_below(tree["prompt"])} == {
        row["id"] for row in accepted
    }


def _trees_in(path: Path) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {line["message_tree_id"]: line for line in lines}


def _ids_below(node: dict[str, Any]) -> set[str]:
    return {node["message_id"]}.union(*(_ids_below(reply) for reply in node["replies"]))
