"""What is exported and imported again comes out the same; an export is whole, and of one moment."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oasst_backend.dataset.models import (
    EmojiEvent,
    Events,
    ExportNode,
    ExportTree,
    LabelSummary,
    RankingEvent,
    Role,
)
from oasst_backend.dataset.writing import whole_file, write_trees
from oasst_backend.exporting import ExportChoice, export_stories, export_trees
from oasst_backend.importing import ImportCounts, import_stories, import_trees
from oasst_backend.progress import Step, StoppedError
from oasst_backend.rules.trees import TreeState
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage
from oasst_client import (
    MessageRating,
    OasstApiClient,
    OasstError,
    RateSummaryTask,
    SummarizeStoryTask,
    TaskRequestType,
)
from tests.made_databases import backend_database

EVERYTHING = ExportChoice(everything=True)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1).filter(
    str.strip
)
moments = st.none() | st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001  # bounds without a zone, as the strategy wants them
    datetime(2001, 1, 1),  # noqa: DTZ001  # as above
    timezones=st.just(UTC),
)
counts = st.integers(0, 9)


@st.composite
def nodes(draw: st.DrawFn, depth: int = 0, parent: UUID | None = None) -> ExportNode:
    """Draw an accepted message with accepted replies, and everything that the format holds of it."""
    message_id = draw(st.uuids(version=4))
    value = st.none() | st.floats(0, 1)
    labels = st.dictionaries(
        st.sampled_from(["spam", "quality"]), st.builds(LabelSummary, value=value, count=counts), min_size=1
    )
    events = st.builds(
        Events,
        emoji=st.just([EmojiEvent(user_id="someone", emoji="+1")]),
        ranking=st.just([RankingEvent(ranking=[0], ranked_message_ids=[message_id])]),
    )
    return ExportNode(
        message_id=message_id,
        parent_id=parent,
        user_id=draw(st.none() | st.sampled_from(["someone", "another", "\u00e9\U0001f600"])),
        created_date=draw(moments),
        text=draw(texts),
        role=Role.assistant if depth % 2 else Role.prompter,
        lang=draw(st.sampled_from(["en", "pt-BR"])),
        review_count=draw(counts),
        review_result=True,
        rank=draw(st.none() | counts),
        synthetic=draw(st.booleans()),
        model_name=draw(st.none() | st.just("parrot")),
        emojis=draw(st.none() | st.dictionaries(st.sampled_from(["+1", "_skip_reply"]), counts, min_size=1)),
        labels=draw(st.none() | labels),
        events=draw(st.none() | events),
        detoxify=draw(st.none() | st.dictionaries(st.just("toxicity"), st.floats(0, 1), min_size=1)),
        replies=[draw(nodes(depth + 1, message_id)) for _ in range(draw(st.integers(0, max(0, 2 - depth))))],
    )


@st.composite
def finished_trees(draw: st.DrawFn) -> ExportTree:
    """Draw a finished tree."""
    prompt = draw(nodes())
    origin = draw(st.none() | st.just("a file"))
    return ExportTree(
        message_tree_id=prompt.message_id,
        tree_state=TreeState.ready_for_export,
        origin=origin,
        prompt=prompt,
    )


@pytest.fixture
def own_settings(settings_for: Callable[..., BackendSettings]) -> BackendSettings:
    return settings_for()


@pytest.fixture
def storage(own_settings: BackendSettings) -> Iterator[Storage]:
    with Storage(own_settings.backend_database_url) as opened:
        yield opened


def exported(storage: Storage, choice: ExportChoice | None = None) -> str:
    stream = StringIO()
    export_trees(storage, stream, choice)
    return stream.getvalue()


def trees_of(text: str) -> dict[str, Any]:
    return {tree["message_tree_id"]: tree for tree in map(json.loads, text.splitlines())}


def over_to_another(
    text: str, settings: BackendSettings, folder: Path, choice: ExportChoice | None = None
) -> str:
    """Import what was exported into an empty database, and export it there."""
    path = folder / "over.jsonl"
    path.write_text(text, encoding="utf-8")
    with Storage(backend_database(folder / "another.db")) as another:
        import_trees(another, settings, path)
        return exported(another, choice)


@given(st.lists(finished_trees(), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_finished_tree_comes_out_equal_wherever_it_goes(
    tmp_path_factory: pytest.TempPathFactory, own_settings: BackendSettings, drawn: list[ExportTree]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    with whole_file(folder / "drawn.jsonl") as stream:
        write_trees(drawn, stream)
    given_lines = (folder / "drawn.jsonl").read_text(encoding="utf-8")
    with Storage(backend_database(folder / "one.db")) as one:
        import_trees(one, own_settings, folder / "drawn.jsonl")
        first = exported(one)
    assert trees_of(first) == trees_of(given_lines)
    assert over_to_another(first, own_settings, folder) == first


async def test_what_people_made_comes_out_the_same_to_the_byte(
    backend: BackendServer,
    worker: Callable[[str], Any],
    call: Callable[..., Any],
    own_settings: BackendSettings,
    tmp_path: Path,
) -> None:
    written = await worker("ann").write(TaskRequestType.initial_prompt, "Why is the sky blue?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    skipped, _ = await worker("eve").take(TaskRequestType.assistant_reply)
    await worker("eve").client.nack_task(skipped.id, "no idea", worker("eve").user)
    for name in ("bob", "cat"):
        await worker(name).write(TaskRequestType.assistant_reply, f"An answer of {name}'s.")
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    await worker("dan").rank(TaskRequestType.rank_assistant_replies)
    _, message = await call("GET", f"/api/v1/frontend_messages/{written}")
    for number, name in enumerate(["eve", "fay", "gus"]):
        user = worker(name).user.model_dump(mode="json")
        given_labels = {"humor": number / 2, "spam": 0.1}
        body = {"user": user, "text": "", "labels": given_labels, "message_id": message["id"]}
        assert (await call("POST", "/api/v1/text_labels/", body=body))[0] == 204
    assert backend.storage is not None
    first = exported(backend.storage)
    prompt = json.loads(first)["prompt"]
    assert prompt["emojis"] == {"_skip_reply": 1}
    assert prompt["labels"]["humor"] == {"value": 0.5, "count": 3}
    assert prompt["labels"]["spam"] == {"value": pytest.approx(0.075), "count": 4}
    assert [reply["rank"] for reply in prompt["replies"]] == [0, 1]
    assert over_to_another(first, own_settings, tmp_path) == first


def plain_tree(number: int, moment: datetime | None = None, *replies: dict[str, Any]) -> dict[str, Any]:
    own = str(UUID(int=number, version=4))
    prompt: dict[str, Any] = {
        "message_id": own,
        "text": f"Question {number}?",
        "role": "prompter",
        "lang": "en",
    }
    prompt |= {"review_result": True, "replies": list(replies)}
    if moment is not None:
        prompt["created_date"] = moment.isoformat()
    return {"message_tree_id": own, "tree_state": "ready_for_export", "prompt": prompt}


def write_lines(path: Path, values: list[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values))
    return path


def test_siblings_of_one_moment_come_out_in_one_order_and_undated_ones_as_they_came(
    storage: Storage, own_settings: BackendSettings, tmp_path: Path
) -> None:
    def reply(number: int, moment: datetime | None) -> dict[str, Any]:
        node: dict[str, Any] = {
            "message_id": str(UUID(int=number, version=4)),
            "text": f"Reply {number}",
            "role": "assistant",
            "lang": "en",
            "review_result": True,
        }
        return node if moment is None else {**node, "created_date": moment.isoformat()}

    moment = datetime(2000, 1, 1, tzinfo=UTC)
    replies = [reply(9, None), reply(7, moment), reply(8, None), reply(6, moment)]
    tree = plain_tree(1, moment, *replies)
    import_trees(storage, own_settings, write_lines(tmp_path / "one.jsonl", [tree]))
    written = StringIO()
    write_trees([ExportTree.model_validate(tree)], written)
    for text in (exported(storage), written.getvalue()):
        order = [one["text"] for one in json.loads(text)["prompt"]["replies"]]
        assert order == ["Reply 6", "Reply 7", "Reply 9", "Reply 8"]


def test_trees_come_out_by_date_the_oldest_first(
    storage: Storage, own_settings: BackendSettings, tmp_path: Path
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = [plain_tree(number, start - timedelta(hours=number // 3)) for number in range(1, 201)]
    import_trees(storage, own_settings, write_lines(tmp_path / "in.jsonl", made))
    steps: list[tuple[Step, int, int]] = []
    stream = StringIO()
    written = export_trees(storage, stream, watch=lambda *step: steps.append(step))
    assert (written.trees, written.messages) == (200, 200)
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    keys = [(tree["prompt"]["created_date"], tree["message_tree_id"]) for tree in found]
    assert keys == sorted(keys)
    assert steps == [(Step.writing, done, 200) for done in (50, 100, 150, 200)]


def test_an_export_is_of_the_moment_at_which_it_began(
    storage: Storage, own_settings: BackendSettings, tmp_path: Path
) -> None:
    made = [plain_tree(number) for number in range(1, 81)]
    import_trees(storage, own_settings, write_lines(tmp_path / "in.jsonl", made[:70]))
    more = write_lines(tmp_path / "more.jsonl", made[70:])
    stream = StringIO()

    def add_more(*_: object) -> None:
        import_trees(storage, own_settings, more)

    written = export_trees(storage, stream, watch=add_more)
    assert written.trees == 70
    assert len(trees_of(exported(storage))) == 80


def test_an_export_that_is_stopped_leaves_no_file(
    storage: Storage, own_settings: BackendSettings, tmp_path: Path
) -> None:
    made = [plain_tree(number) for number in range(1, 81)]
    import_trees(storage, own_settings, write_lines(tmp_path / "in.jsonl", made))
    target = tmp_path / "folder" / "out.jsonl"

    def stop(*_: object) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        export_trees(storage, target, watch=stop)
    assert list(target.parent.iterdir()) == []


def test_surplus_comes_out_only_when_everything_does(
    storage: Storage, own_settings: BackendSettings, tmp_path: Path
) -> None:
    reply = {"message_id": str(UUID(int=900, version=4)), "text": "Late.", "role": "assistant", "lang": "en"}
    tree = plain_tree(1, None, {**reply, "review_result": True, "surplus": True})
    import_trees(storage, own_settings, write_lines(tmp_path / "in.jsonl", [tree]))
    assert json.loads(exported(storage))["prompt"]["replies"] == []
    everything = exported(storage, EVERYTHING)
    (late,) = json.loads(everything)["prompt"]["replies"]
    assert (late["text"], late["surplus"]) == ("Late.", True)
    assert over_to_another(everything, own_settings, tmp_path, EVERYTHING) == everything


async def test_labels_that_came_too_late_come_out_only_when_everything_does(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    pass_time: Callable[..., None],
) -> None:
    server = start_backend(rules={"max_tree_depth": 0})
    client = connect(server)
    await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "Why?")
    slow, _ = await worker_at(client, "bob").take(TaskRequestType.label_initial_prompt)
    pass_time(minutes=31)
    await worker_at(client, "cat").label(TaskRequestType.label_initial_prompt, {"spam": 0})
    await worker_at(client, "bob").hand_in_labels(slow, {"spam": 1})
    assert server.storage is not None
    # The prompt is drawn, and has all that its depth allows.
    await client.fetch_availability(worker_at(client, "dan").user)
    spam = [
        json.loads(exported(server.storage, choice))["prompt"]["labels"]["spam"]
        for choice in (ExportChoice(), EVERYTHING)
    ]
    assert spam == [{"value": 0, "count": 1}, {"value": 0.5, "count": 2}]


def told(storage: Storage, choice: ExportChoice | None = None) -> list[dict[str, Any]]:
    stream = StringIO()
    export_stories(storage, stream, choice)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_stories_are_summarised_and_rated_and_come_out(
    backend: BackendServer,
    worker: Callable[[str], Any],
    own_settings: BackendSettings,
    tmp_path: Path,
) -> None:
    assert backend.storage is not None
    path = write_lines(
        tmp_path / "stories.jsonl",
        [
            {
                "story": "Once there was a fox.",
                "summaries": [{"text": "A fox."}, {"text": "x", "deleted": True}],
            },
            {"story": "Es war einmal.", "lang": "de", "origin": "a book"},
            {"story": "Once there was a fox."},
        ],
    )
    added = import_stories(backend.storage, own_settings, path)
    assert added == ImportCounts(2, 1, known=1)
    assert import_stories(backend.storage, own_settings, path) == ImportCounts(known=3)
    task, shown = await worker("ann").take(TaskRequestType.summarize_story, "de")
    assert isinstance(task, SummarizeStoryTask)
    assert task.story == "Es war einmal."
    await worker("ann").write(TaskRequestType.summarize_story, "Ein Anfang, der lang ist.", "de", shown=shown)
    with pytest.raises(OasstError) as caught:
        await worker("ann").write(TaskRequestType.initial_prompt, "ein Anfang, der lang ist")
    assert "nearly the same text" in caught.value.message
    rating, shown = await worker("bob").take(TaskRequestType.rate_summary)
    assert isinstance(rating, RateSummaryTask)
    await worker("bob").client.post_interaction(
        MessageRating(user=worker("bob").user, message_id=shown, rating=4)
    )
    by_text = {story["story"]: story for story in told(backend.storage)}
    assert list(by_text) == ["Once there was a fox.", "Es war einmal."]
    (fox,) = by_text["Once there was a fox."]["summaries"]
    assert (fox["text"], [given["rating"] for given in fox["ratings"]]) == ("A fox.", [4])
    assert UUID(fox["ratings"][0]["user_id"])
    german = by_text["Es war einmal."]
    assert (german["lang"], german["origin"]) == ("de", "a book")
    assert [summary["text"] for summary in german["summaries"]] == ["Ein Anfang, der lang ist."]
    assert [story["lang"] for story in told(backend.storage, ExportChoice(lang="de"))] == ["de"]
    with Storage(backend_database(tmp_path / "another.db")) as another:
        again = write_lines(tmp_path / "again.jsonl", told(backend.storage))
        assert import_stories(another, own_settings, again) == ImportCounts(2, 2)
        texts = [[summary["text"] for summary in story["summaries"]] for story in told(another)]
    assert texts == [["A fox."], ["Ein Anfang, der lang ist."]]


def test_stories_without_a_summary_come_out_only_when_everything_does(
    storage: Storage, own_settings: BackendSettings, tmp_path: Path
) -> None:
    stories = [{"story": f"Story {number}."} for number in range(120)]
    import_stories(storage, own_settings, write_lines(tmp_path / "in.jsonl", stories), lang="de")
    assert told(storage) == []
    assert [story["lang"] for story in told(storage, EVERYTHING)] == ["de"] * 120
