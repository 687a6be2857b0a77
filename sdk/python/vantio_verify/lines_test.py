import hashlib
from pathlib import Path

from .lines import MAX_BYTES, LineReader


def test_lines_of_any_length_are_counted_and_those_too_long_are_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    data = b"\n" + b"a" * MAX_BYTES + b"\n" + b"b" * (MAX_BYTES + 1) + b"\n" + b"c" * 3 * MAX_BYTES + b"\nlast"
    file.write_bytes(data)
    reader = LineReader(file)
    lines = [(line.number, line.data and line.data[:1], line.is_torn) for line in reader.lines()]
    assert lines == [(1, b"", False), (2, b"a", False), (3, None, False), (4, None, False), (5, b"l", True)]
    assert (reader.bytes, reader.whole_lines, reader.sha256) == (len(data), 4, hashlib.sha256(data).hexdigest())


def test_a_file_without_lines(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_bytes(b"")
    assert list(LineReader(file).lines()) == []
