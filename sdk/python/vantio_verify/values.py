"""What became of the values behind commitments: record.md, section Verification."""

import hashlib
from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .commitment import COMMITTED_FIELDS
from .disclosures import read_disclosures
from .finding import Findings, Place
from .record import Record

# Values, and erasures, that are held at one time.
_MAX_HELD = 2_000_000


def _key(tenant_id: str, event_id: str, field_: str) -> int:
    """53 bits of a hash: two of a million values share one with a chance of one in ten thousand."""
    digest = hashlib.sha256(f"{tenant_id} {event_id} {field_}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11


def _erased(record: Record) -> int | None:
    """The value that an erasure record names; of another tenant's only the control plane can say so."""
    if record.text("event_type") != "erasure":
        return None
    tenant_id = record.text("tenant_id")
    if record.text("source") == "control_plane" and "subject_tenant_id" in record.fields:
        tenant_id = record.text("subject_tenant_id")
    return _key(tenant_id, record.text("subject_event_id"), record.text("subject_field"))


@dataclass
class Values:
    """Counts, as files are read, which committed values are disclosed, erased, or just not there."""

    counts: dict[str, int] = field(default_factory=dict)
    _erasures: set[int] = field(default_factory=set)
    _committed: "array[int]" = field(default_factory=lambda: array("Q"))
    """Of the file that is being read."""
    _opened: set[int] = field(default_factory=set)
    _disclosed: int = 0
    _absent: "array[int]" = field(default_factory=lambda: array("Q"))
    """Of all files; `_ends` says where those of each end."""
    _ends: list[tuple[int, Path | None]] = field(default_factory=list)
    _beyond: int = 0

    def see(self, record: Record) -> None:
        erased = _erased(record)
        if erased is not None:
            if len(self._erasures) < _MAX_HELD:
                self._erasures.add(erased)
            else:
                self._beyond += 1
        for name in COMMITTED_FIELDS:
            if f"{name}_commit" in record.fields:
                if len(self._committed) + len(self._absent) < _MAX_HELD:
                    self._committed.append(_key(record.text("tenant_id"), record.text("event_id"), name))
                else:
                    self._beyond += 1

    def opened(self, record: Record, field_: str) -> None:
        self._opened.add(_key(record.text("tenant_id"), record.text("event_id"), field_))

    def end_file(self, disclosures: Path | None) -> None:
        for key in self._committed:
            if key in self._opened:
                self._disclosed += 1
            else:
                self._absent.append(key)
        self._ends.append((len(self._absent), disclosures))
        self._committed, self._opened = array("Q"), set()

    def finish(self, findings: Findings) -> None:
        counts = Counter(disclosed=self._disclosed, erased=0, missing=0, notGiven=0, returned=0)
        start = 0
        for end, disclosures in self._ends:
            erased = sum(key in self._erasures for key in self._absent[start:end])
            lacking = end - start - erased
            start = end
            counts["erased"] += erased
            counts["notGiven" if disclosures is None else "missing"] += lacking
            if disclosures is None:
                continue
            place = Place(str(disclosures))
            if lacking:
                why = f"it lacks {lacking} committed values, and no erasure record says why"
                findings.unmeasured("disclosure", why, place)
            returned = self._returned(disclosures)
            counts["returned"] += returned
            if returned:
                why = f"it holds {returned} values that an erasure record says were erased"
                findings.unmeasured("disclosure", why, place)
        if self._beyond:
            why = f"{self._beyond} erased or committed values more than are held at a time were not looked at"
            findings.unmeasured("disclosure", why)
        self.counts = dict(counts)

    def _returned(self, disclosures: Path) -> int:
        if not self._erasures:
            return 0
        lines = read_disclosures(disclosures, Findings(0))
        return sum(
            _key(stored.tenant_id, stored.event_id, stored.disclosure.field) in self._erasures for _, stored in lines
        )
