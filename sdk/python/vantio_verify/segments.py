"""Holds rotated files to the `rotation` records that closed them."""

from dataclasses import dataclass, field

from .family import Writer
from .finding import Findings, Place
from .lines import LineReader
from .record import Record


@dataclass(frozen=True, slots=True)
class Closed:
    """What a file was when it was closed, as its writer told or as it was read."""

    bytes: int
    lines: int
    sha256: str


@dataclass(slots=True)
class Segments:
    """Of one writer. Memory: one entry for each rotated file."""

    told: dict[int, list[tuple[Closed, Place]]] = field(default_factory=dict)
    read: dict[int, Closed] = field(default_factory=dict)

    def tell(self, record: Record, place: Place) -> None:
        if record.text("event_type") != "rotation":
            return
        closed = Closed(record.number("segment_bytes"), record.number("segment_records"), record.text("segment_sha256"))
        told = self.told.setdefault(record.number("segment"), [])
        if all(closed != other for other, _ in told):
            told.append((closed, place))

    def was_read(self, number: int, reader: LineReader) -> None:
        self.read[number] = Closed(reader.bytes, reader.whole_lines, reader.sha256)

    def finish(self, writer: Writer, findings: Findings) -> None:
        for number, file in writer.rotated.items():
            here = Place(str(file))
            told = self.told.get(number)
            if told is None:
                findings.unmeasured("segment", f"no rotation record tells of segment {number}", here)
            elif any(closed != self.read[number] for closed, _ in told):
                why = f"it is not the file that was closed as segment {number}: its size, lines or SHA-256 differ"
                findings.wrong("segment", why, here)
        for number, told in self.told.items():
            if number not in writer.rotated:
                findings.unmeasured("segment", f"the file of segment {number} is not there", told[0][1])
