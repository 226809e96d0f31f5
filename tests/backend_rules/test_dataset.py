"""Reading files of the dataset: each broken line with its reason."""

import io
import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from oasst_backend.dataset import lines as line_files
from oasst_backend.dataset.lines import DatasetError, LineFile
from oasst_backend.dataset.models import PromptLine, StoryLine
from oasst_backend.dataset.reading import FileKind, file_kind, read_trees
from oasst_backend.dataset.seen_ids import SeenIds
from oasst_backend.dataset.writing import write_stories
from tests.backend_rules.dataset_files import ROOT_ID, lines, prompts_of, stories_of, tree


def test_prompts_are_texts_or_objects(file: Path) -> None:
    full = {"text": "zwei", "lang": "de", "goal_tree_size": 5, "max_depth": 2, "max_children_count": 1}
    file.write_text(f'"eins"\n\n{json.dumps(full)}\r\n  {{"text": " drei\\n"}}')
    assert prompts_of(file) == [
        PromptLine(text="eins"),
        PromptLine(text="zwei", lang="de", goal_tree_size=5, max_depth=2, max_children_count=1),
        PromptLine(text="drei"),
    ]


def test_a_byte_order_mark_is_passed_over(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf"eins"\n')
    assert [prompt.text for prompt in prompts_of(file)] == ["eins"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "x"', "not JSON: EOF while parsing an object at column"),
        (b"just words", "not JSON: expected value at column 1"),
        (b'"\xff"', "not JSON: "),
        (b'"\\ud800"', "not JSON: "),
        (b"[" * 500, "not JSON: recursion limit exceeded"),
        (b"3", "must be a string, or an object with a text"),
        (b'["a"]', "must be a string, or an object with a text"),
        (b'""', "text: must not be empty"),
        (b'{"text": "  "}', "text: must not be empty"),
        (b'"a\\u0000b"', "text: must not contain a null character"),
        (b'{"lang": "en"}', "text: field required"),
        (b'{"text": "x", "max_depht": 3}', "max_depht: there is no such field"),
        (b'{"text": "x", "max_depth": "3"}', "max_depth: must be a valid integer"),
        (b'{"text": "x", "goal_tree_size": 0}', "goal_tree_size: must be greater than or equal to 1"),
        (b'{"text": "x", "lang": "en us"}', "lang: string should match"),
        (b'"0123456789x"', "the text has 11 characters; at most 10 are taken"),
        (json.dumps(tree()).encode(), "this is a tree, not a prompt"),
        (b'{"story": "x"}', "this is a story, not a prompt"),
    ],
)
def test_a_broken_line_is_named_with_its_reason(file: Path, line: bytes, reason: str) -> None:
    file.write_bytes(b'"good"\n\n' + line + b'\n"good, too"\n')
    with pytest.raises(DatasetError) as caught:
        prompts_of(file, max_length=10)
    (problem,) = caught.value.problems
    assert problem.line == 3
    assert problem.reason.startswith(reason)
    assert str(caught.value) == f"{file}: line 3: {problem.reason}"


def test_all_broken_lines_are_named(file: Path) -> None:
    file.write_text('"fine"\n' + "broken\n" * 30)
    with pytest.raises(DatasetError) as caught:
        prompts_of(file)
    assert [problem.line for problem in caught.value.problems] == list(range(2, 22))
    assert caught.value.more == 10
    assert str(caught.value).splitlines()[-1] == f"{file}: and 10 more lines with problems"


@pytest.mark.parametrize("read", [prompts_of, read_trees, stories_of])
def test_a_file_that_is_not_there_or_empty_is_one_line(tmp_path: Path, read: Any) -> None:  # noqa: ANN401 - any reader
    with pytest.raises(DatasetError, match="there is no such file"):
        list(read(tmp_path / "nowhere.jsonl"))
    with pytest.raises(DatasetError, match="no file that can be read twice"):
        list(read(tmp_path))
    (tmp_path / "empty.jsonl").write_text("\n \n")
    with pytest.raises(DatasetError, match=r"the file holds no (prompts|trees|stories)"):
        list(read(tmp_path / "empty.jsonl"))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match="no file that can be read twice"):
        file_kind(tmp_path / "pipe")


def test_a_line_that_is_too_long_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_files, "MAX_LINE_BYTES", 10)
    file.write_text('"short"\n"much too long"\n"fine"\n"not this one, at the end"')
    with pytest.raises(DatasetError) as caught:
        prompts_of(file)
    assert [(problem.line, problem.reason) for problem in caught.value.problems] == [
        (2, "longer than 10 bytes"),
        (4, "longer than 10 bytes"),
    ]


@pytest.mark.parametrize("content", ['"one"\n\n"two"', '\n"one"\r\n"two"\n', '\ufeff"one"\n "two"\n\n'])
def test_a_file_is_read_again_from_its_start_and_no_further_than_it_was_long(
    file: Path, content: str
) -> None:
    file.write_text(content, encoding="utf-8")
    with LineFile(file) as opened, file.open("a") as more:
        first = list(opened.lines())
        more.write('\n"three"\n')
        more.flush()
        assert list(opened.lines()) == first
    assert [json.loads(entry.value or b"") for entry in first] == ["one", "two"]
    assert first[-1].end <= opened.size == len(content.encode())


def test_ids_that_come_twice_are_found_among_many() -> None:
    with SeenIds() as seen:
        ids = [uuid4() for _ in range(5000)]
        assert [seen.add(ids[place : place + 10]) for place in range(0, 5000, 10)] == [None] * 500
        again = uuid4()
        assert seen.add([uuid4(), ids[77]]) == ids[77]
        assert seen.add([again, uuid4(), again]) == again


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("\n" + json.dumps(tree()), FileKind.trees),
        ("{broken\n" + json.dumps(tree()), FileKind.trees),
        ('{"story": "x"}', FileKind.stories),
        ("broken", FileKind.prompts),
        ('"text"', FileKind.prompts),
        ('{"text": ""}', FileKind.prompts),
        ("", FileKind.prompts),
    ],
)
def test_the_first_whole_line_tells_what_a_file_holds(file: Path, content: str, kind: FileKind) -> None:
    file.write_text(content)
    assert file_kind(file) is kind


def test_stories_are_read_with_their_summaries(file: Path) -> None:
    told = {
        "story_id": ROOT_ID,
        "story": "Once there was a fox.",
        "lang": "en",
        "origin": "a book",
        "created_date": "2023-02-05T14:23:50Z",
        "summaries": [
            {"text": "A fox.", "deleted": False},
            {
                "summary_id": ROOT_ID,
                "user_id": "u1",
                "created_date": "2023-02-05T14:23:50.983374Z",
                "text": "There was one.",
                "lang": "de",
                "deleted": True,
                "surplus": True,
                "ratings": [{"user_id": "u2", "rating": 4}],
            },
        ],
    }
    read = stories_of(lines(file, told, {"story": " Short. ", "novelty": 1}))
    assert read[1] == StoryLine(story="Short.")
    stream = io.StringIO()
    counts = write_stories(read, stream)
    assert (counts.stories, counts.summaries) == (2, 2)
    assert json.loads(stream.getvalue().splitlines()[0]) == told


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("a text", "must be an object with a story"),
        ({"text": "x"}, "story: field required"),
        ({"story": " "}, "story: must not be empty"),
        (tree(), "this is a tree, not a story"),
        ({"story": "x", "summaries": ["y"]}, "summaries[0]: must be an object"),
        ({"story": "x", "summaries": [{"text": ""}]}, "summaries[0].text: must not be empty"),
    ],
)
def test_a_broken_story_is_named_with_its_reason(file: Path, broken: object, reason: str) -> None:
    with pytest.raises(DatasetError) as caught:
        stories_of(lines(file, {"story": "fine"}, broken))
    (problem,) = caught.value.problems
    assert (problem.line, problem.reason[: len(reason)]) == (2, reason)


def test_real_prompts_are_read(real_prompts: Path) -> None:
    prompts = prompts_of(real_prompts, max_length=2000)
    assert len(prompts) == 150
    assert file_kind(real_prompts) is FileKind.prompts
