"""Bodies of modals and of what is in them."""

from tests.calling import Json


def labelled(component: Json, label: str = "Field", **more: object) -> Json:
    return {"type": 18, "label": label, "component": component, **more}


def text(custom_id: str = "text", **more: object) -> Json:
    return {"type": 4, "style": 2, "custom_id": custom_id, **more}


def options(*labels: str, default: str = "") -> list[Json]:
    return [
        {"label": one, "value": one.lower(), **({"default": True} if one == default else {})}
        for one in labels
    ]


def many(count: int) -> list[Json]:
    return options(*(f"Option {number}" for number in range(count)))


def select(*, offered: list[Json] | None = None, **more: object) -> Json:
    return {"type": 3, "custom_id": "select", "options": offered or options("Red", "Blue"), **more}


def radio(*, offered: list[Json] | None = None, **more: object) -> Json:
    return {"type": 21, "custom_id": "radio", "options": offered or options("Red", "Blue"), **more}


def boxes(*, offered: list[Json] | None = None, **more: object) -> Json:
    return {"type": 22, "custom_id": "boxes", "options": offered or options("Red", "Blue"), **more}


def box(**more: object) -> Json:
    return {"type": 23, "custom_id": "box", **more}


def people(kind: int = 5, **more: object) -> Json:
    return {"type": kind, "custom_id": f"people{kind}", **more}


def upload(**more: object) -> Json:
    return {"type": 19, "custom_id": "upload", **more}


def old_row(**more: object) -> Json:
    return {"type": 1, "components": [{**text("old"), "label": "Old text", **more}]}


def modal(*components: Json, title: str = "A form") -> Json:
    return {"custom_id": "m", "title": title, "components": list(components)}
