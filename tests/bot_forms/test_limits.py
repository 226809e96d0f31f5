"""What Discord would refuse is found before it is sent."""

import hikari
import pytest
from hikari.impl import MessageActionRowBuilder, SelectOptionBuilder, TextSelectMenuBuilder
from hypothesis import given
from hypothesis import strategies as st

from bot.forms.custom_ids import ALL, ALL_LABEL, MODAL, SKIP_MODAL, Action, custom_id, parse
from bot.limits import message_problems, prefix_within, trim, utf16_length


def buttons(*ids: str, label: str = "x") -> MessageActionRowBuilder:
    row = MessageActionRowBuilder()
    for identifier in ids:
        row.add_interactive_button(hikari.ButtonStyle.PRIMARY, identifier, label=label)
    return row


def menu(*values: str, label: str = "x", most: int = 1) -> MessageActionRowBuilder:
    row = MessageActionRowBuilder()
    options = [SelectOptionBuilder(label, value) for value in values]
    row.add_component(TextSelectMenuBuilder(custom_id="m", options=options, min_values=0, max_values=most))
    return row


@given(st.text())
def test_lengths_are_utf16_units(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


@given(st.text(), st.integers(1, 30))
def test_a_trimmed_text_fits(text: str, limit: int) -> None:
    assert utf16_length(trim(text, limit)) <= limit
    assert (trim(text, limit) == text) == (utf16_length(text) <= limit)


@given(st.text(st.sampled_from("a😀")), st.integers(0, 20))
def test_the_longest_prefix_is_found(text: str, units: int) -> None:
    end = prefix_within(text, 0, units)
    assert utf16_length(text[:end]) <= units
    assert end == len(text) or utf16_length(text[: end + 1]) > units


@pytest.mark.parametrize(
    ("content", "embeds", "rows", "problem"),
    [
        ("x" * 2001, [], [], "content: 2001 of 2000"),
        ("😀" * 1001, [], [], "content: 2002 of 2000"),
        ("", [], [], "message: empty"),
        ("x", [hikari.Embed(description="x" * 4097)], [], "embeds.0.description"),
        ("x", [hikari.Embed(description="x" * 3001)] * 2, [], "embeds: 6002 of 6000 in all"),
        ("x", [hikari.Embed(description="x")] * 11, [], "embeds: 11 of 10"),
        ("x", [hikari.Embed().add_field("n", " ")], [], "embeds.0.fields.0.value: empty"),
        ("x", [], [buttons(str(n)) for n in range(6)], "rows: 6 of 5"),
        ("x", [], [buttons(*"abcdef")], "rows.0.buttons: 6 of 5"),
        ("x", [], [buttons("a"), buttons("a")], "stands there twice"),
        ("x", [], [buttons("a" * 101)], "rows.0.custom_id"),
        ("x", [], [buttons("a", label="x" * 81)], "rows.0.label"),
        ("x", [], [menu(*map(str, range(26)))], "rows.0.options: 26 of 25"),
        ("x", [], [menu("a", label="x" * 101)], "rows.0.options.0.label"),
        ("x", [], [menu("a", most=2)], "asks for 0 to 2 of 1"),
        ("x", [], [menu("a", "a")], "a value stands there twice"),
        ("x", [], [menu()], "rows.0.options: none"),
    ],
)
def test_what_discord_refuses_is_found(
    content: str, embeds: list[hikari.Embed], rows: list[MessageActionRowBuilder], problem: str
) -> None:
    assert problem in "\n".join(message_problems(content, embeds, rows))


def test_what_fits_has_no_problems() -> None:
    embed = hikari.Embed(title="t", description="x" * 4096).add_field("n", "v").set_footer("f")
    assert message_problems("x" * 2000, [embed], [buttons("a", "b"), menu("a")]) == []


def test_ids_are_distinct_and_read_back() -> None:
    assert len({*ALL, *ALL_LABEL, MODAL, SKIP_MODAL}) == len(ALL) + len(ALL_LABEL) + 2
    for identifier in (*ALL, *ALL_LABEL):
        control = parse(identifier)
        assert control is not None
        assert custom_id(control.action, control.index, space=control.space) == identifier


@pytest.mark.parametrize(
    "identifier", ["", "task:1", "task:2:send", "task:1:yes", "task:1:yes:10000", "task:1:send:0", "x:y"]
)
def test_ids_of_others_are_not_ours(identifier: str) -> None:
    assert parse(identifier) is None


def test_an_id_that_nothing_owns_is_not_given_out() -> None:
    with pytest.raises(ValueError, match="task:1:yes:10000"):
        custom_id(Action.yes, 10000)
