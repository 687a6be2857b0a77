"""What a verifier found, and where."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["wrong", "unmeasured"]
Verdict: TypeAlias = Literal["verified", "verified with notes", "rejected"]


@dataclass(frozen=True, slots=True)
class Place:
    """A line, counted from 1, of a file; no line where the file as a whole is meant."""

    file: str | None = None
    line: int | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    severity: Severity
    message: str
    place: Place = NOWHERE
    session_id: str | None = None


class Findings:
    """Counts all findings and keeps the first `limit`, so that a hostile ledger cannot fill the memory."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.kept: list[Finding] = []
        self.counts: dict[Severity, Counter[str]] = {"wrong": Counter(), "unmeasured": Counter()}

    def add(self, finding: Finding) -> None:
        self.counts[finding.severity][finding.check] += 1
        if len(self.kept) < self._limit:
            self.kept.append(finding)

    def wrong(self, check: str, message: str, place: Place = NOWHERE, session_id: str | None = None) -> None:
        self.add(Finding(check, "wrong", message, place, session_id))

    def unmeasured(self, check: str, message: str, place: Place = NOWHERE, session_id: str | None = None) -> None:
        self.add(Finding(check, "unmeasured", message, place, session_id))

    @property
    def omitted(self) -> int:
        return sum(counts.total() for counts in self.counts.values()) - len(self.kept)

    @property
    def verdict(self) -> Verdict:
        if self.counts["wrong"]:
            return "rejected"
        return "verified with notes" if self.counts["unmeasured"] else "verified"
