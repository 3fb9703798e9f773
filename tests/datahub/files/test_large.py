"""Large files in little memory."""

from __future__ import annotations

import io
import tracemalloc

from datahub.files.problems import MAX_TEXT_BYTES, MAX_WORKBOOK_BYTES, FileProblem
from datahub.files.reading import Reading, recognise, rows
from tests.datahub.files.making import HEADER, HOA, csv, workbook


class Endless(io.RawIOBase):
    """A file of so many bytes that repeats its rows and lies nowhere."""

    def __init__(self, size: int) -> None:
        self.line, self.size, self.at = csv((HOA,)), size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset if whence == 0 else self.at + offset if whence == 1 else self.size + offset
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = min(len(buffer), self.size - self.at)
        start = self.at % len(self.line)
        repeated = self.line * (count // len(self.line) + 2)
        buffer[:count] = repeated[start : start + count]
        self.at += count
        return count


def peak(size: int) -> tuple[int, int]:
    """Rows read, and the most memory that took."""
    stream = io.BufferedReader(Endless(size))
    tracemalloc.start()
    reading = recognise(stream, size)
    assert isinstance(reading, Reading), reading
    count = sum(1 for _ in rows(stream, reading))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, most


def test_twenty_times_the_file_takes_no_more_memory():
    (few, little), (many, much) = peak(2_000_000), peak(40_000_000)
    assert many > 19 * few
    assert much < 1.5 * little


def test_a_file_beyond_the_limit_says_how_large_it_may_be():
    for data, limit in ((csv((HEADER, HOA)), MAX_TEXT_BYTES), (workbook(), MAX_WORKBOOK_BYTES)):
        problem = recognise(io.BytesIO(data), limit + 1)
        assert isinstance(problem, FileProblem)
        assert problem.code == "file.too_large"
        assert f"tối đa {limit // 1024 // 1024} MB" in problem.message
