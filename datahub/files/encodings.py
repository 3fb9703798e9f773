"""PURE. Which encoding a text file is in."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from datahub.files.legacy import legacy_problem
from datahub.files.problems import NO_TABLE, FileProblem

_PIECE = 1 << 20
_SAMPLE = 256 * 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"} | {
    "cp1258": "Windows-1258"
}
_UNKNOWN = FileProblem(
    "encoding.unknown",
    "Không nhận ra bảng mã của tệp. Hãy mở bằng Excel rồi Lưu thành .xlsx, hoặc “CSV UTF-8”, sau đó tải lên lại.",
)


def encoding_of(stream: BinaryIO) -> str | FileProblem:
    """The codec that reads the whole of this text, or why none does. Reads to the end in constant memory."""
    head = stream.read(_SAMPLE)
    stream.seek(0)
    codec = next((name for bom, name in _BOMS if head.startswith(bom)), _bare_utf16(head) or "utf-8")
    sample, at = _decoded(stream, codec)
    if at is None:
        return legacy_problem(sample) or _mostly_text(sample) or codec
    return NO_TABLE if codec.startswith("utf-16") else _one_byte(stream, at, head)


def _bare_utf16(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of ASCII is a NUL."""
    even, odd = head[0:4000:2].count(0), head[1:4000:2].count(0)
    most = max(len(head[:4000]) // 2 * 0.3, 2)
    if odd >= most and odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even >= most and even > 4 * odd else None


def _decoded(stream: BinaryIO, codec: str) -> tuple[str, int | None]:
    """The first characters that say something of the letters, and where the first byte stands that cannot be read."""
    decoder, sample, offset = codecs.getincrementaldecoder(codec)(), "", 0
    stream.seek(0)
    while True:
        piece = stream.read(_PIECE)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            return "", max(0, offset + error.start - 4)
        if len(sample) < _SAMPLE and (not sample or not text.isascii()):
            sample += text[:_SAMPLE]
        if not piece:
            return sample, None
        offset += len(piece)


def _one_byte(stream: BinaryIO, at: int, head: bytes) -> str | FileProblem:
    """Not UTF-8: the Vietnamese encoding of Windows, or one that a font of before Unicode needs."""
    stream.seek(max(0, at - 1000))
    near = stream.read(_SAMPLE)
    if _damaged_utf8(near):
        return "utf-8"
    if problem := _mostly_text(near.decode("latin-1")):
        return problem
    windows = near.decode("cp1258", errors="replace")
    if problem := legacy_problem(near.decode("cp1252", errors="replace"), otherwise=windows):
        return problem
    return _UNKNOWN if "\ufffd" in windows or "\ufffd" in head.decode("cp1258", errors="replace") else "cp1258"


def _damaged_utf8(near: bytes) -> bool:
    """UTF-8 that lost a byte here and there, or was cut off in a letter: the rows that suffered are refused one by one."""
    text = near.decode("utf-8", errors="replace")
    lost = text.count("\ufffd")
    return sum(not character.isascii() for character in text) - lost >= 2 * lost


def _mostly_text(sample: str) -> FileProblem | None:
    """A file of machine code decodes too, here and there."""
    odd = sum(sample.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\v\f\r\0")
    return NO_TABLE if odd > len(sample) // 100 + 5 else None
