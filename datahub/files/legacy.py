"""PURE. Text typed for the fonts of before Unicode: TCVN3 (.VnTime) and VNI. Recognised, so that nobody is named “NguyÔn”.

Such text is refused, not converted: TCVN3 has no capitals of its own, and a wrongly guessed name goes to a patient.
"""

from __future__ import annotations

import re

from datahub.files.problems import FileProblem
from datahub.files.syllables import plausibility

# TCVN 5712:1993 VN3, as Windows-1252 shows it.
_TCVN3 = str.maketrans(
    "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§",
    "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
)
# VNI for Windows: the letter, then its mark as a letter of Windows-1252.
_VNI_AFTER = {
    "aù": "á", "aø": "à", "aû": "ả", "aõ": "ã", "aï": "ạ", "aâ": "â", "aá": "ấ", "aà": "ầ", "aå": "ẩ", "aã": "ẫ",
    "aä": "ậ", "aê": "ă", "aé": "ắ", "aè": "ằ", "aú": "ẳ", "aü": "ẵ", "aë": "ặ", "eù": "é", "eø": "è", "eû": "ẻ",
    "eõ": "ẽ", "eï": "ẹ", "eâ": "ê", "eá": "ế", "eà": "ề", "eå": "ể", "eã": "ễ", "eä": "ệ", "où": "ó", "oø": "ò",
    "oû": "ỏ", "oõ": "õ", "oï": "ọ", "oâ": "ô", "oá": "ố", "oà": "ồ", "oå": "ổ", "oã": "ỗ", "oä": "ộ", "uù": "ú",
    "uø": "ù", "uû": "ủ", "uõ": "ũ", "uï": "ụ", "yù": "ý", "yø": "ỳ", "yû": "ỷ", "yõ": "ỹ", "ôù": "ớ", "ôø": "ờ",
    "ôû": "ở", "ôõ": "ỡ", "ôï": "ợ", "öù": "ứ", "öø": "ừ", "öû": "ử", "öõ": "ữ", "öï": "ự",
}  # fmt: skip
_VNI_ALONE = str.maketrans({"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"})
_VNI_PAIR = re.compile("|".join(_VNI_AFTER))

_HOW = "Hãy chuyển sang Unicode (ví dụ bằng công cụ của UniKey: Ctrl + Shift + F6), lưu lại rồi tải lên."
_TCVN3_FILE = FileProblem("encoding.tcvn3", f"Tệp dùng phông chữ cũ TCVN3 (.VnTime), tên khách sẽ sai dấu. {_HOW}")
_VNI_FILE = FileProblem("encoding.vni", f"Tệp dùng phông chữ cũ VNI, tên khách sẽ sai dấu. {_HOW}")
_TWICE = FileProblem(
    "encoding.twice",
    "Chữ trong tệp đã hỏng dấu từ trước (ví dụ “Nguyá»…n”): chương trình lưu tệp đã đọc nhầm bảng mã. "
    "Hãy xuất lại tệp từ chương trình gốc thành .xlsx.",
)
_MOJIBAKE = re.compile("á[º»]|Ã[¡-¿ ]|Ä[‘\u0090ƒ\u0083]|Æ[°¡]")
_ENOUGH, _CLEARLY = 0.7, 0.25


def legacy_problem(text: str, *, otherwise: str = "") -> FileProblem | None:
    """What is wrong with the letters of this text, a sample of a file; None where they look like Vietnamese as it is.

    `otherwise` is the same bytes in the encoding that they would be read in, where that is not how `text` was read.
    """
    if len(_MOJIBAKE.findall(text)) >= 2:
        return _TWICE
    as_is = plausibility(otherwise or text)
    if as_is >= _ENOUGH:
        return None
    readings = [(plausibility(from_tcvn3(text)), _TCVN3_FILE), (plausibility(from_vni(text)), _VNI_FILE)]
    best, problem = max(readings, key=lambda reading: reading[0])
    return problem if best >= _ENOUGH and best >= as_is + _CLEARLY else None


def from_tcvn3(text: str) -> str:
    """TCVN3 bytes that were read as Windows-1252, as the Unicode they stood for."""
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    """The same for VNI; the text comes back in lower case, which is all that plausibility asks for."""
    lowered = _VNI_PAIR.sub(lambda pair: f"\0{_VNI_AFTER[pair[0]]}\0", text.lower())
    parts = lowered.split("\0")
    return "".join(part if at % 2 else part.translate(_VNI_ALONE) for at, part in enumerate(parts))
