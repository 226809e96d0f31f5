"""Every word that people read: catalogues by key and templates by name, in a person's language.

Catalogues are `locale/<lang>/LC_MESSAGES/*.po`, one for each feature, with keys as msgids. English is
complete; what another language leaves empty or fuzzy falls back to it. Templates are
`templates/[<lang>/]<name>.md.j2`; an operator may override them one by one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

import jinja2
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from jinja2.sandbox import SandboxedEnvironment
from loguru import logger

from bot import limits

FALLBACK: Final = "en"
_HERE: Final = Path(__file__).parent
_LOCALES: Final = _HERE / "locale"
_TEMPLATES: Final = _HERE / "templates"
_SUFFIX: Final = ".md.j2"
_INTRO: Final = "intro_"
_LONG: Final = frozenset({"terms_full.md.j2"})
"""Templates that are shown over pages."""
_IN_INTRO: Final[Mapping[str, object]] = {
    "hint": "a hint",
    "count": 2,
    "purpose": "What matters most.",
    "low": 1,
    "high": 5,
}
"""What a template above a task may use, with values to try it with; the others use nothing."""


@dataclass(frozen=True)
class TemplateProblem:
    """Why an operator's template is not used; `reason` is one line."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"template {self.name}: {self.reason}"


class TemplateLibrary:
    """The project's templates, each of which a directory of the operator may override.

    Attributes:
        terms_url: where the operator has put the whole of the terms; empty: in the template for it.
    """

    def __init__(self, overrides: Path | None = None, terms_url: str = "") -> None:
        self.terms_url = terms_url
        self._ours = _environment(_TEMPLATES)
        self._theirs = None if overrides is None else _environment(overrides)
        self._overrides = overrides

    def render(self, name: str, locale: str, context: Mapping[str, object]) -> str:
        """Return a template's text; an override that fails gives way to ours, and the log names it."""
        candidates = [*(f"{tag}/{name}" for tag in _tags(locale)), name]
        for candidate in candidates if self._theirs is not None else ():
            try:
                return self._render_theirs(candidate, context)
            except jinja2.TemplateNotFound:
                continue
            except (jinja2.TemplateError, ValueError, TypeError, ArithmeticError, OSError) as error:
                logger.warning("Template {} is broken, the default is used: {}", candidate, _one_line(error))
                break
        return self._ours.select_template(candidates).render(context).strip()

    def problems(self) -> list[TemplateProblem]:
        """Return what is wrong with the operator's directory; the templates that are named are not used."""
        if self._overrides is None:
            return []
        if not self._overrides.is_dir():
            return [TemplateProblem(str(self._overrides), "the directory does not exist")]
        known = {path.name for path in _TEMPLATES.rglob(f"*{_SUFFIX}")}
        found = []
        for path in sorted(self._overrides.rglob(f"*{_SUFFIX}")):
            name = path.relative_to(self._overrides).as_posix()
            if path.name not in known:
                found.append(TemplateProblem(name, "no such template; see bot/templates for the names"))
                continue
            try:
                self._render_theirs(name, _IN_INTRO if path.name.startswith(_INTRO) else {})
            except (jinja2.TemplateError, ValueError, TypeError, ArithmeticError, OSError) as error:
                found.append(TemplateProblem(name, _one_line(error)))
        return found

    def _render_theirs(self, name: str, context: Mapping[str, object]) -> str:
        if self._theirs is None:
            raise jinja2.TemplateNotFound(name)
        text = self._theirs.get_template(name).render(context).strip()
        if not text:
            raise ValueError("it gives no text")
        longest = LONG_TEMPLATE if Path(name).name in _LONG else limits.CONTENT - TEMPLATE_RESERVE
        if limits.utf16_length(text) > longest:
            raise ValueError(f"it gives more than {longest} characters")
        return text


TEXTS_REMEMBERED: Final = 4096
"""Texts that are found at once when they are asked for again; a backend may name labels without end."""

TEMPLATE_RESERVE: Final = 400
"""Characters of a message that are kept free for what stands below a template (language, time)."""


LONG_TEMPLATE: Final = 40_000
"""Characters of a template that is shown over pages, at most."""


class Texts:
    """The words of one language, English where it has none."""

    def __init__(self, locale: str, templates: TemplateLibrary) -> None:
        self.locale = locale
        self._text = lru_cache(TEXTS_REMEMBERED)(_translations(locale).gettext)
        self._templates = templates

    def __call__(self, key: str, **params: object) -> str:
        """Return the text of a key with its `{params}` filled in; what people wrote must come escaped."""
        return _fill(self._text(key), params)

    def has(self, key: str) -> bool:
        """Say whether the key has a text, in this language or in English."""
        return self._text(key) != key

    def template(self, name: str, **context: object) -> str:
        """Return a rendered template; what people wrote must come escaped."""
        return self._templates.render(name, self.locale, context)

    @property
    def terms_url(self) -> str:
        """Where the operator has put the whole of the terms; empty: in the template for it."""
        return self._templates.terms_url

    def language_name(self, tag: str) -> str:
        """Return the name of a language in this language, the tag itself if it is unknown."""
        try:
            return Locale.parse(tag.replace("-", "_")).get_display_name(self._babel_locale()) or tag
        except (ValueError, UnknownLocaleError):
            return tag

    def day(self, moment: datetime) -> str:
        """Return the day of a moment as this language writes it (16 Nov 2026)."""
        return format_date(moment, locale=self._babel_locale())

    def number(self, value: int) -> str:
        """Return a whole number as this language writes it (1,234)."""
        return format_decimal(value, locale=self._babel_locale())

    def _babel_locale(self) -> Locale:
        try:
            return Locale.parse(self.locale.replace("-", "_"))
        except (ValueError, UnknownLocaleError):
            return Locale.parse(FALLBACK)


class _Library:
    """The process's texts: one set of templates, one Texts per locale."""

    def __init__(self) -> None:
        self.templates = TemplateLibrary()
        self.texts: dict[str, Texts] = {}


def use_templates(directory: Path | None, terms_url: str = "") -> list[TemplateProblem]:
    """Take an operator's own texts, and return what is wrong with their templates.

    Args:
        directory: where their templates are; None: only ours.
        terms_url: where the whole of the terms is; empty: in the template for it.
    """
    _library.templates = TemplateLibrary(directory, terms_url)
    _library.texts.clear()
    return _library.templates.problems()


def texts_for(locale: str | None) -> Texts:
    """Return the texts for a BCP 47 tag such as Discord's locales; None or an unknown one gives English."""
    tag = _closest_tag(locale or FALLBACK)
    if tag not in _library.texts:
        _library.texts[tag] = Texts(tag.replace("_", "-"), _library.templates)
    return _library.texts[tag]


@cache
def locales() -> tuple[str, ...]:
    """Return the languages that have a catalogue, as their directories are named (`en`, `pt_BR`)."""
    return tuple(sorted({path.parent.parent.name for path in _LOCALES.glob("*/LC_MESSAGES/*.po")}))


def _tags(locale: str) -> list[str]:
    """Return the directory names for a locale, the closest first."""
    whole = locale.replace("-", "_")
    return list(dict.fromkeys([whole, whole.split("_")[0]]))


@lru_cache(maxsize=256)
def _closest_tag(locale: str) -> str:
    return next(_known_tags(locale), FALLBACK)


def _known_tags(locale: str) -> Iterator[str]:
    known = {name.lower(): name for name in locales()}
    return (known[tag.lower()] for tag in _tags(locale) if tag.lower() in known)


@cache
def _translations(locale: str) -> NullTranslations:
    tags = [*_known_tags(locale), *([] if locale == FALLBACK else [FALLBACK])]
    chain = [_catalogue(source) for tag in tags for source in catalogues(tag)]
    first = NullTranslations()
    for translations in reversed(chain):
        # A fresh wrapper each: adding a fallback to a shared catalogue would chain all languages.
        layer = _Layer(translations)
        layer.add_fallback(first)
        first = layer
    return first


class _Layer(NullTranslations):
    """One catalogue in front of others; a key that it lacks or leaves empty goes to the next."""

    def __init__(self, catalogue: GNUTranslations) -> None:
        super().__init__()
        self._catalogue_texts = catalogue

    def gettext(self, message: str) -> str:
        found = self._catalogue_texts.gettext(message)
        return found if found not in ("", message) else super().gettext(message)


def catalogues(tag: str) -> list[Path]:
    """List the sources of a language's catalogues."""
    return sorted((_LOCALES / tag / "LC_MESSAGES").glob("*.po"))


@cache
def _catalogue(source: Path) -> GNUTranslations:
    """Return a catalogue; one that was compiled before its source last changed is read from the source."""
    compiled = source.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
        with compiled.open("rb") as file:
            return GNUTranslations(file)
    with source.open("rb") as file:
        catalogue = read_po(file)
    buffer = BytesIO()
    write_mo(buffer, catalogue, use_fuzzy=False)
    buffer.seek(0)
    return GNUTranslations(buffer)


_FIELD: Final = re.compile(r"\{(\w+)\}")


def _fill(text: str, params: Mapping[str, object]) -> str:
    """Put the params in; a `{word}` without one stays, so that a translator's slip breaks nothing."""
    return _FIELD.sub(lambda found: str(params.get(found[1], found[0])), text)


def _environment(directory: Path) -> SandboxedEnvironment:
    """Return an environment for Discord markdown: no HTML escaping, and an unknown name is an error."""
    return SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(directory),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _one_line(error: Exception) -> str:
    place = f"line {error.lineno}: " if isinstance(error, jinja2.TemplateSyntaxError) else ""
    return place + " ".join(str(error).split())


_library: Final = _Library()
