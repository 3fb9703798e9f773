"""The wording lint warns of what it should, and does not cry wolf."""

from __future__ import annotations

import pytest

from integrations.zalo.lint import lint

CARE, PROMOTION = 2, 3


def codes(body: str, *, tag: int = CARE, title: str = "") -> set[str]:
    return {finding.code for finding in lint(tag=tag, title=title, body=body)}


@pytest.mark.parametrize(
    "body",
    [
        "Giảm giá 20% cho lần tới",
        "Chương trình khuyến mãi lớn",
        "Ưu đãi dành riêng cho bạn",
        "Phòng khám gửi tặng bạn <customer_name> một voucher",
        "Tái khám miễn phí trong tháng này",
        "Chỉ còn 99.000đ",
        "chỉ còn <price> cho một lần",
        "Duy nhất hôm nay",
        "Nhanh tay đăng ký",
        "Mua 1 tặng 1",
    ],
)
def test_a_care_message_that_reads_like_an_offer_is_told(body):
    assert "offer" in codes(body)
    assert "offer" not in codes(body, tag=PROMOTION)


@pytest.mark.parametrize(
    "body",
    [
        "Phòng khám tặng bạn lời chúc sức khỏe",
        "Gửi tặng quý khách những lời cảm ơn chân thành",
        "Súc miệng bằng nước muối 0,9%",
        "Sát khuẩn với cồn 70%",
        "Bạn đã hồi phục được 90%",
        "Gọi miễn phí 1800 1234 nếu đau",
        "Liệu trình chỉ còn 2 buổi",
        "Thuốc giúp giảm đau, giảm sưng",
        "Cảm ơn bạn đã hiến tặng máu",
        "Chào bạn <customer_name>, mã <customer_id>",
    ],
)
def test_what_only_sounds_like_an_offer_is_left_alone(body):
    assert codes(body) == set()


@pytest.mark.parametrize(
    ("title", "body", "found"),
    [
        ("CHĂM SÓC RĂNG MIỆNG", "Chào bạn", {"shouting"}),
        ("", "LIÊN HỆ NGAY với chúng tôi", {"shouting"}),
        ("", "Nha khoa ABC, tòa nhà VTP", set()),
        ("💙", "🩺 Chào bạn 😀 <customer_name>", set()),
        ("💙", "🩺 Chào bạn 😀😀", {"emoji"}),
        ("", "Cảm ơn bạn đã nhổ răng", {"treatment"}),
        ("", "Cảm ơn bạn đã dùng <service>", {"treatment"}),
        ("", "Cảm ơn bạn đã sử dụng dịch vụ", set()),
        ("", "", set()),
    ],
)
def test_other_habits_of_wording(title, body, found):
    assert codes(body, title=title) == found


@pytest.mark.parametrize(("body", "found"), [("Ưu đãi 20%", {"no_way_out"}), ("Nhắn TỪ CHỐI để ngừng nhận", set())])
def test_a_promotion_says_how_to_stop_it(body, found):
    assert codes(body, tag=PROMOTION) == found


def test_the_words_are_named_once_each():
    (finding,) = lint(tag=CARE, title="Ưu đãi", body="ưu đãi và voucher")
    assert finding.words == ("ưu đãi", "voucher")
