"""Every error code of Zalo's two tables, against the class that integrators read in it."""

from __future__ import annotations

import sys

import pytest

from integrations.base import NotNow, Refused, Reopens, RetryLater, Scope
from integrations.zalo.errors import BUSINESS, OPENAPI, TOKEN_EXPIRED, Host, Meaning, meaning

# A refresh once and ask again, R this recipient, P payload or template, O account, Q quota window, N night, X back off.
DOCUMENTED = {
    Host.BUSINESS: {
        "A": (-124,),
        "R": (-108, -110, -114, -118, -119, -134, -139, -140, -141),
        "P": (
            *(-106, -107, -109, -1091, -111, -112, -1121, -1122, -1123, -1124, -113, -1131, -1132, -116, -117, -121),
            *(-122, -123, -127, -128, -129, -130, -131, -132, -142, -143, -146, -148, -149, -1491, -150, -151, -152),
            *(-153, -158, -159, -161, -162),
        ),
        "O": (
            *(-101, -102, -103, -104, -105, -115, -120, -1201, -1202, -1241, -125, -126, -135, -1351, -136, -137),
            *(-138, -1381, -145),
        ),
        "Q": (-144, -1441, -147, -1471, -1472, -160),
        "N": (-133,),
        "X": (-32, -100),
    },
    Host.OPENAPI: {
        "A": (-216, -220),
        "R": (-213, -217, -227, -230, -231, -232, -244),
        "P": (-100, -201, -210, -233, -237, -238, -240, -241, -248, -249, -403),
        "O": (-204, -205, -209, -212, -219, -221, -223, -224, -235, -242, -320, -321),
        "Q": (-211, -218),
        "N": (-234,),
        "X": (-32, -200),
    },
}
# Where we do otherwise on purpose, and why.
OURS = {
    (Host.BUSINESS, -145): "P",  # the account's other tags are not at fault: its templates of this tag are
    (Host.OPENAPI, -249): "R",  # the template is fine by phone: only this way is closed
    # What an account may send by user id has a quota and rights of its own: by phone it goes on.
    **dict.fromkeys([(Host.OPENAPI, code) for code in (-209, -211, -212, -218, -223, -224, -235)], "R"),
}


def kind(code: int, result: Meaning) -> str:
    """The letter of what we do about it."""
    match result:
        case _ if code in TOKEN_EXPIRED:
            return "A"
        case RetryLater() | NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON):
            return "X"
        case NotNow("zalo_night"):
            return "N"
        case NotNow(_, Scope.ACCOUNT, Reopens.BY_HAND):
            return "O"
        case NotNow(_, Scope.WINDOW):
            return "Q"
        case Refused(_, Scope.TEMPLATE):
            return "P"
    return "R"


@pytest.mark.parametrize("host", Host)
def test_every_documented_code_is_understood_as_documented(host: Host) -> None:
    documented = {code: letter for letter, codes in DOCUMENTED[host].items() for code in codes}
    expected = {code: OURS.get((host, code), letter) for code, letter in documented.items()}
    understood = {code: meaning(host, code, "") for code in expected}
    for code in sorted(expected, reverse=True):
        sys.stdout.write(f"{host:8} {code:6} {documented[code]} {understood[code]}\n")
    assert {code: kind(code, result) for code, result in understood.items()} == expected
    assert not any("unknown_code" in result.facts for result in understood.values())


def test_nothing_is_in_the_tables_that_no_document_speaks_of() -> None:
    business = {code for codes in DOCUMENTED[Host.BUSINESS].values() for code in codes} | TOKEN_EXPIRED
    assert BUSINESS.keys() == business
    assert OPENAPI.keys() == business | {code for codes in DOCUMENTED[Host.OPENAPI].values() for code in codes}


@pytest.mark.parametrize(
    ("host", "code", "reason", "reopens"),
    [
        (Host.BUSINESS, -144, "daily_quota", Reopens.NEXT_DAY),
        (Host.BUSINESS, -1441, "promotion_month_quota", Reopens.NEXT_MONTH),
        (Host.BUSINESS, -147, "template_day_quota", Reopens.NEXT_DAY),
        (Host.BUSINESS, -1471, "user_month_quota", Reopens.NEXT_MONTH),
        (Host.BUSINESS, -1472, "user_day_quota", Reopens.NEXT_DAY),
        (Host.BUSINESS, -133, "zalo_night", Reopens.MORNING),
        (Host.BUSINESS, -32, "vendor_busy", Reopens.SOON),
        (Host.OPENAPI, -234, "zalo_night", Reopens.MORNING),
    ],
)
def test_a_closed_window_is_waited_for_by_its_own_name(host: Host, code: int, reason: str, reopens: Reopens) -> None:
    assert meaning(host, code, "…") == NotNow(reason, Scope.WINDOW, reopens, {"code": code, "zalo": "…"})


@pytest.mark.parametrize(
    ("host", "code", "reason", "scope"),
    [
        (Host.BUSINESS, -118, "not_on_zalo", Scope.RECIPIENT),
        (Host.BUSINESS, -108, "phone_invalid", Scope.RECIPIENT),
        (Host.BUSINESS, -141, "recipient_refuses", Scope.PERSON),
        (Host.BUSINESS, -139, "recipient_refuses_kind", Scope.PERSON),
        (Host.BUSINESS, -140, "promotion_not_eligible", Scope.PERSON),
        (Host.BUSINESS, -131, "template_refused", Scope.TEMPLATE),
        (Host.BUSINESS, -145, "tag_not_entitled", Scope.TEMPLATE),
        (Host.OPENAPI, -213, "not_follower", Scope.RECIPIENT),
        (Host.OPENAPI, -227, "not_on_zalo", Scope.RECIPIENT),
        (Host.OPENAPI, -230, "chat_window_closed", Scope.RECIPIENT),
        (Host.OPENAPI, -249, "template_refused", Scope.RECIPIENT),
        (Host.OPENAPI, -244, "recipient_refuses_kind", Scope.PERSON),
        (Host.OPENAPI, -217, "recipient_refuses", Scope.PERSON),
        (Host.OPENAPI, -211, "chat_quota", Scope.RECIPIENT),
        (Host.OPENAPI, -218, "chat_quota", Scope.RECIPIENT),
        *((Host.OPENAPI, code, "api_not_allowed", Scope.RECIPIENT) for code in (-209, -212, -223, -224, -235)),
    ],
)
def test_another_way_is_worth_a_try_only_where_this_way_is_what_failed(
    host: Host, code: int, reason: str, scope: Scope
) -> None:
    result = meaning(host, code, "…")
    assert isinstance(result, Refused)
    assert (result.reason, result.scope) == (reason, scope)


@pytest.mark.parametrize(("host", "code"), [(Host.BUSINESS, -115), (Host.BUSINESS, -137), (Host.OPENAPI, -321)])
def test_money_is_for_a_person_not_for_tomorrow(host: Host, code: int) -> None:
    facts = {"money": True, "code": code, "zalo": "hết tiền"}
    assert meaning(host, code, "hết tiền") == NotNow("account_blocked", Scope.ACCOUNT, Reopens.BY_HAND, facts)


@pytest.mark.parametrize(
    ("code", "text", "letter"),
    [
        (-201, "user_id is invalid!", "R"),
        (-201, "template_id is invalid!", "P"),
        (-223, "OA has not authorized this API", "R"),
        (-223, "Your OA has reached the limit of article quota", "Q"),
    ],
)
def test_two_codes_of_the_openapi_host_are_told_apart_by_their_text(code: int, text: str, letter: str) -> None:
    assert kind(code, meaning(Host.OPENAPI, code, text)) == letter


def test_the_same_number_means_another_thing_at_the_other_host() -> None:
    assert isinstance(meaning(Host.BUSINESS, -100, "Unknown error"), RetryLater)
    assert isinstance(meaning(Host.OPENAPI, -100, "attachment_id was expired"), Refused)


def test_an_unknown_code_is_a_passing_fault_that_says_so() -> None:
    facts = {"code": -777, "zalo": "x" * 200, "unknown_code": True}
    assert meaning(Host.BUSINESS, -777, "x" * 300) == RetryLater("vendor_busy", facts)
