"""Streams the lines of a file that may be of any size and hold anything."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What an entry of a log can hold; no ledger line of the record's form comes near it.
MAX_BYTES = 65_535


@dataclass(frozen=True, slots=True)
class RawLine:
    """`data` is without its newline, and None where the line is longer than it may be."""

    number: int
    data: bytes | None
    is_torn: bool


class LineReader:
    """After `lines` has run to its end, the rest tells of the whole file."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._limit = max_bytes + 1
        self.bytes = 0
        self.whole_lines = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def lines(self) -> Iterator[RawLine]:
        with self.path.open("rb") as file:
            while data := self._take(file.readline(self._limit)):
                line: bytes | None = data
                while not data.endswith(b"\n") and (more := self._take(file.readline(self._limit))):
                    line, data = None, more
                is_torn = not data.endswith(b"\n")
                self.whole_lines += not is_torn
                number = self.whole_lines + is_torn
                yield RawLine(number, None if line is None else line.removesuffix(b"\n"), is_torn)

    def _take(self, part: bytes) -> bytes:
        self.bytes += len(part)
        self._hash.update(part)
        return part
