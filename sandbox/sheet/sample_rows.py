"""The practice sheet of “Nha khoa Sao Mai”: invented people, believable visits, and the slips that staff make."""

from datetime import date, timedelta

COLUMNS = [
    "Mã khách hàng",
    "Họ và tên",
    "Số điện thoại",
    "Dịch vụ",
    "Ngày khám",
    "Bác sĩ",
    "Chi nhánh",
    "Ngày tái khám",
    "Trạng thái",
    "Gửi webhook",
    "Trạng thái gửi Webhook",
    "_cdp_id",
]
BLANK_ROWS = 10

_BOOKED, _UNDER_WAY, _DONE, _OFF = "Đặt lịch", "Đang điều trị", "Đã hoàn thành", "Hủy"
_SEND, _KEEP = "Đã gửi", ""
_TRANG, _KHOA, _HUONG, _LONG = "BS. Lê Thu Trang", "BS. Trần Đăng Khoa", "BS. Phạm Mai Hương", "BS. Võ Thành Long"
_Q1, _TD, _GV = "Sao Mai Quận 1", "Sao Mai Thủ Đức", "Sao Mai Gò Vấp"

# name, phone, service, visit (days from today, or the text as typed), doctor, branch, return visit, status, request
_Visit = tuple[str, str, str, int | str, str, str, int | str, str, str]

_RIGHT: list[_Visit] = [
    ("Nguyễn Thị Thu Hà", "0903 718 264", "Nhổ răng khôn", 0, _KHOA, _Q1, 7, _DONE, _SEND),
    ("Trần Minh Quân", "0987 340 152", "Lấy cao răng", 0, _TRANG, _Q1, 180, _DONE, _SEND),
    ("Lê Hoàng Bảo Ngọc", "0357 902 418", "Niềng răng", -1, _HUONG, _TD, 28, _UNDER_WAY, _SEND),
    ("Phạm Văn Dũng", "0918 265 730", "Cấy ghép implant", -2, _KHOA, _Q1, 10, _DONE, _SEND),
    ("Đặng Thị Ánh Tuyết", "0779 431 086", "Tẩy trắng răng", 0, _TRANG, _GV, "", _DONE, _SEND),
    ("Võ Ngọc Phương Vy", "0868 127 593", "Điều trị da liễu", -1, _LONG, _GV, 14, _UNDER_WAY, _SEND),
    ("Bùi Quốc Thịnh", "0932 584 107", "Trám răng thẩm mỹ", -3, _TRANG, _Q1, "", _DONE, _SEND),
    ("Huỳnh Thị Kim Ngân", "0399 246 815", "Bọc răng sứ", -1, _KHOA, _TD, 5, _UNDER_WAY, _SEND),
    ("Đỗ Gia Huy", "0845 713 920", "Khám răng trẻ em", 1, _HUONG, _TD, "", _BOOKED, _SEND),
    ("Ngô Thanh Tâm", "0976 058 341", "Điều trị tủy", -2, _KHOA, _Q1, 3, _UNDER_WAY, _SEND),
    ("Dương Mỹ Linh", "0706 392 584", "Điều trị mụn", 0, _LONG, _GV, 21, _DONE, _SEND),
    ("Hồ Đức Anh", "0963 817 205", "Nhổ răng khôn", 2, _KHOA, _TD, "", _BOOKED, _SEND),
    ("Lý Thị Mai Phương", "0589 264 730", "Lấy cao răng", -4, _TRANG, _GV, 176, _DONE, _SEND),
    ("Phan Công Thành", "0911 473 698", "Niềng răng", -7, _HUONG, _Q1, 21, _UNDER_WAY, _SEND),
    ("Vũ Hải Yến", "0382 905 146", "Tẩy trắng răng", 3, _TRANG, _Q1, "", _BOOKED, _SEND),
    ("Trương Quang Vinh", "0798 160 354", "Cấy ghép implant", 5, _KHOA, _TD, "", _BOOKED, _SEND),
    ("Mai Thị Hồng Nhung", "0944 732 058", "Điều trị da liễu", -5, _LONG, _GV, 9, _DONE, _SEND),
    ("Cao Nhật Minh", "0333 581 972", "Nhổ răng sữa", -1, _HUONG, _TD, "", _DONE, _SEND),
    ("Tạ Thị Bích Diệp", "0856 294 017", "Bọc răng sứ", -6, _KHOA, _Q1, "", _OFF, _SEND),
    ("Đinh Trọng Nghĩa", "912345678", "Trám răng thẩm mỹ", -2, _TRANG, _GV, "", _DONE, _SEND),
    ("Lâm Khánh Chi", "+84 938 417 265", "Điều trị mụn", 1, _LONG, _GV, "", _BOOKED, _SEND),
    ("Nguyễn Hữu Phước", "01234567890", "Lấy cao răng", -8, _TRANG, _Q1, 172, _DONE, _SEND),
    ("Trịnh Thị Lan Anh", "0905 682 314", "Điều trị nha chu", 0, _KHOA, _TD, 14, _UNDER_WAY, _KEEP),
    ("Châu Tuấn Kiệt", "0367 148 529", "Nhổ răng khôn", 0, _KHOA, _Q1, 7, _UNDER_WAY, _KEEP),
    ("Lưu Thị Thanh Trúc", "0814 936 270", "Tẩy nốt ruồi", 0, _LONG, _GV, "", _DONE, _KEEP),
    ("Hoàng Anh Tú", "0978 350 461", "Khám tổng quát", 1, _TRANG, _TD, "", _BOOKED, _KEEP),
    ("Quách Gia Bảo", "0922 607 183", "Niềng răng", 2, _HUONG, _Q1, "", _BOOKED, _KEEP),
    ("Đoàn Thị Cẩm Tú", "0349 815 762", "Tẩy trắng răng", 4, _TRANG, _GV, "", _BOOKED, _KEEP),
    ("Kiều Minh Triết", "0835 270 946", "Điều trị tủy", 6, _KHOA, _TD, "", _BOOKED, _KEEP),
]

_WRONG: list[_Visit] = [
    ("Nguyễn Thị Hoa", "09123", "Nhổ răng khôn", 0, _KHOA, _Q1, 7, _DONE, _SEND),
    ("Phùng Văn Tài", "09o8 445 172", "Lấy cao răng", -1, _TRANG, _Q1, "", _DONE, _SEND),
    ("Tô Thị Diễm My", "0907 551 283 / 0388 214 906", "Điều trị mụn", 0, _LONG, _GV, 14, _UNDER_WAY, _SEND),
    ("Nghiêm Xuân Bách", "028 3829 5724", "Trám răng thẩm mỹ", -2, _TRANG, _TD, "", _DONE, _SEND),
    ("Thái Thị Ngọc Trâm", "0935 806 417", "Cấy ghép implant", "31/02/2026", _KHOA, _Q1, "", _BOOKED, _SEND),
    ("Doãn Chí Công", "0971 238 605", "Niềng răng", "12/25/2026", _HUONG, _TD, "", _BOOKED, _SEND),
    ("Vương Thị Quỳnh", "0859 417 320", "Tẩy trắng răng", "21/11/1900", _TRANG, _GV, "", _UNDER_WAY, _SEND),
    ("", "0396 582 741", "Điều trị da liễu", -1, _LONG, _GV, 13, _DONE, _SEND),
    ("Hà Kiều Oanh", "0766 391 508", "Bọc răng sứ", -3, _KHOA, _TD, "", "Xong rồi", _KEEP),
    ("Tăng Bảo Long", "0899 173 46", "Khám răng trẻ em", 1, _HUONG, _TD, "", _BOOKED, _KEEP),
]


def sample_rows(today: date) -> list[list[str]]:
    """The rows under `COLUMNS`: right and wrong ones mixed as in a real sheet, then blank ones to type into."""
    visits = list(_RIGHT)
    for place, visit in enumerate(_WRONG):
        visits.insert(2 + place * 4, visit)
    filled = [_row(f"KH{number:03}", visit, today) for number, visit in enumerate(visits, start=1)]
    return filled + [[""] * len(COLUMNS) for _ in range(BLANK_ROWS)]


def _row(code: str, visit: _Visit, today: date) -> list[str]:
    name, phone, service, day, doctor, branch, back, status, request = visit
    return [
        code,
        name,
        phone,
        service,
        _shown(day, today),
        doctor,
        branch,
        _shown(back, today),
        status,
        request,
        "",
        "",
    ]


def _shown(day: int | str, today: date) -> str:
    return day if isinstance(day, str) else f"{today + timedelta(days=day):%d/%m/%Y}"
