"""Every way a phone number arrives, and the words for the ones that cannot be used."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.fields import FieldError, phone

GOOD = "84912345678"


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "912345678",
        "912345678.0",
        "912345678,00",
        "9.12345678E8",
        "9,12345678E+08",
        "+84 912 345 678",
        "84912345678",
        "8.4912345678E10",
        "0084912345678",
        "+84 (0) 912 345 678",
        "0912.345.678",
        "0912-345-678",
        "(091) 234-5678",
        "０９１２３４５６７８",
        "'0912345678",
        "’0912345678",
        "0912\u00a0345\u202f678",
        "\u200b0912345678\ufeff",
        "\u202d0912345678\u202c",
        " 0912345678 ;",
        "0912345678\n",
    ],
)
def test_it_reads_one_number_in_any_spelling(typed):
    assert phone(typed) == GOOD


@pytest.mark.parametrize("typed", ["", " ", "\u00a0", "-", "'"])
def test_an_empty_cell_is_empty(typed):
    assert phone(typed) == ""


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("91234567,8", "fraction"),
        ("9123456.78", "fraction"),
        ("12345678.0", "fraction"),
        ("9/1/2026 1:30", "hour"),
        ("03/2/2026 1:30", "hour"),
        ("01/21/2026 9:30", "hour"),
        ("9-1-2026 1 : 30", "hour"),
    ],
)
def test_a_fraction_or_an_hour_is_no_number_though_its_digits_would_be_one(typed, why):
    outcome = phone(typed)
    assert isinstance(outcome, FieldError), outcome
    assert (outcome.code, typed in outcome.message) == (f"phone.{why}", True)


def test_a_number_that_lost_its_zero_is_not_mistaken_for_a_country_code():
    assert phone("841234567") == phone("0841234567") == "84841234567"


OLD_PREFIXES = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038", "0169": "039",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), OLD_PREFIXES.items())
@pytest.mark.parametrize("spelling", ["0{}", "{}", "84{}", "+84 {}"])
def test_an_old_eleven_digit_number_becomes_its_successor(old, new, spelling):
    assert phone(spelling.format(old[1:] + "2345678"[:7])) == f"84{new[1:]}2345678"


@pytest.mark.parametrize(
    ("typed", "code", "suggestion"),
    [
        ("0912345678 / 0987654321", "two_numbers", "0912345678"),
        ("0912345678 - 0987654321", "two_numbers", "0912345678"),
        ("0912345678\n0987654321", "two_numbers", "0912345678"),
        ("+84912345678, +84987654321", "two_numbers", "0912345678"),
        ("0912345678 0987654321 0901234567", "two_numbers", "0912345678"),
        ("09123456780987654321", "two_numbers", "0912345678"),
        ("02838123456", "landline", None),
        ("(028) 3812 3456", "landline", None),
        ("+842438123456", "landline", None),
        ("O912345678", "letters", "0912345678"),
        ("09l2345678", "letters", "0912345678"),
        ("0912345678 (mẹ)", "letters", "0912345678"),
        ("chưa có", "letters", None),
        ("٠٩١٢٣٤٥٦٧٨", "letters", None),
        ("09123456٧8", "letters", None),
        ("09123", "too_short", None),
        ("0", "too_short", None),
        ("091234567890", "too_long", None),
        ("0" + "1" * 800, "too_long", None),
        ("0112345678", "prefix", None),
        ("+1 212 555 0100", "foreign", None),
        ("+65 6123 4567", "foreign", None),
        ("0012125550100", "foreign", None),
        ("9.12E+08", "rounded", None),
    ],
)
def test_it_says_what_is_wrong_and_what_was_perhaps_meant(typed, code, suggestion):
    outcome = phone(typed)
    assert isinstance(outcome, FieldError)
    assert (outcome.code, outcome.suggestion) == (f"phone.{code}", suggestion)
    assert outcome.message.startswith("“")
    assert (suggestion or "0912345678") in outcome.message
    assert len(outcome.message) < 160


def test_the_contracts_own_words():
    outcome = phone("09123")
    assert isinstance(outcome, FieldError)
    assert outcome.message == "“09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0912345678 / 0987654321", "có 2 số điện thoại trong ô, chỉ giữ một, có phải 0912345678 không?"),
        ("0912345678 0987654321 0901234567", "có 3 số điện thoại trong ô, chỉ giữ một"),
        ("0912345678" * 4000, "có 4000 số điện thoại trong ô, chỉ giữ một"),
        ("0912345678 0000000000", "thừa chữ số, cần 10 số"),
        ("abc", "có chữ “abc”, chỉ gõ chữ số, cần 10 số, ví dụ 0912345678"),
        ("0912345678 (mẹ) hoặc bố", "có chữ “mẹ, hoặc bố”, chỉ gõ chữ số"),
        ("09123456٧8", "có ký tự “٧”, chỉ gõ chữ số"),
        ("+1 212 555 0100", "không phải số Việt Nam, cần số di động Việt Nam, ví dụ 0912345678"),
    ],
)
def test_it_names_what_it_found(typed, said):
    outcome = phone(typed)
    assert isinstance(outcome, FieldError)
    assert said in outcome.message


@given(st.from_regex(r"0[3-9][0-9]{8}", fullmatch=True))
def test_it_takes_exactly_what_phonenumbers_calls_a_vietnamese_mobile(typed):
    number = phonenumbers.parse(typed, "VN")
    is_mobile = (
        phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    )
    assert (phone(typed) == f"84{typed[1:]}") is is_mobile


@given(st.text(alphabet="0123456789+-. ()/EeOl,'\u00a0\u200b9", max_size=40) | st.text(max_size=20))
def test_whatever_is_typed_the_answer_is_a_mobile_an_error_or_nothing(typed):
    outcome = phone(typed)
    if isinstance(outcome, FieldError):
        return
    assert outcome == "" or (
        len(outcome) == 11 and outcome.isascii() and outcome.isdigit() and outcome.startswith("84")
    )
