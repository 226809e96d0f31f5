"""Texts come from catalogues and templates, fall back to English, and an operator may override templates."""

import ast
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, meta

import bot
from bot import texts as texts_module
from bot.texts import TemplateLibrary, texts_for, use_templates

BOT = Path(bot.__file__).parent
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")
ASKING = ("texts", "FormProblem", "texts_for(str(interaction.locale))")


@pytest.fixture
def overrides(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    use_templates(None)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue that is incomplete, as translations are."""
    for tag, entries in {
        "en": 'msgid "a"\nmsgstr "one {thing}"\n\nmsgid "b"\nmsgstr "two"\n\nmsgid "c"\nmsgstr "three"\n',
        "de": 'msgid "a"\nmsgstr "eins {thing}"\n\nmsgid "b"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgid "c"\nmsgstr "drei"\n',
    }.items():
        folder = tmp_path / tag / "LC_MESSAGES"
        folder.mkdir(parents=True)
        header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        (folder / "bot.po").write_text(header + entries, encoding="utf-8")
    monkeypatch.setattr(texts_module, "_LOCALES", tmp_path)
    monkeypatch.setattr(texts_module, "_library", texts_module._Library())  # noqa: SLF001  # a process's own state
    caches = (texts_module.locales, texts_module._translations, texts_module._catalogue)  # noqa: SLF001  # as above
    for cached in caches:
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("locale", ["de", "de-AT", "DE"])
def test_empty_and_fuzzy_translations_fall_back_to_english(locale: str) -> None:
    texts = texts_for(locale)
    assert [texts("a", thing="!"), texts("b"), texts("c")] == ["eins !", "two", "three"]


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(("seconds", "expected"), [(10, "zwei"), (-10, "two")], ids=["newer", "older"])
def test_a_compiled_catalogue_counts_unless_its_source_is_newer(
    tmp_path: Path, seconds: int, expected: str
) -> None:
    source = tmp_path / "de" / "LC_MESSAGES" / "bot.po"
    catalogue = Catalog(locale="de")
    catalogue.add("b", "zwei")
    with source.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    changed = source.stat().st_mtime + seconds
    os.utime(source.with_suffix(".mo"), (changed, changed))
    assert texts_for("de")("b") == expected


@pytest.mark.parametrize("locale", [None, "xx", "en-GB", "../../etc", ""])
def test_an_unknown_language_is_english(locale: str | None) -> None:
    assert texts_for(locale)("button.send") == "Send"


def test_what_people_wrote_is_not_read_as_a_field() -> None:
    assert texts_for("en")("heading.to_label", heading="{key} %s {0.x}").startswith("{key} %s {0.x} ·")


@pytest.mark.parametrize(("tag", "name"), [("de", "German"), ("pt-BR", "Portuguese (Brazil)"), ("??", "??")])
def test_languages_have_names(tag: str, name: str) -> None:
    assert texts_for("en-US").language_name(tag) == name


def keys_in(path: Path) -> Iterator[str]:
    """Yield the catalogue keys that a module names where it asks for a text or raises a problem."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith(ASKING):
            yield from (
                part.value
                for part in ast.walk(node.args[0])
                if isinstance(part, ast.Constant)
                and isinstance(part.value, str)
                and KEY.fullmatch(part.value)
            )


def test_every_key_that_the_bot_uses_has_an_english_text() -> None:
    texts = texts_for("en")
    used = {key for path in BOT.rglob("*.py") for key in keys_in(path)}
    assert len(used) > 40
    assert [key for key in sorted(used) if not texts.has(key)] == []


def pieces_in(path: Path) -> Iterator[str]:
    """Yield the strings of a module, f-strings with `*` for what they fill in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.JoinedStr(values):
                parts = (part.value if isinstance(part, ast.Constant) else "*" for part in values)
                yield "".join(str(part) for part in parts)
            case ast.Constant(str(text)):
                yield text


def test_every_english_text_and_template_is_used() -> None:
    named = {piece for path in BOT.rglob("*.py") for piece in pieces_in(path)}
    # A bare "*" or ".*" would fit anything.
    patterns = [piece for piece in named if "*" in piece and piece.strip("*.")]
    keys = list(entries("en"))
    keys += [path.name for path in (BOT / "templates").glob("*.j2")]
    unused = [key for key in keys if key not in named and not any(fnmatch(key, one) for one in patterns)]
    assert unused == []


@pytest.mark.parametrize(
    "path",
    sorted((BOT / "locale").glob("*/LC_MESSAGES/*.po")),
    ids=lambda path: f"{path.parts[-3]}-{path.stem}",
)
def test_catalogues_are_sound(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    assert [list(message.check()) for message in catalogue] == [[] for _ in catalogue]
    english = [message.id for message in catalogue if message.id and not message.string]
    assert path.parts[-3] != "en" or english == []


def entries(tag: str) -> dict[str, str]:
    """Give the texts of a language, without those that are fuzzy."""
    found: dict[str, str] = {}
    for path in texts_module.catalogues(tag):
        with path.open("rb") as file:
            theirs = {str(one.id): str(one.string) for one in read_po(file) if one.id and not one.fuzzy}
        assert [key for key in theirs if key in found] == [], f"{path.name} says again what another says"
        found |= theirs
    return found


FIELD = re.compile(r"\{\w+\}")
STATEMENT = re.compile(r"\{%.*?%\}")
OTHERS = [tag for tag in texts_module.locales() if tag != "en"]


def test_there_is_a_second_language() -> None:
    assert OTHERS


@pytest.mark.parametrize("tag", OTHERS)
def test_another_language_says_all_that_english_says(tag: str) -> None:
    english, theirs = entries("en"), entries(tag)
    assert sorted(key for key in english if not theirs.get(key)) == []
    assert sorted(key for key in theirs if key not in english) == []
    changed = [
        key
        for key, text in english.items()
        if sorted(FIELD.findall(text)) != sorted(FIELD.findall(theirs[key]))
    ]
    assert changed == []


@pytest.mark.parametrize("tag", OTHERS)
def test_another_language_calls_the_commands_as_people_find_them_there(tag: str) -> None:
    english, theirs = entries("en"), entries(tag)
    unknown = [
        text
        for key, text in english.items()
        if re.fullmatch(r"command\.\w+\.name", key) and theirs[key].casefold() != text.casefold()
    ]
    assert "task" in unknown
    wrong = re.compile(rf"(?<![\w/])/({'|'.join(map(re.escape, unknown))})\b")
    templates = {
        path.name: path.read_text(encoding="utf-8") for path in (BOT / "templates" / tag).glob("*.j2")
    }
    assert [key for key, text in (theirs | templates).items() if wrong.search(text)] == []


@pytest.mark.parametrize("tag", OTHERS)
def test_another_language_has_every_template_with_the_same_names_and_conditions(tag: str) -> None:
    for ours in sorted((BOT / "templates").glob("*.j2")):
        theirs = BOT / "templates" / tag / ours.name
        assert theirs.is_file(), f"{tag}/{ours.name} is missing"
        sources = [path.read_text(encoding="utf-8") for path in (ours, theirs)]
        names = [
            meta.find_undeclared_variables(Environment().parse(source))  # noqa: S701  # never rendered
            for source in sources
        ]
        assert names[0] == names[1]
        assert STATEMENT.findall(sources[0]) == STATEMENT.findall(sources[1])


def test_an_override_is_used(overrides: Path) -> None:
    (overrides / "intro_rank_initial_prompts.md.j2").write_text("Rangez les {{ count }} !")
    assert use_templates(overrides) == []
    assert texts_for("en").template("intro_rank_initial_prompts.md.j2", count=3) == "Rangez les 3 !"
    assert "Thank you" in texts_for("en").template("thanks_assistant_reply.md.j2")


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("thanks_initial_prompt.md.j2", "{% if %}", "line 1: Expected an expression"),
        ("thanks_initial_prompt.md.j2", "{{ nobody }}", "'nobody' is undefined"),
        ("thanks_initial_prompt.md.j2", "{{ count }}", "'count' is undefined"),
        ("thanks_initial_prompt.md.j2", "  ", "it gives no text"),
        ("thanks_initial_prompt.md.j2", "{{ 'x' * 3000 }}", "more than 1600 characters"),
        ("thanks_initial_prompt.md.j2", "{{ 1 // 0 }}", "zero"),
        ("thanks_initial_prompt.md.j2", "{{ ''.__class__.__mro__ }}", "unsafe"),
        ("thanks_nobody.md.j2", "Hello", "no such template"),
    ],
)
def test_a_broken_override_is_named_and_ours_is_used(
    overrides: Path, name: str, source: str, reason: str
) -> None:
    (overrides / name).write_text(source)
    (problem,) = use_templates(overrides)
    assert str(problem).startswith(f"template {name}: ")
    assert reason in problem.reason
    assert "\n" not in problem.reason
    assert "Thank you" in texts_for("en").template("thanks_initial_prompt.md.j2")


def test_the_whole_of_the_terms_may_be_long_but_not_endless(overrides: Path) -> None:
    paragraph = "What a person gives is free for all.\n\n"
    path = overrides / "terms_full.md.j2"
    path.write_text(paragraph * 500)
    assert use_templates(overrides) == []
    assert len(texts_for("en").template("terms_full.md.j2")) > 10_000
    path.write_text(paragraph * 5000)
    (problem,) = use_templates(overrides)
    assert "more than 40000 characters" in problem.reason
    assert "What this is" in texts_for("en").template("terms_full.md.j2")


def test_a_directory_that_is_not_there_is_named(overrides: Path) -> None:
    (problem,) = use_templates(overrides / "nowhere")
    assert "does not exist" in str(problem)


def test_a_template_in_a_language_goes_before_the_general_one(overrides: Path) -> None:
    (overrides / "de").mkdir()
    (overrides / "de" / "thanks_initial_prompt.md.j2").write_text("Danke!")
    library = TemplateLibrary(overrides)
    assert library.problems() == []
    assert library.render("thanks_initial_prompt.md.j2", "de-AT", {}) == "Danke!"
    assert "Thank you" in library.render("thanks_initial_prompt.md.j2", "en", {})
