"""The pages are written in Vietnamese; every sentence of them has its English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
PO = ROOT / "locale/en/LC_MESSAGES/django.po"
APPS = ("accounts", "integrations", "datahub", "campaigns", "cdp")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
PLACE = re.compile(r"%\(\w+\)s|\{\w+\}|%%")


def in_python(source: str) -> Iterator[str]:
    """Every text that is given to a translation function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def in_template(source: str) -> Iterator[str]:
    """Every text of a translate tag, a blocktranslate block, or `_()` in a tag."""
    for text in re.findall(r"gettext\((u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")", templatize(source)):
        yield ast.literal_eval(text)
    for text in re.findall(r" _\(('[^']*'|\"[^\"]*\")\)", templatize(source)):
        yield ast.literal_eval(text)


def said() -> dict[str, str]:
    """Every text of the product and one file that says it."""
    found: dict[str, str] = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            found |= dict.fromkeys(in_python(path.read_text()), str(path.relative_to(ROOT)))
    for path in (ROOT / "templates").rglob("*.html"):
        found |= dict.fromkeys(in_template(path.read_text()), str(path.relative_to(ROOT)))
    return found


@pytest.fixture(scope="module")
def english() -> dict[str, polib.POEntry]:
    return {entry.msgid: entry for entry in polib.pofile(str(PO))}


def words(entry: polib.POEntry) -> list[str]:
    """The translations of an entry: one, or one for each plural form."""
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def test_every_text_has_its_english(english):
    missing = {text: place for text, place in said().items() if text not in english or not all(words(english[text]))}
    assert missing == {}


def test_the_extractor_sees_tags_blocks_and_calls():
    assert list(
        in_template('{% translate "Một" %}{% blocktranslate with n=3 %}Hai {{ n }}{% endblocktranslate %}')
    ) == [
        "Một",
        "Hai %(n)s",
    ]
    assert list(in_template('{% include "x" with name=_("Ba") %}')) == ["Ba"]
    assert list(in_python('_("Bốn"); ngettext("Năm", "Năm", 2); f("Sáu")')) == ["Bốn", "Năm"]


def test_a_translation_keeps_the_places_of_its_text(english):
    wrong = [
        entry.msgid
        for entry in english.values()
        for text in words(entry)
        if not set(PLACE.findall(text)) <= set(PLACE.findall(entry.msgid))
        or (not entry.msgid_plural and set(PLACE.findall(text)) != set(PLACE.findall(entry.msgid)))
    ]
    assert wrong == []


def test_the_compiled_file_is_current(english):
    compiled = polib.mofile(str(PO.with_suffix(".mo")))
    assert {entry.msgid: words(entry) for entry in compiled} == {key: words(entry) for key, entry in english.items()}


def test_nothing_is_kept_that_nobody_says(english):
    assert set(english) - set(said()) == set()


def test_the_language_is_really_switched():
    with translation.override("en"):
        assert gettext("Chiến dịch") == "Campaigns"
    with translation.override("vi"):
        assert gettext("Chiến dịch") == "Chiến dịch"
