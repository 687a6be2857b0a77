"""Walks a log's tiles from the first leaf to the last, beside its bundles and the ledger's lines."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from .finding import Findings, Place
from .tables import FORMS
from .tiles import WIDTH, TileError, read_bundle, read_tile, tile_path, widths
from .tree import Growing, leaf_hash, root_of

Lines = Iterator[tuple[Place, bytes | None]]
"""The whole lines of a ledger, in order; None for one that is too long to be an entry."""

_CLOUD_ENTRY = re.compile(rb'\{"commit_timestamp":"([^"]{27})",', re.ASCII)
_LINE = re.compile(rb'\{("received_at":"[^"]{27}",)"received_mac":"[0-9a-f]{64}",', re.ASCII)


def _of_cloud_line(line: bytes, entry: bytes) -> bytes | None:
    """The entry of cloud mode that a line of an export makes, with the commit timestamp of the entry in its place."""
    committed, start = _CLOUD_ENTRY.match(entry), _LINE.match(line)
    if committed is None or start is None or not FORMS["occurred_at"].fits(committed[1].decode("latin1")):
        return None
    return committed[0] + start[1] + line[start.end() :]


class _Upper:
    """Holds the tiles above level 0 to what the tiles below make. Memory: one row a level."""

    def __init__(self, log: Path, findings: Findings) -> None:
        self._log = log
        self._findings = findings
        self._rows: list[list[bytes]] = []
        self._done: list[int] = []

    def add(self, level: int, hash_: bytes) -> None:
        """Adds the hash of the next full tile of the level below."""
        if len(self._rows) < level:
            self._rows.append([])
            self._done.append(0)
        row = self._rows[level - 1]
        row.append(hash_)
        if len(row) == WIDTH:
            self._compare(level, row)
            self._rows[level - 1] = []
            self._done[level - 1] += 1
            self.add(level + 1, root_of(row))

    def finish(self) -> None:
        for at, row in enumerate(self._rows):
            if row:
                self._compare(at + 1, row)

    def _compare(self, level: int, row: list[bytes]) -> None:
        index = self._done[level - 1]
        place = Place(str(self._log / tile_path(level, index, len(row))))
        try:
            if read_tile(self._log, level, index, len(row)) != row:
                self._findings.wrong("log_root", "the tile does not hold what the tiles below make", place)
        except TileError as error:
            self._findings.wrong("log_tile", str(error), place)


class Walk:
    """`lines` is None where nobody knows which entry the ledger's first line is; `is_cloud`: they are of an export."""

    def __init__(self, log: Path, size: int, lines: Lines | None, findings: Findings, is_cloud: bool = False) -> None:
        self._log = log
        self._size = size
        self._lines = lines
        self._findings = findings
        self._is_cloud = is_cloud
        self._tree = Growing()
        self.lines_read = 0

    def roots(self, stops: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """The tree's root at each size of `stops`, which rise up to the size; none after a missing tile."""
        stop = iter(stops)
        next_stop = next(stop, None)
        if next_stop == 0:
            yield 0, self._tree.root()
            next_stop = next(stop, None)
        upper = _Upper(self._log, self._findings)
        for index, width in widths(self._size):
            leaves = self._leaves(index, width)
            if leaves is None:
                return
            for leaf in leaves:
                self._tree.add(leaf)
                if self._tree.size == next_stop:
                    yield self._tree.size, self._tree.root()
                    next_stop = next(stop, None)
            if width == WIDTH:
                upper.add(1, root_of(leaves))
        upper.finish()

    def _leaves(self, index: int, width: int) -> list[bytes] | None:
        leaves = self._read_tile(index, width)
        entries = self._read_bundle(index, width)
        lines = [] if self._lines is None else list(islice(self._lines, width))
        self.lines_read += len(lines)
        if leaves is None:
            return None
        if entries is not None:
            for at, entry in enumerate(entries):
                if leaf_hash(entry) != leaves[at]:
                    place = self._place("entries", index, width)
                    self._findings.wrong("log_leaf", f"entry {index * WIDTH + at} does not hash to its leaf", place)
        for at, (place, data) in enumerate(lines):
            if self._is_cloud:
                # A bundle that is missing was told already.
                made = data if entries is None or data is None else _of_cloud_line(data, entries[at])
                holds = made is not None and (entries is None or leaf_hash(made) == leaves[at])
            else:
                holds = data is not None and leaf_hash(data) == leaves[at]
            if not holds:
                self._findings.wrong("log_leaf", f"the line is not entry {index * WIDTH + at} of the log", place)
        return leaves

    def _place(self, level: int | str, index: int, width: int) -> Place:
        return Place(str(self._log / tile_path(level, index, width)))

    def _read_tile(self, index: int, width: int) -> list[bytes] | None:
        try:
            return read_tile(self._log, 0, index, width)
        except TileError as error:
            self._findings.wrong("log_tile", str(error), self._place(0, index, width))
            return None

    def _read_bundle(self, index: int, width: int) -> list[bytes] | None:
        try:
            return read_bundle(self._log, index, width)
        except TileError as error:
            self._findings.wrong("log_tile", str(error), self._place("entries", index, width))
            return None
