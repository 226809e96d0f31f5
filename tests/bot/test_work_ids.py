"""The custom_ids of work: what is read back from them, and how long they get."""

import tracemalloc

import pytest

from bot.limits import CUSTOM_ID
from bot.sessions.guild_rules import Search
from bot.sessions.wish import Wish
from bot.sessions.work_found import read_report
from bot.sessions.work_ids import WorkAction, WorkId, parse_value, parse_work_id
from oasst_client import TaskRequestType, WorkReport

LONGEST = "de" + "-abcde" * 5


@pytest.mark.parametrize("lang", ["de", "pt-BR", "uk-UA", "zh-Hant-TW", LONGEST])
@pytest.mark.parametrize("kind", TaskRequestType)
@pytest.mark.parametrize("action", WorkAction)
def test_an_id_is_read_as_it_was_written(action: WorkAction, kind: TaskRequestType, lang: str) -> None:
    made = WorkId(action, Wish(kind, lang))
    assert parse_work_id(str(made)) == made
    assert len(str(made)) <= CUSTOM_ID


@pytest.mark.parametrize(
    "lang", ["", "DE", "German", "zh-hant-tw", "de:", "xx", "x" * 80, f"{LONGEST}-abcde", "de @everyone"]
)
def test_what_is_no_tag_in_its_usual_spelling_is_no_id_of_ours(lang: str) -> None:
    assert parse_value(f"random:{lang}") is None
    assert parse_work_id(f"work:1:take:random:{lang}") is None


def test_what_people_made_up_as_languages_takes_no_memory() -> None:
    def meet(number: int) -> None:
        lang = f"en-abcd{number:03}"
        wish = Wish(TaskRequestType.random, lang)
        read_report(WorkReport(lang=lang, types={}, trees=[], languages={"de": 1}), Search(wish, (lang,)))
        assert parse_value(f"random:{lang}") == wish

    meet(0)
    tracemalloc.start()
    for number in range(1, 41):
        meet(number)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 40 * 1000, "bytes: names of languages for every tag take 26,000 for each"


def test_other_languages_are_named_by_their_usual_tags() -> None:
    spelled = {"DE": 1, "de": 2, "German": 3, "zh-hant": 4, "en": 5, "EN": 6, "nonsense": 7}
    report = WorkReport(lang="en", types={}, trees=[], languages=spelled)
    found = read_report(report, Search(Wish(TaskRequestType.random, "en"), ("en",)))
    assert found.languages == {"de": 6, "zh-Hant": 4}
