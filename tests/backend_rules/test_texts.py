"""Texts that are typed differently are the same text; texts that say something else are not."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oasst_backend.rules.texts import normalised, similarity

any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)

LONG = "How do I keep my houseplants alive while I am away for two weeks in summer?"


def alike(one: str, other: str, threshold: float) -> bool:
    """Compare two texts as they were written, as the service does."""
    return similarity(normalised(one), normalised(other), threshold) >= threshold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Why is the sky blue?", "why is  the\n\tSKY blue"),
        ("don't", "don\u2019t"),
        ("Stra\u00dfe", "STRASSE"),
        ("caf\u00e9", "cafe\u0301"),
        ("\uff21\uff22\uff23\uff01", "abc"),
        ("\u4f60\u597d\u3002", "\u4f60\u597d"),
        ("\u0645\u0631\u062d\u0628\u0627\u060c", "\u0645\u0631\u062d\u0628\u0627"),
        ("in\u200bvi\u00adsi\u2060ble\ufeff", "invisible"),
        ("1\u200b0", "10"),
        ("\u2764\ufe0f", "\u2764"),
        ("...", "\u2026"),
        ("\x07bell", "bell"),
    ],
)
def test_what_is_only_typed_differently_is_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)
    assert alike(one, other, 1)


def test_what_says_something_else_stays_apart() -> None:
    texts = [
        *("yes", "no", "yet", "???", "!!!", "\U0001f600", "\U0001f601", "\u200b", " "),
        *("C", "C#", "C++", "3.5", "35", "-5", "5", "12 / 4", "12 - 4", "12 4", "50", "50%", "2+2", "2-2"),
        *("\u0915\u093e", "\u0915\u0940", "\u0e01\u0e34", "\u0e01\u0e35", "a b", "ab"),
        *("How much is 12 / 4?", "How much is 12 - 4?"),
    ]
    same = [pair for pair in itertools.combinations(texts, 2) if alike(*pair, 0.9)]
    assert same == []


@pytest.mark.parametrize(
    ("other", "is_alike"),
    [
        (LONG.replace("summer", "winter"), True),
        (LONG.replace("houseplants", "plants"), True),
        (f"{LONG} Thanks!", True),
        (f"{LONG} {LONG}", False),
        (LONG[: len(LONG) // 2], False),
        ("How do I keep my hamster happy while he is alone for two days in a cage?", False),
        (LONG[::-1], False),
    ],
)
def test_long_texts_may_differ_a_little(other: str, is_alike: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    assert alike(LONG, other, 0.9) is is_alike
    assert alike(other, LONG, 0.9) is is_alike
    assert not alike(LONG, other, 1)


def test_short_texts_must_be_equal() -> None:
    assert not alike("I have seen 3 cats.", "I have seen 4 cats.", 0.9)
    assert alike("I have seen 3 cats.", "I have seen 3 cats", 0.9)


@given(any_text)
def test_a_text_is_the_same_as_itself_and_never_nothing(text: str) -> None:
    assert normalised(text)
    assert alike(text, text, 1)
    assert normalised(text) == normalised(f" {text} ") or not text.split()


@given(any_text, any_text, st.floats(0.1, 1))
def test_likeness_has_no_direction(one: str, other: str, threshold: float) -> None:
    assert alike(one, other, threshold) == alike(other, one, threshold)
