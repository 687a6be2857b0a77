"""The whole verification: ledgers, the logs beside them, and receipts."""

from dataclasses import dataclass, field
from pathlib import Path

from .envelope import Line
from .family import Writer, find_writers
from .finding import Findings, Place
from .ledger import LedgerVerifier, Trust
from .log import FirstLine, LogTrust, log_folder, verify_log
from .receipt import Log, Receipts
from .report import Report, session_report


@dataclass
class Request:
    """Files to verify, and what the user trusts."""

    ledgers: list[Path]
    trust: Trust = field(default_factory=Trust)
    log_trust: LogTrust = field(default_factory=lambda: LogTrust([], [], []))
    receipts: list[Path] = field(default_factory=list)
    limit: int = 50
    """Findings to keep; all are counted."""


def _verify_logs(
    request: Request, writers: list[Writer], firsts: dict[Path, FirstLine], findings: Findings
) -> dict[str, Log]:
    seen: set[str] = set()
    logs: dict[str, Log] = {}
    for writer in writers:
        if not log_folder(writer).is_dir():
            continue
        result = verify_log(writer, firsts.get(writer.base), request.log_trust, findings)
        if result is not None:
            origin, log = result
            seen.add(origin)
            if log is not None:
                logs[origin] = log
    # A log that was pinned and is not there must not pass for a ledger that never had one.
    for vkey in request.log_trust.vkeys:
        if vkey.name not in seen:
            findings.wrong("log_checkpoint", f"the log of the pinned key {vkey.name} is not here")
    for file, checkpoint in request.log_trust.kept:
        if checkpoint.origin not in seen:
            findings.wrong("log_consistency", "it is of a log that is not here", Place(str(file)))
    return logs


def verify(request: Request) -> Report:
    """Raises FamilyError for a file that is none of a ledger, OSError for one that cannot be read."""
    findings = Findings(request.limit)
    writers = find_writers(request.ledgers)
    receipts = Receipts()
    for file in request.receipts:
        receipts.read(file, findings)
    firsts: dict[Path, FirstLine] = {}

    def on_record(writer: Writer, index: int, line: Line) -> None:
        if index == 0 and (not writer.rotated or min(writer.rotated) == 1):
            firsts[writer.base] = FirstLine(line.received_mac, line.record.text("tenant_id"))
        receipts.note(writer.base, index, line)

    ledger = LedgerVerifier(request.trust, findings, on_record)
    for writer in writers:
        ledger.read(writer)
    ledger.finish()
    logs = _verify_logs(request, writers, firsts, findings)
    tenants: dict[str, set[str]] = {}
    for key in request.trust.api_keys:
        tenants.setdefault(key.key_id, set()).add(key.tenant_id)
    receipts.judge(logs, tenants, findings)
    files = [str(file) for writer in writers for file in writer.files]
    return Report(findings, files, ledger.records, [session_report(session) for session in ledger.sessions.values()])
