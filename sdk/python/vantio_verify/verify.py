"""The whole verification: ledgers, the logs beside them, and receipts."""

from dataclasses import dataclass, field
from pathlib import Path

from .envelope import Line
from .family import Writer, find_writers
from .finding import Findings, Place
from .history import read_small
from .ledger import LedgerVerifier, Trust
from .log import LogTrust, OpenLog, log_folder
from .receipt import Receipts
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


def _first_line(file: Path) -> bytes | None:
    return read_small(file).split(b"\n", 1)[0] if file.is_file() else None


def _open_logs(request: Request, writers: list[Writer], findings: Findings) -> list[OpenLog]:
    """A kept checkpoint goes to the log whose own begins with the same name, or to the first, which refuses it."""
    trust = request.log_trust
    found = [writer for writer in writers if log_folder(writer).is_dir()]
    names = [_first_line(log_folder(writer) / "checkpoint") for writer in found]
    kept: list[list[Path]] = [[] for _ in found]
    for file in trust.kept if found else []:
        name = _first_line(file)
        kept[names.index(name) if name in names else 0].append(file)
    return [OpenLog(writer, trust, files, findings) for writer, files in zip(found, kept, strict=True)]


def _tell_missing(request: Request, writers: list[Writer], logs: list[OpenLog], findings: Findings) -> None:
    """A log that was pinned and is not there must not pass for a ledger that never had one."""
    trust = request.log_trust
    if not logs and (trust.vkeys or trust.witnesses or trust.kept or request.receipts):
        why = "it has no log beside it, and a key, witness, checkpoint or receipt of one was named"
        findings.wrong("log_checkpoint", why, Place(str(writers[0].files[0])))
    origins = {log.origin for log in logs}
    for name in dict.fromkeys(vkey.name for vkey in trust.vkeys):
        if logs and all(log.history is not None for log in logs) and name not in origins:
            findings.wrong("log_checkpoint", f"the log of the pinned key {name} is not here")


def verify(request: Request) -> Report:
    """Raises FamilyError for a file that is none of a ledger, OSError for one that cannot be read."""
    findings = Findings(request.limit)
    writers = find_writers(request.ledgers)
    receipts = Receipts()
    for file in request.receipts:
        receipts.read(file, findings)
    logs = _open_logs(request, writers, findings)
    by_writer = {log.writer.base: log for log in logs}

    def on_record(writer: Writer, index: int, line: Line, place: Place) -> None:
        if writer.base in by_writer:
            by_writer[writer.base].see(index, line, place)
        receipts.note(writer.base, index, line)

    ledger = LedgerVerifier(request.trust, findings, on_record)
    for writer in writers:
        ledger.read(writer)
    ledger.finish()
    _tell_missing(request, writers, logs, findings)
    judged = {log.origin: log.finish(receipts.indexes(log.writer.base)) for log in logs}
    tenants: dict[str, set[str]] = {}
    for key in request.trust.api_keys:
        tenants.setdefault(key.key_id, set()).add(key.tenant_id)
    if logs:
        sound = {origin: log for origin, log in judged.items() if origin is not None and log is not None}
        receipts.judge(sound, request.log_trust.vkeys, tenants, findings)
    files = [str(file) for writer in writers for file in writer.files]
    sessions = [session_report(session) for session in ledger.sessions.values()]
    return Report(findings, files, ledger.records, sessions, ledger.values.counts)
