"""What stands beside a log's newest checkpoint: older checkpoints, kept ones, and cosignatures."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from pathlib import Path

from .checkpoint import Checkpoint, body, check_log, parse_checkpoint, parse_size
from .cosignature import check_cosignature
from .finding import Findings, Place
from .ml_dsa import NoMlDsaError
from .note import MAX_BYTES, NoteError, Signature, Vkey, decode, parse_signature


def read_small(file: Path) -> bytes:
    """A note's bytes, and one more than it may have where the file is longer."""
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _sizes(folder: Path) -> "array[int]":
    """The files of a folder that are named by a size; eight bytes each. What is named otherwise is not the log's."""
    sizes = array("Q")
    if folder.is_dir():
        for file in folder.iterdir():
            try:
                sizes.append(parse_size(file.name))
            except NoteError:
                continue
    return array("Q", sorted(sizes))


@dataclass
class History:
    log: Path
    newest: Checkpoint
    key: Vkey | None
    """None where there is none to check signatures with."""
    witnesses: list[Vkey]
    kept: list[tuple[Path, Checkpoint]]
    findings: Findings
    cosigned: list[tuple[int, int]] = field(default_factory=list)
    """Size and time of each cosignature of a pinned witness that holds and says when."""

    def __post_init__(self) -> None:
        self._checkpoints = _sizes(self.log / "checkpoints")
        self._cosignatures = _sizes(self.log / "cosignatures") if self.witnesses else array("Q")

    def stops(self) -> Iterator[int]:
        """The sizes, rising, at which `at` wants to be told the root."""
        kept = sorted(checkpoint.size for _, checkpoint in self.kept)
        sizes = merge(self._checkpoints, self._cosignatures, kept, [self.newest.size])
        return (size for size, _ in groupby(sizes) if size <= self.newest.size)

    def at(self, size: int, root: bytes) -> None:
        """The tiles make this root at this size."""
        checkpoint = self._read_published(size)
        if checkpoint is not None and size != self.newest.size:
            self._compare(self.log / "checkpoints" / str(size), checkpoint, root)
        elif checkpoint is not None and checkpoint.root != self.newest.root:
            self._inconsistent(self.log / "checkpoints" / str(size))
        for file, kept in self.kept:
            if kept.size == size:
                self._compare(file, kept, root)
        if size == self.newest.size:
            text = self.newest.note.text
        else:
            text = body(self.newest.origin, size, root) if checkpoint is None else checkpoint.note.text
        self._check_cosignatures(size, text)

    def after_newest(self) -> None:
        """Whatever is of a larger size than the newest checkpoint shows that the log was cut back."""
        for size in self._checkpoints:
            if size > self.newest.size and self._read_published(size) is not None:
                self._inconsistent(self.log / "checkpoints" / str(size))
        for file, kept in self.kept:
            if kept.size > self.newest.size:
                self._inconsistent(file)
        for size in self._cosignatures:
            if size > self.newest.size:
                self._check_beyond(size)

    def _compare(self, file: Path, checkpoint: Checkpoint, root: bytes) -> None:
        if checkpoint.root != root:
            self._inconsistent(file)

    def _inconsistent(self, file: Path) -> None:
        why = "the checkpoint is not the beginning of the newest one"
        self.findings.wrong("log_consistency", why, Place(str(file)))

    def _read_published(self, size: int) -> Checkpoint | None:
        file = self.log / "checkpoints" / str(size)
        if not file.is_file():
            return None
        try:
            checkpoint = parse_checkpoint(read_small(file))
            if checkpoint.size != size:
                raise NoteError("its size is not its file's name")
            if checkpoint.origin != self.newest.origin:
                raise NoteError("its origin is not the newest checkpoint's")
            if self.key is not None:
                check_log(checkpoint, self.key)
            return checkpoint
        except NoteError as error:
            self.findings.wrong("log_checkpoint", str(error), Place(str(file)))
            return None

    def _read_cosignatures(self, size: int) -> Iterator[tuple[Place, Signature]]:
        if size == self.newest.size:
            place = Place(str(self.log / "checkpoint"))
            yield from ((place, signature) for signature in self.newest.note.signatures)
        file = self.log / "cosignatures" / str(size)
        if not file.is_file():
            return
        try:
            lines = decode(read_small(file)).removesuffix("\n").split("\n")
        except NoteError as error:
            self.findings.wrong("log_cosignature", str(error), Place(str(file)))
            return
        for number, line in enumerate(lines, 1):
            place = Place(str(file), number)
            try:
                yield place, parse_signature(line)
            except NoteError as error:
                self.findings.wrong("log_cosignature", str(error), place)

    def _check_cosignatures(self, size: int, text: str) -> None:
        for place, signature in self._read_cosignatures(size):
            for witness in self.witnesses:
                if signature.is_of(witness):
                    self._check_cosignature(size, text, place, signature, witness)

    def _check_cosignature(self, size: int, text: str, place: Place, signature: Signature, witness: Vkey) -> None:
        try:
            time = check_cosignature(text, signature, witness)
        except NoteError as error:
            self.findings.wrong("log_cosignature", str(error), place)
        except NoMlDsaError as error:
            self.findings.unmeasured("log_cosignature", str(error), place)
        else:
            # A time of 0 says nothing of when.
            if time != 0:
                self.cosigned.append((size, time))

    def _check_beyond(self, size: int) -> None:
        """Its text is nowhere in this log, so that its signatures cannot hold for it."""
        for place, signature in self._read_cosignatures(size):
            if any(signature.is_of(witness) for witness in self.witnesses):
                why = "it is for a larger size than the newest checkpoint's"
                self.findings.wrong("log_cosignature", why, place)
