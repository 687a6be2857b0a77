"""Follows a log's keys from those that were pinned, and holds its rotations to the records of the ledger."""

from dataclasses import dataclass, field
from pathlib import Path

from .checkpoint import Checkpoint
from .envelope import Line
from .finding import Findings, Place
from .note import MAX_BYTES, NoteError, Vkey
from .rotation import Rotation, Term, are_revoked, open_rotation, signers_of, terms_of
from .times import microseconds


@dataclass(frozen=True, slots=True)
class Recorded:
    """A key of the log handed over to the next, says the ledger's record of this index."""

    index: int
    source: str
    to: str
    place: Place


@dataclass
class Handovers:
    log: Path
    pinned: list[Vkey]
    """What the user pinned, or what lies beside the log; none: nobody knows who signed."""
    findings: Findings
    notes: list[tuple[Path, Rotation]] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    revocations: list[tuple[int, str, int]] = field(default_factory=list)
    """Index of the record, key id, and when it was received, in microseconds since 1970."""

    def __post_init__(self) -> None:
        self.terms: list[Term] = terms_of(self.pinned, [])
        while self.pinned and self._follow():
            pass

    def _follow(self) -> bool:
        file = self.log / "rotations" / str(len(self.notes) + 1)
        if not file.is_file():
            return False
        try:
            with file.open("rb") as opened:
                note = open_rotation(opened.read(MAX_BYTES + 1))
            self.terms = terms_of(self.pinned, [*(rotation for _, rotation in self.notes), note])
        except NoteError as error:
            self.findings.wrong("log_checkpoint", str(error), Place(str(file)))
            return False
        self.notes.append((file, note))
        return True

    @property
    def keys(self) -> list[Vkey]:
        return [term.key for term in self.terms]

    @property
    def indexes(self) -> frozenset[int]:
        """Of the lines whose records count."""
        recorded = [record.index for record in self.recorded]
        return frozenset([*recorded, *(index for index, _, _ in self.revocations)])

    def see(self, index: int, line: Line, place: Place) -> None:
        """To be told of each record. An emitter, which may call itself `cli`, has nothing to say of the log's keys."""
        fields = line.record.fields
        if fields["source"] != "control_plane":
            return
        if fields["event_type"] == "signer_rotated":
            to = line.record.text("next_signer_id")
            self.recorded.append(Recorded(index, line.record.text("signer_id"), to, place))
        if fields["event_type"] == "signer_revoked":
            self.revocations.append((index, line.record.text("signer_id"), microseconds(line.received_at)))

    def revoked(self, size: int, astray: set[int]) -> dict[str, tuple[int, int]]:
        """By key id: index of the first entry of a tree of this size that revokes it, and when that was received."""
        found: dict[str, tuple[int, int]] = {}
        for index, key_id, received_at in self.revocations:
            if index < size and index not in astray:
                found.setdefault(key_id, (index, received_at))
        return found

    def hold_head(self, file: Path, checkpoint: Checkpoint, astray: set[int]) -> None:
        if not self.terms:
            return
        revoked = {key_id: index for key_id, (index, _) in self.revoked(checkpoint.size, astray).items()}
        if are_revoked(signers_of(checkpoint, self.terms), checkpoint.size, revoked):
            why = "it is signed by a key alone that the log revoked before it"
            self.findings.wrong("log_checkpoint", why, Place(str(file)))

    def hold_records(self, size: int, astray: set[int]) -> None:
        """`size` is the log's; lines that are not its entries say nothing."""
        entries = [record for record in self.recorded if record.index < size and record.index not in astray]
        for file, rotation in self.notes:
            ids = rotation.source.id.hex(), rotation.to.id.hex()
            before = [each for each in entries if each.index < rotation.checkpoint.size]
            if all((each.source, each.to) != ids for each in before):
                why = "it hands over to a key, and no record of the tree before it says so"
                self.findings.wrong("log_checkpoint", why, Place(str(file)))
        known = {key.id.hex() for key in self.keys}
        for each in entries:
            if each.source in known and each.to not in known:
                why = "a key is to hand over to another, and no note of both keys does: it is not followed"
                self.findings.unmeasured("log_checkpoint", why, each.place)
