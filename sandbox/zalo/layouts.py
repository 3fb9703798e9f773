"""PURE. Whether what somebody wants to create is a template that Zalo would review (zalo-api §3 "Component limits")."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.zalo.answers import failed

CUSTOM, AUTHENTICATION, PAYMENT, VOUCHER, RATING = 1, 2, 3, 4, 5
TAGS_OF = {CUSTOM: (1, 2, 3), AUTHENTICATION: (1,), PAYMENT: (1, 3), VOUCHER: (1, 2, 3), RATING: (2,)}
PRICES_VND = {CUSTOM: 200, AUTHENTICATION: 300, PAYMENT: 300, VOUCHER: 300, RATING: 200}  # S7, January 2026
IMAGE_PRICE_VND = 200
NAME, NOTE, TITLE, PARAGRAPH = (10, 60), (1, 400), (9, 65), (9, 400)
ROW_TITLE, ROW_VALUE, BUTTON_TITLE = (3, 36), (3, 90), (5, 30)
MOST_PARAGRAPHS, ROWS, MOST_BUTTONS = 4, (2, 8), 2
MOST_PARAMS_IN_TITLE, MOST_PARAMS = 4, 10
BUTTON_TYPES = range(1, 13)
_NAMED = re.compile(r"<(\w+)>")

# code of the request → (type in listParams, most letters)
PARAM_TYPES = {
    1: ("STRING", 30),
    2: ("STRING", 15),
    3: ("STRING", 200),
    4: ("STRING", 30),
    5: ("STRING", 30),
    6: ("STRING", 30),
    7: ("STRING", 50),
    8: ("STRING", 5),
    9: ("STRING", 200),
    10: ("NUMBER", 20),
    11: ("DATE", 20),
    12: ("STRING", 10),
    13: ("STRING", 200),
    14: ("CURRENCY", 12),
    15: ("BANK_TRANSFER_NOTE", 90),
}


@dataclass(frozen=True)
class Layout:
    """What a phone shows of a layout: title, texts (a table's rows among them) and buttons."""

    title: str
    paragraphs: list[str]
    rows: list[Mapping[str, Any]]
    buttons: list[Mapping[str, Any]]
    images: int

    @property
    def texts(self) -> list[str]:
        return self.paragraphs + [f"{row.get('title', '')}: {row.get('value', '')}" for row in self.rows]


def read(layout: object) -> Layout:
    """The parts of {"header", "body", "footer"}, each {"components": [{"TITLE": {…}}, …]}; missing ones are empty."""
    parts = list(_components(layout))
    return Layout(
        title=next((str(part.get("value", "")) for name, part in parts if name == "TITLE"), ""),
        paragraphs=[str(part.get("value", "")) for name, part in parts if name == "PARAGRAPH"],
        rows=[row for name, part in parts if name == "TABLE" for row in _objects(part.get("rows"))],
        buttons=[item for name, part in parts if name == "BUTTONS" for item in _objects(part.get("items"))],
        images=sum(len(_objects(part.get("items"))) for name, part in parts if name == "IMAGES"),
    )


def _components(layout: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    sections = layout.values() if isinstance(layout, Mapping) else ()
    for section in sections:
        for component in _objects(section.get("components")) if isinstance(section, Mapping) else []:
            for name, part in component.items():
                yield name, part if isinstance(part, Mapping) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, Sequence) else []


def first_problem(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Zalo's refusal of the body of /template/create, or None if it goes to review."""
    kind, tag = whole_number(body.get("template_type")), whole_number(body.get("tag"))
    if not body.get("tracking_id") or kind not in TAGS_OF or tag not in (1, 2, 3):
        return failed(-132)
    if tag not in TAGS_OF[kind] or not _within(body.get("template_name"), NAME) or not _within(body.get("note"), NOTE):
        return failed(-153)
    return _layout_problem(read(body.get("layout")), kind) or _params_problem(body)


def whole_number(value: object) -> int | None:
    """3 from 3 or "3"; None from anything else."""
    return int(str(value)) if str(value).isascii() and str(value).isdecimal() else None


def _within(value: object, limits: tuple[int, int]) -> bool:
    return isinstance(value, str) and limits[0] <= len(value) <= limits[1]


def _layout_problem(layout: Layout, kind: int) -> dict[str, Any] | None:
    if kind == CUSTOM and (not layout.title or not layout.paragraphs):
        return failed(-153)
    titled = not layout.title or (
        _within(layout.title, TITLE) and len(_NAMED.findall(layout.title)) <= MOST_PARAMS_IN_TITLE
    )
    texts = len(layout.paragraphs) <= MOST_PARAGRAPHS and all(_within(text, PARAGRAPH) for text in layout.paragraphs)
    if not titled or not texts:
        return failed(-116)
    rows = not layout.rows or ROWS[0] <= len(layout.rows) <= ROWS[1]
    if not rows or not all(_row_fits(row) for row in layout.rows):
        return failed(-153)
    return _buttons_problem(layout)


def _row_fits(row: Mapping[str, Any]) -> bool:
    fixed = not _NAMED.search(str(row.get("title", "")))
    return fixed and _within(row.get("title"), ROW_TITLE) and _within(row.get("value"), ROW_VALUE)


def _buttons_problem(layout: Layout) -> dict[str, Any] | None:
    if layout.images and not layout.buttons:
        return failed(-1132)
    if len(layout.buttons) > MOST_BUTTONS:
        return failed(-113)
    for button in layout.buttons:
        if whole_number(button.get("type")) not in BUTTON_TYPES or not _within(button.get("title"), BUTTON_TITLE):
            return failed(-113)
        if not button.get("content"):
            return failed(-1131)
    return None


def _params_problem(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Every placeholder has its parameter, of a type there is, with a sample that fits."""
    given = {str(param.get("name", "")): param for param in _objects(body.get("params"))}
    layout = read(body.get("layout"))
    named = set(_NAMED.findall(" ".join([layout.title, *layout.texts])))
    if len(named) > MOST_PARAMS or not named <= set(given):
        return failed(-112)
    for param in given.values():
        kind = whole_number(param.get("type"))
        if kind not in PARAM_TYPES or not _within(param.get("sample_value"), (1, PARAM_TYPES[kind][1])):
            return failed(-112)
    return None


def list_params(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parameters as /template/info will list them once the template is approved."""
    described = []
    for param in _objects(body.get("params")):
        name, most = PARAM_TYPES[whole_number(param.get("type")) or 1]
        about = {"require": True, "type": name, "maxLength": most, "minLength": 0, "acceptNull": False}
        described.append({"name": str(param["name"]), **about})
    return described
