"""One session of a ledger: its chain, its signatures, its end. Memory: a run of records is four strings."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .canonical import canonicalise
from .ed25519 import holds
from .finding import Findings, Place
from .record import Record, record_hash

Pins: TypeAlias = dict[tuple[str, int], set[str]]
Fault: TypeAlias = tuple[str, str]
"""The check that failed, and why."""
Signature: TypeAlias = Literal["none", "unjudged", "holds", "broken"]


@dataclass(slots=True)
class Run:
    """Records without a gap between them; `place` is that of the first."""

    first: int
    last: int
    place: Place
    first_prev: str
    first_event_id: str
    last_hash: str
    last_event_id: str


def _follows(prev: str, event_id: str, hash_: str, event_id_before: str) -> bool:
    return prev == hash_ and event_id > event_id_before


@dataclass(slots=True)
class Session:
    id: str
    tenant_id: str
    key_id: str
    source: str
    records: int = 0
    public_key: bytes | None = None
    is_attested: bool = False
    has_unjudged_signature: bool = False
    end_seq: int | None = None
    signed_end: int | None = None
    """The seq of the session_end whose signature holds, if one does."""
    runs: list[Run] = field(default_factory=list)

    @property
    def last_seq(self) -> int:
        return self.runs[-1].last

    @property
    def last_hash(self) -> str:
        return self.runs[-1].last_hash

    def take(self, record: Record, place: Place, pins: Pins, roots: frozenset[str]) -> Fault | None:
        """Takes the next record of the ledger; returns the first check that failed, and why.

        The rest is done all the same: one fault must not hide the chain from the next line.
        """
        self.records += 1
        seq = record.number("seq")
        faults = [self._check_same(record), self._check_origin(record, roots)]
        signature = self._judge_signature(record)
        self.has_unjudged_signature |= signature == "unjudged"
        if signature == "broken":
            faults.append(("session_signature", "session_sig does not hold under the session's key"))
        pinned = pins.get((self.id, seq), set())
        if pinned - {record.hash}:
            faults.append(("head", f"another RecordHash is pinned for record {seq}"))
        is_ahead = self.end_seq is not None and seq > self.end_seq
        highest = self.runs[-1].last if self.runs else -1
        faults += self._check_place(record, seq, place, signature)
        if is_ahead:
            faults.append(("after_end", f"record {seq} stands after the session_end, which is record {self.end_seq}"))
        elif self.end_seq == seq and highest > seq:
            faults.append(("after_end", f"the session_end is record {seq}, and record {highest} came before it"))
        return next((fault for fault in faults if fault is not None), None)

    def _check_same(self, record: Record) -> Fault | None:
        for name in ("tenant_id", "key_id", "source"):
            if record.text(name) != getattr(self, name):
                return "chain", f"{name} is not that of the session's first line"
        return None

    def _check_origin(self, record: Record, roots: frozenset[str]) -> Fault | None:
        if "session_root_sig" not in record.fields:
            return None
        root, key = record.text("session_root_key"), bytes.fromhex(record.text("session_public_key"))
        message = b"vantio/session-root/v1\0" + record.text("tenant_id").encode() + b"\0" + key
        if not holds(bytes.fromhex(root), bytes.fromhex(record.text("session_root_sig")), message):
            return "origin", "session_root_sig does not hold"
        self.is_attested |= root in roots
        return None

    def _judge_signature(self, record: Record) -> Signature:
        if "session_public_key" in record.fields:
            self.public_key = bytes.fromhex(record.text("session_public_key"))
        if "session_sig" not in record.fields:
            return "none"
        if self.public_key is None:
            return "unjudged"
        unsigned = {name: value for name, value in record.fields.items() if name != "session_sig"}
        message = b"".join(
            (
                b"vantio/session/v1\0",
                bytes.fromhex(self.id),
                record.number("seq").to_bytes(8, "big"),
                record_hash(canonicalise(unsigned)),
            )
        )
        signature = bytes.fromhex(record.text("session_sig"))
        return "holds" if holds(self.public_key, signature, message) else "broken"

    def _check_place(self, record: Record, seq: int, place: Place, signature: Signature) -> list[Fault | None]:
        at = bisect_right(self.runs, seq, key=lambda run: run.first)
        before = self.runs[at - 1] if at > 0 else None
        after = self.runs[at] if at < len(self.runs) else None
        if before is not None and seq <= before.last:
            return [("conflict", f"the place {seq} of the session is already taken")]
        if record.text("event_type") == "session_end":
            self.end_seq = seq if self.end_seq is None else min(seq, self.end_seq)
            if signature == "holds":
                self.signed_end = max(seq, self.signed_end or 0)
        return [self._join(record, seq, place, at, before, after)]

    def _join(
        self, record: Record, seq: int, place: Place, at: int, before: Run | None, after: Run | None
    ) -> Fault | None:
        prev, event_id = record.text("prev"), record.text("event_id")
        fault: Fault | None = None
        run = Run(seq, seq, place, prev, event_id, record.hash, event_id)
        joins_before = before is not None and before.last == seq - 1
        joins_after = after is not None and after.first == seq + 1
        if joins_before and before is not None:
            if not _follows(prev, event_id, before.last_hash, before.last_event_id):
                fault = "chain", f"record {seq} does not follow the record before it: prev or event_id"
            before.last, before.last_hash, before.last_event_id = seq, record.hash, event_id
            run = before
        if joins_after and after is not None:
            if not _follows(after.first_prev, after.first_event_id, record.hash, event_id):
                fault = fault or ("chain", f"record {seq + 1} does not follow this one: prev or event_id")
            run.last, run.last_hash, run.last_event_id = after.last, after.last_hash, after.last_event_id
            self.runs[at] = run
            if joins_before:
                del self.runs[at - 1]
        elif not joins_before:
            self.runs.insert(at, run)
        return fault

    def finish(self, pins: Pins, findings: Findings) -> None:
        """What can be said only when the whole ledger was read."""
        expected = 0
        for run in self.runs:
            if run.first > expected:
                missing = f"records {expected} to {run.first - 1} are missing before this one"
                findings.wrong("gap", missing, run.place, self.id)
            expected = run.last + 1
        if self.has_unjudged_signature:
            why = "signed records came before their session_start, or without it"
            findings.unmeasured("session_signature", why, session_id=self.id)
        # Pinned with another RecordHash it is `head`'s to report.
        if self.signed_end != self.last_seq and (self.id, self.last_seq) not in pins:
            why = "nothing says that the session ended where it does"
            findings.unmeasured("tail", why, session_id=self.id)
        if not self.is_attested:
            why = "origin unattested: no certificate by a pinned root holds"
            findings.unmeasured("origin", why, session_id=self.id)
