"""What stands beside a log's newest checkpoint: older checkpoints, kept ones, and cosignatures."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from pathlib import Path

from .checkpoint import Checkpoint, body, parse_checkpoint, parse_size
from .clock import Clock
from .cosignature import check_cosignature
from .finding import Findings, Place
from .handovers import Handovers
from .ml_dsa import NoMlDsaError
from .note import MAX_BYTES, NoteError, Signature, Vkey, parse_signature
from .rotation import Term, signers_of


def read_small(file: Path) -> bytes:
    """A note's bytes, and one more than it may have where the file is longer."""
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def sizes_in(folder: Path) -> "array[int]":
    """The files of a folder that are named by a size; eight bytes each. What is named otherwise is not the log's."""
    sizes = array("Q")
    if folder.is_dir():
        for file in folder.iterdir():
            try:
                sizes.append(parse_size(file.name))
            except NoteError:
                continue
    return array("Q", sorted(sizes))


@dataclass(frozen=True, slots=True)
class Listing:
    """The sizes of a log's files, cosignatures first: a log that grows has a checkpoint for each of them then."""

    cosignatures: "array[int]"
    checkpoints: "array[int]"

    @staticmethod
    def of(log: Path, has_witnesses: bool) -> "Listing":
        cosignatures = sizes_in(log / "cosignatures") if has_witnesses else array("Q")
        return Listing(cosignatures, sizes_in(log / "checkpoints"))


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint that is the log's, and the file that it is of."""

    file: Path
    checkpoint: Checkpoint

    @property
    def size(self) -> int:
        return self.checkpoint.size


def open_head(file: Path, origin: str | None, terms: list[Term]) -> Head:
    """Raises NoteError unless it is a checkpoint of that origin, signed by those that were to, where any are known."""
    checkpoint = parse_checkpoint(read_small(file))
    if origin is not None and checkpoint.origin != origin:
        raise NoteError("its origin is not the newest checkpoint's")
    if terms:
        signers_of(checkpoint, terms)
    return Head(file, checkpoint)


@dataclass
class History:
    log: Path
    newest: Head
    handovers: Handovers
    listing: Listing
    witnesses: list[Vkey]
    kept_files: list[Path]
    findings: Findings
    cosigned: list[tuple[int, int]] = field(default_factory=list)
    """Size and time of each cosignature of a pinned witness that holds and says when."""

    def __post_init__(self) -> None:
        self._unmeasured: set[bytes] = set()
        self.last = self._later() or self.newest
        """What the log is held to: a sealer stores a checkpoint under its size before it makes it the newest."""
        heads = (self._open(file) for file in self.kept_files)
        self._kept = [head for head in heads if head is not None]
        self._kept += [Head(file, rotation.checkpoint) for file, rotation in self.handovers.notes]
        self.clock = Clock(self._sizes())

    def _later(self) -> Head | None:
        for size in reversed(self.listing.checkpoints):
            if size <= self.newest.size:
                break
            head = self._published(size)
            if head is not None:
                return head
        return None

    def stops(self) -> Iterator[int]:
        """The sizes, rising, at which `at` wants to be told the root."""
        return (size for size in self._sizes() if size <= self.last.size)

    def _sizes(self) -> Iterator[int]:
        others = sorted([self.newest.size, self.last.size, *(head.size for head in self._kept)])
        return (size for size, _ in groupby(merge(self.listing.checkpoints, self.listing.cosignatures, others)))

    def at(self, size: int, root: bytes | None, astray: set[int]) -> None:
        """The tiles make this root at this size; None where nobody knows. `astray` lines are no entries."""
        own = self.last if size == self.last.size else self._published(size)
        others = [head for head in self._others(size) if own is None or head.file != own.file]
        if own is self.last:
            root = own.checkpoint.root
        for head in [*([] if own is None or own is self.last else [own]), *others]:
            if root is not None and head.checkpoint.root != root:
                self._inconsistent(head, "it is not the beginning of the newest one")
        rotations = {file for file, _ in self.handovers.notes}
        for head in [*([] if own is None else [own]), *others]:
            if head.file not in rotations:
                self.handovers.hold_head(head.file, head.checkpoint, astray)
        times: list[int] = []
        if own is not None:
            times += self._beside(size, own.checkpoint.note.text)
        elif root is not None:
            times += self._beside(size, body(self.last.checkpoint.origin, size, root))
        for head in [*([] if own is None else [own]), *others]:
            times += self._in_note(head)
        self.cosigned += ((size, time) for time in times)
        self.clock.hold(size, times, self.findings)

    def _others(self, size: int) -> Iterator[Head]:
        if size == self.last.size and self.last.file.parent == self.log:
            published = self._published(size)
            if published is not None:
                yield published
        yield from (head for head in [self.newest, *self._kept] if head.size == size)

    def after_last(self) -> None:
        """Whatever is of a larger size shows that the log was cut back."""
        for head in self._kept:
            if head.size > self.last.size:
                self._inconsistent(head, "it is of more leaves than the newest one: the log was rolled back")
        for size in self.listing.cosignatures:
            if size > self.last.size:
                self._check_beyond(size)

    def _inconsistent(self, head: Head, why: str) -> None:
        self.findings.wrong("log_consistency", why, Place(str(head.file)))

    def _open(self, file: Path) -> Head | None:
        try:
            return open_head(file, self.newest.checkpoint.origin, self.handovers.terms)
        except NoteError as error:
            self.findings.wrong("log_checkpoint", str(error), Place(str(file)))
            return None

    def _published(self, size: int) -> Head | None:
        file = self.log / "checkpoints" / str(size)
        head = self._open(file) if file.is_file() else None
        if head is not None and head.size != size:
            self.findings.wrong("log_checkpoint", "its size is not its file's name", Place(str(file)))
            return None
        return head

    def _lines_beside(self, size: int) -> Iterator[tuple[Place, Signature]]:
        file = self.log / "cosignatures" / str(size)
        if not self.witnesses or not file.is_file():
            return
        data = read_small(file)
        try:
            if len(data) > MAX_BYTES:
                raise NoteError(f"it has more than {MAX_BYTES} bytes")
            *lines, rest = data.decode("utf-8").split("\n")
        except (NoteError, UnicodeDecodeError) as error:
            why = str(error) if isinstance(error, NoteError) else "it is not UTF-8"
            self.findings.wrong("log_cosignature", why, Place(str(file)))
            return
        if rest:
            self.findings.wrong("log_cosignature", "its last line has no newline", Place(str(file)))
        for number, line in enumerate(lines, 1):
            place = Place(str(file), number)
            try:
                yield place, parse_signature(line)
            except NoteError as error:
                self.findings.wrong("log_cosignature", str(error), place)

    def _beside(self, size: int, text: str) -> list[int]:
        return [time for place, line in self._lines_beside(size) for time in self._times(text, place, line)]

    def _in_note(self, head: Head) -> list[int]:
        note, place = head.checkpoint.note, Place(str(head.file))
        return [time for line in note.signatures for time in self._times(note.text, place, line)]

    def _times(self, text: str, place: Place, signature: Signature) -> Iterator[int]:
        """When the pinned witness, if it is one's, had this text; a time of 0 says nothing of when."""
        for witness in self.witnesses:
            if not signature.is_of(witness):
                continue
            try:
                time = check_cosignature(text, signature, witness)
            except NoteError as error:
                self.findings.wrong("log_cosignature", str(error), place)
            except NoMlDsaError as error:
                if witness.id not in self._unmeasured:
                    self._unmeasured.add(witness.id)
                    self.findings.unmeasured("log_cosignature", str(error), place)
            else:
                if time != 0:
                    yield time

    def _check_beyond(self, size: int) -> None:
        """Its text is nowhere in this log, so that nobody can say whether its signatures hold."""
        for place, signature in self._lines_beside(size):
            if any(signature.is_of(witness) for witness in self.witnesses):
                why = (
                    f"a witness cosigned a tree of {size} leaves, and the newest checkpoint here has {self.last.size}:"
                    " the log was cut back, or a checkpoint was taken away"
                )
                self.findings.wrong("log_cosignature", why, place)
