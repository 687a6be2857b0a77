"""Says what was found, to people and to programs. Names come from files: nothing is printed that a terminal obeys."""

import json
from dataclasses import dataclass
from typing import Any

from .finding import Finding, Findings, Severity
from .session import Session


@dataclass(frozen=True, slots=True)
class SessionReport:
    id: str
    tenant_id: str
    source: str
    records: int
    last_seq: int
    last_hash: str


def session_report(session: Session) -> SessionReport:
    return SessionReport(
        session.id, session.tenant_id, session.source, session.records, session.last_seq, session.last_hash
    )


@dataclass(frozen=True, slots=True)
class Report:
    findings: Findings
    files: list[str]
    records: int
    sessions: list[SessionReport]
    values: dict[str, int]
    """What became of the values behind commitments, by a word for it."""


def _safe(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def _finding_json(finding: Finding) -> dict[str, Any]:
    found = {
        "check": finding.check,
        "severity": finding.severity,
        "message": finding.message,
        "file": finding.place.file,
        "line": finding.place.line,
        "sessionId": finding.session_id,
    }
    return {name: value for name, value in found.items() if value is not None}


def to_json(report: Report) -> str:
    findings = report.findings
    sessions = [
        {
            "sessionId": session.id,
            "tenantId": session.tenant_id,
            "source": session.source,
            "records": session.records,
            "lastSeq": session.last_seq,
            "lastHash": session.last_hash,
        }
        for session in report.sessions
    ]
    document = {
        "verdict": findings.verdict,
        "files": report.files,
        "records": report.records,
        "sessions": sessions,
        "values": report.values,
        "wrong": dict(findings.counts["wrong"]),
        "unmeasured": dict(findings.counts["unmeasured"]),
        "findings": [_finding_json(finding) for finding in findings.kept],
        "findingsOmitted": findings.omitted,
    }
    return json.dumps(document)


def _finding_line(finding: Finding) -> str:
    place = "" if finding.place.file is None else finding.place.file
    if finding.place.line is not None:
        place += f":{finding.place.line}"
    session = "" if finding.session_id is None else f"session {finding.session_id}"
    parts = [place, session, finding.check, finding.severity, finding.message]
    return _safe("  ".join(part for part in parts if part))


def _counts(findings: Findings, severity: Severity) -> str:
    counts = findings.counts[severity]
    return f"{severity}: " + ", ".join(f"{count} {check}" for check, count in counts.items()) if counts else ""


_VALUES = {"notGiven": "without a disclosures file", "returned": "erased and there again"}


def to_text(report: Report) -> str:
    findings = report.findings
    lines = [_finding_line(finding) for finding in findings.kept]
    if findings.omitted:
        lines.append(f"and {findings.omitted} more findings")
    lines.append(f"files {len(report.files)}, sessions {len(report.sessions)}, records {report.records}")
    said = [f"{count} {_VALUES.get(name, name)}" for name, count in report.values.items() if count]
    if said:
        lines.append(f"committed values: {', '.join(said)}")
    counts = [part for part in (_counts(findings, "wrong"), _counts(findings, "unmeasured")) if part]
    lines.append(findings.verdict + (f" ({'; '.join(counts)})" if counts else ""))
    return "\n".join(lines)
