"""PURE but for the language. The picture of a campaign: boxes below one another, joined by arrows. Geometry only, in SVG units."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns import words
from campaigns.definition import Definition, DelayStep, SendStep, Step
from datahub.filtering import words as filter_words

WIDTH = 360
LEFT = 8
BOX = WIDTH - 2 * LEFT
GAP = 30
TOP = 12
LINE = 19
TEXT_X = LEFT + 56
LETTERS = 37  # that fit on a line of a box


@dataclass(frozen=True)
class Names:
    """What a picture needs to know beside the definition: labels of fields, names of templates, who waits where."""

    fields: Mapping[str, str]
    templates: Mapping[int, str]
    source: str = ""
    waiting: Mapping[str, int] | None = None
    is_sample: bool = False


@dataclass(frozen=True)
class Part:
    """One thing a campaign does, before it has a place."""

    kind: str
    icon: str
    kicker: str
    text: str
    more: str = ""
    waiting: int = 0
    todo: bool = False


@dataclass(frozen=True)
class Line:
    """A line of text in a box."""

    y: int
    text: str
    soft: bool


@dataclass(frozen=True)
class Node:
    """A part with its place."""

    part: Part
    y: int
    height: int
    lines: tuple[Line, ...]

    @property
    def bottom(self) -> int:
        """Where the arrow leaves."""
        return self.y + self.height

    @property
    def middle(self) -> int:
        """Where the icon's centre is."""
        return self.y + self.height // 2


@dataclass(frozen=True)
class Flow:
    """The whole picture."""

    nodes: tuple[Node, ...]
    width: int = WIDTH
    box: int = BOX
    left: int = LEFT
    text_x: int = TEXT_X

    @property
    def height(self) -> int:
        """Down to the last box."""
        return self.nodes[-1].bottom + TOP

    @property
    def links(self) -> Iterator[tuple[int, int]]:
        """From the bottom of each box to just above the next."""
        return ((node.bottom, following.y - 7) for node, following in zip(self.nodes, self.nodes[1:], strict=False))

    @property
    def spoken(self) -> str:
        """The picture for those who cannot see it."""
        return " → ".join(f"{node.part.kicker}: {node.part.text}" for node in self.nodes)


def draw(definition: Definition, names: Names) -> Flow:
    """Place trigger, source, filter and every step."""
    nodes: list[Node] = []
    y = TOP
    for part in _parts(definition, names):
        node = _place(part, y)
        nodes.append(node)
        y = node.bottom + GAP
    return Flow(tuple(nodes))


def _place(part: Part, y: int) -> Node:
    texts = [(line, False) for line in _wrap(part.text)] + [(line, True) for line in _wrap(part.more)]
    first = y + 41
    lines = tuple(Line(first + LINE * index, text, soft) for index, (text, soft) in enumerate(texts))
    return Node(part, y, 38 + LINE * len(lines), lines)


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, LETTERS, max_lines=2, placeholder="…")


def _parts(definition: Definition, names: Names) -> Iterator[Part]:
    yield Part("trigger", "bolt", _("Điều kiện kích hoạt"), words.trigger(definition.trigger, names.fields))
    funnel = _("Webhook từ Google Sheet") if definition.syncs else "Data Hub"
    yield Part("source", "funnel", _("Phễu dữ liệu"), funnel, names.source)
    yield Part("filter", "filter", _("Điều kiện lọc"), filter_words.sentence(definition.filter, names.fields))
    for step in definition.steps:
        yield _step(step, names)


def _step(step: Step, names: Names) -> Part:
    waiting = (names.waiting or {}).get(step.key, 0)
    if isinstance(step, DelayStep):
        text = words.duration(step.minutes)
        return Part("delay", "hourglass", _("Trì hoãn"), text, words.anchor(step.anchor, names.fields), waiting)
    if isinstance(step, SendStep):
        chosen = names.templates.get(step.template or 0, "")
        if names.is_sample:
            chosen = _("Mẫu tin ZNS của doanh nghiệp")
        return Part("send", "send", _("Gửi ZNS"), chosen or _("Chưa chọn mẫu tin"), "", waiting, todo=not chosen)
    return Part(
        "upsert", "table", _("Hành động"), _("Ghi dòng đúng vào Data Hub"), _("Dòng sai: báo lý do vào ô"), waiting
    )
