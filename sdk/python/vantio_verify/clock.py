"""Holds the times at which lines came in to the times at which witnesses had them: a line cannot come in after that."""

from array import array
from collections.abc import Iterable

from . import times
from .finding import Findings, Place

# How far a server's clock may be ahead of a witness's before it is called wrong.
_SLACK = 300
_SECOND = 1_000_000
_NEVER = -(1 << 63)


class Clock:
    """Memory: some bytes for each size at which `hold` may be called; of the lines between two, the latest is kept."""

    def __init__(self, sizes: Iterable[int]) -> None:
        """`sizes` rise."""
        self._sizes = array("Q", sizes)
        count = len(self._sizes)
        self._latest = array("q", [_NEVER]) * count
        self._files = array("L", [0]) * count
        self._lines = array("Q", [0]) * count
        self._names: list[str] = []
        self._at = 0
        self._from = 0

    def see(self, index: int, received_at: str, place: Place) -> None:
        """Lines come in order of their indexes."""
        while self._at < len(self._sizes) and self._sizes[self._at] <= index:
            self._at += 1
        if self._at == len(self._sizes):
            return
        time = times.microseconds(received_at)
        if time <= self._latest[self._at]:
            return
        name = place.file or ""
        if not self._names or self._names[-1] != name:
            self._names.append(name)
        self._latest[self._at] = time
        self._files[self._at] = len(self._names) - 1
        self._lines[self._at] = place.line or 0

    def hold(self, size: int, cosigned: list[int], findings: Findings) -> None:
        """`cosigned`: when witnesses had all lines up to this size, in seconds. Sizes rise from call to call."""
        if not cosigned:
            return
        until = self._from
        while until < len(self._sizes) and self._sizes[until] <= size:
            until += 1
        latest = max(range(self._from, until), key=lambda at: self._latest[at], default=None)
        if latest is None or self._latest[latest] <= (min(cosigned) + _SLACK) * _SECOND:
            return
        why = "received_at is more than 5 minutes after a witness cosigned a checkpoint that covers the line"
        findings.wrong("clock", why, Place(self._names[self._files[latest]], self._lines[latest]))
        # Told once.
        self._from = until
