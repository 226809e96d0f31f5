"""The languages of tasks: which tag a person means."""

import pytest

from bot.languages import LONGEST_TAG, understand


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("de", "de"),
        ("German", "de"),
        ("PT-br", "pt-BR"),
        ("uk-UA", "uk-UA"),
        ("pt-PT", "pt-PT"),
        (" zh-hant-tw ", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("gsw", "gsw"),
        ("de-ch-1996", "de-CH-1996"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
    ],
)
def test_names_and_tags_are_understood(typed: str, tag: str) -> None:
    assert understand(typed, "en-US") == tag


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "Klingonisch",
        "foo",
        "qq",
        "de-QX",
        "de_DE",
        "de-DE-",
        "de--DE",
        "de-Zzzq",
        "de @everyone",
    ],
)
def test_what_is_no_language_is_not_taken(typed: str) -> None:
    assert understand(typed, "en-US") is None


def test_a_tag_is_never_longer_than_the_protocol_takes() -> None:
    assert understand("de" + "-abcde" * 5, "en-US") == "de" + "-abcde" * 5
    assert len("de" + "-abcde" * 5) == LONGEST_TAG
    assert understand("de" + "-abcde" * 6, "en-US") is None
