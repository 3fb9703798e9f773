"""PURE. Does a template's wording look like what its tag is not, or like what Zalo's reviewers and patients dislike?

A hint for a person, never a reason to hold a message. Advice for each code is in `campaigns/zalo_words.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.base import Tag
from integrations.zalo.contract import PLACEHOLDER

# Ours: Zalo names no number. A heart and a tooth are friendly, a row of them is an advertisement.
MOST_EMOJI = 3
SHOUTED_WORDS = 3

_PERSON = r"(?:\s+(?:bạn|anh|chị|cô|chú|bác|em|mình|quý khách|khách hàng|khách|<\w+>))*"
# Said first and taken away, since they only sound like an offer.
_INNOCENT = re.compile(
    r"(?:hotline|tổng đài|gọi|đường dây)\s+(?:hoàn toàn\s+)?miễn phí"
    rf"|(?<!\w)(?:gửi\s+)?tặng{_PERSON}\s+(?:một\s+|những\s+|ngàn\s+)?(?:lời|nụ cười)"
    r"|hiến tặng"
    r"|chỉ còn\s+\d+\s*(?:buổi|lần|mũi|bước|chiếc răng)"
    r"|(?:cồn|muối|dung dịch|nồng độ|độ ẩm|oxy|spo2|phục hồi|hồi phục|khỏi)(?:\s+[^\s\d]+){0,2}\s+\d+(?:[.,]\d+)?\s?%"
)
_OFFER = re.compile(
    r"(?<!\w)(?:giảm giá|giảm ngay|giảm tới|giảm đến|khuyến mãi|khuyến mại|ưu đãi|voucher|coupon|mã giảm|chiết khấu"
    r"|đồng giá|trợ giá|giá sốc|giá tốt|flash sale|sale off|siêu sale|hot deal|quà tặng|tặng|miễn phí"
    r"|số lượng có hạn|nhanh tay|đừng bỏ lỡ|kẻo lỡ|hạn chót|cơ hội cuối|(?:duy nhất|chỉ) (?:trong )?hôm nay)(?!\w)"
    r"|(?<!\w)chỉ còn\s+(?:từ\s+)?(?=\d|<)"
    r"|\d+(?:[.,]\d+)?\s?%"
)
# What was done to a patient is health data: a message that somebody else may read says "dịch vụ".
_TREATMENT = re.compile(
    r"(?<!\w)(?:nhổ răng|trám răng|hàn răng|niềng răng|chỉnh nha|bọc răng|răng sứ|tẩy trắng răng|cạo vôi|lấy tủy"
    r"|chữa tủy|implant|tiểu phẫu|phẫu thuật|nâng mũi|cắt mí|hút mỡ|nâng ngực|botox|filler|laser|lăn kim|peel da"
    r"|trị mụn|trị nám|trị sẹo|triệt lông|nội soi|xạ trị|hóa trị|nạo|phá thai|sinh thiết|thụ tinh ống nghiệm)(?!\w)"
)
_TREATMENT_PARAM = re.compile(r"<(?:\w*service\w*|\w*treatment\w*|\w*dich_vu\w*|\w*dieu_tri\w*|\w*diagnos\w*)>")
_WAY_OUT = re.compile(r"từ chối|ngừng nhận|ngưng nhận|dừng nhận|hủy nhận|huỷ nhận|không nhận")
_EMOJI = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50\u2B55\u2763\u2764]")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Finding:
    """One thing to look at: `offer`, `shouting`, `emoji`, `treatment` or `no_way_out`, and the words it is about."""

    code: str
    words: tuple[str, ...] = ()


def lint(*, tag: int, title: str, body: str) -> list[Finding]:
    """What a reader should look at again. `body` is paragraphs with <param> placeholders; an empty wording says nothing."""
    wording = unicodedata.normalize("NFC", f"{title}\n{body}")
    return list(_findings(tag, wording)) if wording.strip() else []


def _findings(tag: int, wording: str) -> Iterator[Finding]:
    lower = wording.lower()
    if tag != Tag.PROMOTION and (words := _found(_OFFER, _INNOCENT.sub(" ", lower))):
        yield Finding("offer", words)
    if words := tuple(_shouted(PLACEHOLDER.sub("\n", wording))):
        yield Finding("shouting", words)
    if len(emoji := _EMOJI.findall(wording)) > MOST_EMOJI:
        yield Finding("emoji", tuple(emoji))
    if words := _found(_TREATMENT, lower) + _found(_TREATMENT_PARAM, lower):
        yield Finding("treatment", words)
    if tag == Tag.PROMOTION and not _WAY_OUT.search(lower):
        yield Finding("no_way_out")


def _found(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0].strip() for match in pattern.finditer(text)))


def _shouted(wording: str) -> Iterator[str]:
    """Runs of words in capitals; an abbreviation or a clinic's name of two words is none."""
    for line in wording.split("\n"):
        run: list[str] = []
        for word in [*_WORD.findall(line), ""]:
            if len(word) > 1 and word.isupper():
                run.append(word)
                continue
            if len(run) >= SHOUTED_WORDS:
                yield " ".join(run)
            run = []
