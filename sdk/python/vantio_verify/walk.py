"""Walks a log's tiles from the first leaf to the last, beside its bundles and the ledger's lines."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from .finding import Findings, Place
from .tables import FORMS
from .tiles import (
    WIDTH,
    TileError,
    format_bundle,
    partial_widths,
    read_bundle,
    read_partial,
    read_tile,
    tile_path,
    widths,
)
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


class _Tiles:
    """The files of a log, held to what their place has; faults are told as they are met."""

    def __init__(self, log: Path, findings: Findings) -> None:
        self._log = log
        self._findings = findings

    def place(self, level: int | str, index: int, width: int) -> Place:
        return Place(str(self._log / tile_path(level, index, width)))

    def hashes(self, level: int, index: int, width: int) -> list[bytes] | None:
        try:
            hashes = read_tile(self._log, level, index, width)
        except TileError as error:
            self._findings.wrong("log_tile", str(error), self.place(level, index, width))
            return None
        check = "log_leaf" if level == 0 else "log_root"
        self._check_beginnings(level, index, width, lambda part: b"".join(hashes[:part]), check)
        return hashes

    def entries(self, index: int, width: int) -> list[bytes] | None:
        try:
            entries = read_bundle(self._log, index, width)
        except TileError as error:
            self._findings.wrong("log_tile", str(error), self.place("entries", index, width))
            return None
        self._check_beginnings("entries", index, width, lambda part: format_bundle(entries[:part]), "log_leaf")
        return entries

    def _check_beginnings(
        self, level: int | str, index: int, width: int, beginning: Callable[[int], bytes], check: str
    ) -> None:
        """What earlier trees left must be the beginning of what the place holds now."""
        for part in partial_widths(self._log, level, index):
            if part >= width:
                continue
            wanted = beginning(part)
            found = read_partial(self._log, level, index, part, len(wanted))
            if found is not None and len(found) != len(wanted):
                self._findings.wrong(
                    "log_tile", "it has another length than its place has", self.place(level, index, part)
                )
            elif found is not None and found != wanted:
                why = "it is not the beginning of what its place holds now"
                self._findings.wrong(check, why, self.place(level, index, part))


class _Upper:
    """Holds the tiles above level 0 to what the tiles below make. Memory: one row a level."""

    def __init__(self, tiles: _Tiles, findings: Findings) -> None:
        self._tiles = tiles
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
        stored = self._tiles.hashes(level, index, len(row))
        if stored is not None and stored != row:
            why = "the tile does not hold what the tiles below make"
            self._findings.wrong("log_root", why, self._tiles.place(level, index, len(row)))


class Walk:
    """`lines` is None where nobody knows which entry the ledger's first line is; `is_cloud`: they are of an export."""

    def __init__(
        self, log: Path, size: int, lines: Lines | None, wanted: frozenset[int], findings: Findings, *, is_cloud: bool
    ) -> None:
        self._size = size
        self._lines = lines
        self._wanted = wanted
        self._findings = findings
        self._is_cloud = is_cloud
        self._tiles = _Tiles(log, findings)
        self._tree = Growing()
        self._is_astray = False
        self.astray: set[int] = set()
        """The indexes of `wanted` whose line is not the entry."""
        self.lines_read = 0

    def roots(self, stops: Iterable[int]) -> Iterator[tuple[int, bytes | None]]:
        """The tree's root at each size of `stops`, which rise up to the size; None once a leaf is unknown."""
        stop = iter(stops)
        next_stop = next(stop, None)
        if next_stop == 0:
            yield 0, self._tree.root()
            next_stop = next(stop, None)
        upper = _Upper(self._tiles, self._findings)
        is_blind = False
        for index, width in widths(self._size):
            before = self.lines_read
            leaves = self._leaves(index, width)
            is_blind |= leaves is None
            for at in range(width) if leaves is not None else range(0):
                if not is_blind and leaves is not None:
                    self._tree.add(leaves[at])
                if index * WIDTH + at + 1 == next_stop:
                    yield next_stop, None if is_blind else self._tree.root()
                    next_stop = next(stop, None)
            if leaves is None:
                # What a hostile checkpoint says is there may be more than anybody can look for.
                if self.lines_read - before < width:
                    break
                while next_stop is not None and next_stop <= index * WIDTH + width:
                    yield next_stop, None
                    next_stop = next(stop, None)
            elif width == WIDTH and not is_blind:
                upper.add(1, root_of(leaves))
        while next_stop is not None:
            yield next_stop, None
            next_stop = next(stop, None)
        if not is_blind:
            upper.finish()

    def _leaves(self, index: int, width: int) -> list[bytes] | None:
        stored = self._tiles.hashes(0, index, width)
        entries = self._tiles.entries(index, width)
        own = None if entries is None else [leaf_hash(entry) for entry in entries]
        if stored is not None and own is not None:
            for at, (leaf, made) in enumerate(zip(stored, own, strict=True)):
                if leaf != made:
                    why = f"entry {index * WIDTH + at} does not hash to its leaf"
                    self._findings.wrong("log_leaf", why, self._tiles.place("entries", index, width))
        leaves = own if stored is None else stored
        lines = [] if self._lines is None else list(islice(self._lines, width))
        self.lines_read += len(lines)
        for at, (place, data) in enumerate(lines):
            entry = None if entries is None else entries[at]
            holds = data is not None and self._is_entry(data, entry, None if leaves is None else leaves[at])
            self._hold(index * WIDTH + at, place, holds)
        return leaves

    def _is_entry(self, data: bytes, entry: bytes | None, leaf: bytes | None) -> bool:
        # Nothing is left to hold it to: the missing files were told already.
        if leaf is None or (self._is_cloud and entry is None):
            return True
        made = _of_cloud_line(data, entry) if self._is_cloud and entry is not None else data
        return made is not None and leaf_hash(made) == leaf

    def _hold(self, index: int, place: Place, holds: bool) -> None:
        if not holds and not self._is_astray:
            self._findings.wrong("log_leaf", f"the line is not entry {index} of the log", place)
        if not holds and index in self._wanted:
            self.astray.add(index)
        self._is_astray = not holds
