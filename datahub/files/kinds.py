"""PURE. What a file is, by its own bytes: its name may say anything."""

from __future__ import annotations

import re
from enum import StrEnum

from datahub.files.problems import EMPTY, FileProblem

HEAD = 65_536
"""How many of a file's first bytes tell what it is."""

_SAVE_AS = "Hãy mở tệp rồi Lưu thành (Save as) .xlsx hoặc .csv, sau đó tải lên lại."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_HTML = re.compile(rb"<(?:!doctype html|html|table|head|meta|style|body)\b", re.IGNORECASE)
_XML = re.compile(rb"<\?xml|<(?:ss:)?Workbook\b", re.IGNORECASE)
_JSON = re.compile(r'\s*[\[{]\s*(?:[\[{]|"(?:[^"\\\n]|\\.)*"\s*:)')


class Kind(StrEnum):
    """The two kinds that are read."""

    TEXT = "text"
    WORKBOOK = "workbook"


def kind_of(head: bytes, names: frozenset[str] = frozenset()) -> Kind | FileProblem:
    """What the file is, from its first `HEAD` bytes; `names` are the entries of a zip, where it is one."""
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        return EMPTY
    if head.startswith(b"PK"):
        return _zip(names)
    return _refused(head) or Kind.TEXT


def _zip(names: frozenset[str]) -> Kind | FileProblem:
    if "xl/workbook.xml" in names:
        return Kind.WORKBOOK
    if "xl/workbook.bin" in names:
        return FileProblem("file.xlsb", f"Đây là tệp Excel nhị phân (.xlsb). {_SAVE_AS}")
    if "content.xml" in names:
        return FileProblem("file.ods", f"Đây là tệp LibreOffice (.ods). {_SAVE_AS}")
    if "word/document.xml" in names:
        return FileProblem("file.docx", "Đây là tệp Word. Hãy chép bảng sang Excel rồi lưu thành .xlsx.")
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
        return FileProblem("file.numbers", "Đây là tệp Numbers của Apple. Hãy Xuất ra (Export) .xlsx hoặc .csv.")
    if names:
        return FileProblem("file.zip", "Đây là tệp nén .zip. Hãy giải nén rồi tải lên từng tệp .xlsx hoặc .csv.")
    return FileProblem(
        "file.corrupt", "Tệp Excel bị hỏng hoặc tải lên chưa trọn. Hãy mở bằng Excel, Lưu thành .xlsx rồi tải lên lại."
    )


def _refused(head: bytes) -> FileProblem | None:
    if head.startswith(_OLE):
        return _old_office(head)
    if head.startswith(b"%PDF"):
        return FileProblem("file.pdf", "Đây là tệp PDF. Hãy xin tệp Excel hoặc CSV gốc, PDF không nhập được.")
    if head.startswith(_ARCHIVES):
        return FileProblem("file.archive", "Đây là tệp nén. Hãy giải nén rồi tải lên từng tệp .xlsx hoặc .csv.")
    if head.startswith(_PICTURES):
        return FileProblem("file.picture", "Đây là ảnh. Hãy tải lên tệp .xlsx hoặc .csv chứa bảng dữ liệu.")
    if head.startswith(b"{\\rtf"):
        return FileProblem("file.rtf", "Đây là tệp văn bản RTF. Hãy chép bảng sang Excel rồi lưu thành .xlsx.")
    return _markup(head)


def _old_office(head: bytes) -> FileProblem:
    if _ENCRYPTED in head:
        return FileProblem(
            "file.password",
            "Tệp Excel đang đặt mật khẩu. Hãy mở bằng Excel, bỏ mật khẩu (Tệp → Thông tin → Bảo vệ), lưu rồi tải lên lại.",
        )
    return FileProblem("file.xls", f"Đây là tệp Excel đời cũ (.xls, Excel 97–2003). {_SAVE_AS}")


def _markup(head: bytes) -> FileProblem | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000]
    if start.startswith(b"<"):
        if _HTML.search(start):
            return FileProblem("file.html", f"Đây là trang web (HTML) được đặt tên như tệp Excel. {_SAVE_AS}")
        if _XML.match(start):
            return FileProblem("file.xml", f"Đây là tệp XML. {_SAVE_AS}")
    if _JSON.match(start.decode(errors="replace")):
        return FileProblem("file.json", "Đây là tệp JSON. Hãy xuất ra .xlsx hoặc .csv, hoặc gửi qua webhook JSON.")
    return None
