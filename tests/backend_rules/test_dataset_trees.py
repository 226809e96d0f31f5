"""Reading and writing trees: what goes out comes in again, and a broken one is named with its reason."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oasst_backend.dataset.lines import DatasetError
from oasst_backend.dataset.models import ExportNode, ExportTree, Role, walk
from oasst_backend.dataset.reading import FileKind, file_kind, read_trees
from oasst_backend.dataset.writing import WrittenCounts, tree_line, whole_file, write_trees
from oasst_backend.rules.trees import TreeState
from tests.backend_rules.dataset_files import ROOT_ID, Json, lines, node, tree


def test_a_tree_is_read_with_all_it_holds(file: Path) -> None:
    events = {
        "emoji": [{"user_id": "u1", "emoji": "+1"}],
        "rating": [{"user_id": "u1", "rating": 4}],
        "ranking": [
            {
                "user_id": "u1",
                "ranking": [1, 0],
                "ranked_message_ids": [node(3)["message_id"], node(2)["message_id"]],
                "ranking_parent_id": ROOT_ID,
                "message_tree_id": ROOT_ID,
                "not_rankable": False,
            }
        ],
        "report": [{"user_id": "u2", "report_type": "spam", "reason": "odd"}],
        "score": [{"user_id": "u2", "score": -1.0}],
    }
    prompt = node(
        1,
        "prompter",
        node(2, "assistant", node(4, "prompter"), rank=0, synthetic=True, model_name="m"),
        node(3, "assistant", rank=1),
        user_id="u1",
        created_date="2023-02-05T14:23:50.983374Z",
        emojis={"+1": 2, "_skip_reply": 1},
        labels={"spam": {"value": 0.5, "count": 2}, "pii": {"value": None, "count": 0}},
        events=events,
        detoxify={"toxicity": 0.25},
    )
    given_tree = tree(prompt, origin="elsewhere")
    (read,) = read_trees(lines(file, given_tree))
    assert json.loads(tree_line(read)) == given_tree
    assert [(str(place.node.message_id)[-1], place.depth) for place in walk(read)] == [
        ("1", 0),
        ("2", 1),
        ("4", 2),
        ("3", 1),
    ]


def broken_trees() -> Iterator[tuple[object, str]]:
    yield "a prompt", "must be an object with a message tree"
    yield {"story": "x"}, "this is a story, not a tree"
    yield {}, "message_tree_id: field required; tree_state: field required; prompt: field required"
    yield tree(tree_state="gone"), "tree_state: must be 'initial_prompt_review'"
    yield tree(message_tree_id=str(uuid4())), "message_tree_id must be the id of the prompt"
    yield tree(node(1, "prompter", parent_id=str(uuid4()))), "the prompt must have no parent_id"
    yield tree(node(1, "assistant")), f"message {ROOT_ID}: roles must alternate, the prompter first"
    yield (
        tree(node(1, "prompter", node(2, "prompter"))),
        "message 00000000-0000-4000-8000-000000000002: roles must",
    )
    yield (
        tree(node(1, "prompter", node(2, "assistant", parent_id=str(uuid4())))),
        "message 00000000-0000-4000-8000-000000000002: parent_id is not the message above it",
    )
    yield (
        tree(node(1, "prompter", node(2, "assistant"), node(2, "assistant"))),
        "message 00000000-0000-4000-8000-000000000002 is in the file twice",
    )
    yield (
        tree(node(1, "prompter", node(2, "assistant", text=""))),
        "prompt.replies[0].text: must not be empty",
    )
    yield tree(node(1, rank="0")), "prompt.rank: must be a valid integer"
    yield (
        tree(node(1, labels={"spam": {"value": 2, "count": 1}})),
        "prompt.labels.spam.value: must be less than or equal to 1",
    )


@pytest.mark.parametrize(("broken", "reason"), list(broken_trees()))
def test_a_broken_tree_is_named_with_its_reason(file: Path, broken: object, reason: str) -> None:
    good = tree(node(100, "prompter", node(101, "assistant")))
    with pytest.raises(DatasetError) as caught:
        list(read_trees(lines(file, good, broken)))
    (problem,) = caught.value.problems
    assert (problem.line, problem.reason[: len(reason)]) == (2, reason)


def test_a_tree_may_stand_in_a_file_once(file: Path) -> None:
    with pytest.raises(DatasetError, match=r"line 3: message .* is in the file twice"):
        list(read_trees(lines(file, tree(), tree(node(9)), tree())))


def deep_tree(levels: int) -> Json:
    deep = node(levels, "assistant" if levels % 2 else "prompter")
    for number in range(levels - 1, -1, -1):
        deep = node(number, "assistant" if number % 2 else "prompter", deep)
    return tree(deep)


def test_a_tree_may_have_fifty_levels(file: Path) -> None:
    (read,) = read_trees(lines(file, deep_tree(50)))
    assert json.loads(tree_line(read)) == deep_tree(50)


@pytest.mark.parametrize(
    ("levels", "reason"), [(51, "more than 50 levels"), (300, "not JSON: recursion limit exceeded")]
)
def test_a_tree_that_is_too_deep_is_refused_and_not_a_crash(file: Path, levels: int, reason: str) -> None:
    with pytest.raises(DatasetError, match=f"line 1: .*{reason}"):
        list(read_trees(lines(file, deep_tree(levels))))


def test_unknown_fields_of_a_tree_are_passed_over(file: Path) -> None:
    (read,) = read_trees(lines(file, tree(node(1, novelty=1), extra={"a": 1})))
    assert json.loads(tree_line(read)) == tree(node(1))


def test_replies_are_written_by_rank_then_creation(file: Path) -> None:
    shuffled = node(
        1,
        "prompter",
        node(2, "assistant", created_date="2023-01-03T00:00:00Z"),
        node(3, "assistant"),
        node(4, "assistant", created_date="2023-01-02T00:00:00Z"),
        node(5, "assistant", rank=1, created_date="2023-01-01T00:00:00Z"),
        node(6, "assistant", rank=0),
    )
    (read,) = read_trees(lines(file, tree(shuffled)))
    written = json.loads(tree_line(read))["prompt"]["replies"]
    assert [int(reply["message_id"][-2:]) for reply in written] == [6, 5, 4, 2, 3]


def test_a_line_is_one_line_for_every_reader(file: Path) -> None:
    text = "one\ntwo\r\nthree\u2028four\u2029five\x85six \u00e4\U0001f600"
    (read,) = read_trees(lines(file, tree(node(1, text=text))))
    line = tree_line(read)
    assert line.splitlines() == [line]
    assert json.loads(line)["prompt"]["text"] == text
    assert "\u00e4\U0001f600" in line


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1).filter(
    str.strip
)
moments = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds without a zone, as the strategy wants them


@st.composite
def nodes(draw: st.DrawFn, depth: int = 0, parent: UUID | None = None) -> ExportNode:
    message_id = draw(st.uuids())
    return ExportNode(
        message_id=message_id,
        parent_id=parent,
        user_id=draw(st.none() | st.just("someone")),
        created_date=draw(moments),
        text=draw(texts),
        role=Role.assistant if depth % 2 else Role.prompter,
        lang=draw(st.sampled_from(["en", "pt-BR", "zh"])),
        review_count=draw(st.integers(0, 5)),
        review_result=draw(st.sampled_from([None, True, False])),
        deleted=draw(st.booleans()),
        surplus=draw(st.sampled_from([None, True])),
        rank=draw(st.none() | st.integers(0, 3)),
        synthetic=draw(st.booleans()),
        emojis=draw(st.none() | st.dictionaries(st.sampled_from(["+1", "_skip_reply"]), st.integers(0, 9))),
        replies=[draw(nodes(depth + 1, message_id)) for _ in range(draw(st.integers(0, max(0, 2 - depth))))],
    )


@st.composite
def trees(draw: st.DrawFn) -> ExportTree:
    prompt = draw(nodes())
    state = draw(st.sampled_from(TreeState))
    return ExportTree(message_tree_id=prompt.message_id, tree_state=state, prompt=prompt)


@given(st.lists(trees(), min_size=1, max_size=3, unique_by=lambda tree: tree.message_tree_id))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, written: list[ExportTree]
) -> None:
    path = tmp_path_factory.mktemp("dataset") / "trees.jsonl"
    with whole_file(path) as target:
        counts = write_trees(written, target)
    ids = [place.node.message_id for tree in written for place in walk(tree)]
    assert counts == WrittenCounts(trees=len(written), messages=len(ids))
    if len(set(ids)) < len(ids):
        return  # the same id was drawn twice
    read = list(read_trees(path))
    assert [tree_line(tree) for tree in read] == path.read_text(encoding="utf-8").split("\n")[:-1]
    first, again = io.StringIO(), io.StringIO()
    write_trees(written, first)
    write_trees(read, again)
    assert first.getvalue() == again.getvalue()
    assert sorted(place.node.text for tree in read for place in walk(tree)) == sorted(
        place.node.text for tree in written for place in walk(tree)
    )


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, file: Path) -> None:
    (read,) = read_trees(lines(file, tree()))
    target = tmp_path / "out" / "trees.jsonl"

    def failing() -> Iterator[ExportTree]:
        yield read
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError), whole_file(target) as stream:
        write_trees(failing(), stream)
    assert list(target.parent.iterdir()) == []
    with whole_file(target) as stream:
        write_trees([read], stream)
    before = target.read_bytes()
    with pytest.raises(RuntimeError), whole_file(target) as stream:
        write_trees(failing(), stream)
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]


def test_real_trees_come_out_as_they_came_in(real_trees: Path) -> None:
    read = list(read_trees(real_trees))
    given_lines = real_trees.read_text(encoding="utf-8").split("\n")
    assert len(read) == 60
    assert [json.loads(tree_line(tree)) for tree in read] == [
        json.loads(line) for line in given_lines if line
    ]
    assert file_kind(real_trees) is FileKind.trees
