"""Says in one line each what a validator found, narrowed down to the form that was meant."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jsonschema_rs import ValidationError, ValidationErrorKind

_HALF = 150
_Place = tuple[str | int, ...]


class Problem(NamedTuple):
    """What is wrong, and where in the body."""

    place: _Place
    text: str

    def __str__(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.place)
        return f"${''.join(steps)}: {self.text}"


def problems_of(errors: Iterable[ValidationError]) -> list[Problem]:
    """Give what is wrong; of several forms that a value can have, only for the one that was meant.

    An object whose `type` is that of one form only was meant as this form.
    """
    found: list[Problem] = []
    for error in errors:
        kind, place = error.kind, tuple(error.instance_path)
        if isinstance(kind, ValidationErrorKind.AdditionalProperties):
            found += [
                Problem((*place, name), "the description has no such field") for name in kind.unexpected
            ]
        elif isinstance(kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
            found += _of_the_meant(place, error.instance, kind.context)
        else:
            found.append(Problem(place, _short(error.message)))
    return found


def _of_the_meant(place: _Place, value: object, forms: Sequence[Sequence[ValidationError]]) -> list[Problem]:
    meant = [problems_of(form) for form in forms if not any(_is_another(one, place) for one in form)]
    if meant:
        return min(meant, key=len)
    said = "; ".join(dict.fromkeys(one.message for form in forms for one in form if _is_another(one, place)))
    shown = "the object" if isinstance(value, dict) else json.dumps(value)
    return [Problem(place, _short(f"{shown} fits no form: {said}"))]


def _is_another(error: ValidationError, place: _Place) -> bool:
    """Tell whether an error says that a value was meant as another form."""
    if isinstance(error.kind, ValidationErrorKind.Type):
        return tuple(error.instance_path) == place
    if isinstance(error.kind, ValidationErrorKind.Constant | ValidationErrorKind.Enum):
        return tuple(error.instance_path) in {place, (*place, "type")}
    return False


def _short(text: str) -> str:
    """Leave out the middle of a long text: it begins with the value, and ends with what is wrong with it."""
    return text if len(text) <= 2 * _HALF else f"{text[:_HALF]}…{text[-_HALF:]}"
