"""Checks a log beside the ledger that it is over: section 5 of log.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .checkpoint import Checkpoint, check_log, parse_checkpoint
from .family import Writer
from .finding import Findings, Place
from .history import History, read_small
from .lines import LineReader
from .note import NoteError, Vkey, parse_vkey
from .receipt import Log
from .walk import Lines, Walk


@dataclass(frozen=True)
class LogTrust:
    """What the user pinned."""

    vkeys: list[Vkey]
    witnesses: list[Vkey]
    kept: list[tuple[Path, Checkpoint]]


_LOCAL = "vantio.local/"


@dataclass(frozen=True, slots=True)
class FirstLine:
    """What of a ledger's first line its log is named after: in local mode, and in cloud mode."""

    received_mac: str
    tenant_id: str

    def names(self, origin: str) -> bool:
        if is_cloud(origin):
            return origin.endswith(f"/{self.tenant_id}")
        return origin == _LOCAL + self.received_mac[:32]


def is_cloud(origin: str) -> bool:
    return not origin.startswith(_LOCAL)


def log_folder(writer: Writer) -> Path:
    return writer.base.with_name(f"{writer.base.name}.log")


def _vkey_file(writer: Writer) -> Path:
    return writer.base.with_name(f"{writer.base.name}.vkey")


def whole_lines(writer: Writer) -> Lines:
    for file in writer.files:
        for line in LineReader(file).lines():
            if not line.is_torn:
                yield Place(str(file), line.number), line.data


def _key_beside(writer: Writer, findings: Findings) -> Vkey | None:
    file = _vkey_file(writer)
    if not file.is_file():
        return None
    try:
        return parse_vkey(read_small(file).decode("utf-8", "replace").removesuffix("\n"))
    except NoteError as error:
        findings.wrong("log_checkpoint", str(error), Place(str(file)))
        return None


def _choose_key(
    checkpoint: Checkpoint, writer: Writer, trust: LogTrust, place: Place, findings: Findings
) -> Vkey | None:
    pinned = [vkey for vkey in trust.vkeys if vkey.name == checkpoint.origin]
    if pinned:
        signed = [vkey for vkey in pinned if any(line.is_of(vkey) for line in checkpoint.note.signatures)]
        return (signed or pinned)[0]
    findings.unmeasured("log_checkpoint", "log key not pinned", place)
    return _key_beside(writer, findings)


def _read_checkpoint(
    writer: Writer, first: FirstLine | None, trust: LogTrust, findings: Findings
) -> tuple[Checkpoint, Vkey | None] | None:
    file = log_folder(writer) / "checkpoint"
    place = Place(str(file))
    try:
        if not file.is_file():
            raise NoteError("there is no checkpoint")
        checkpoint = parse_checkpoint(read_small(file))
        if first is not None and not first.names(checkpoint.origin):
            raise NoteError("its origin is not that of the ledger's first line")
        key = _choose_key(checkpoint, writer, trust, place, findings)
        if key is not None:
            check_log(checkpoint, key)
        return checkpoint, key
    except NoteError as error:
        findings.wrong("log_checkpoint", str(error), place)
        return None


def _check_lines(walk: Walk, lines: Iterator[object], size: int, place: Place, findings: Findings) -> None:
    total = walk.lines_read + sum(1 for _ in lines)
    if total < size:
        findings.wrong("log_size", f"the ledger has {total} lines, the checkpoint {size} leaves", place)
    elif total > size:
        findings.unmeasured("log_size", f"unsealed: {total - size} lines after the newest checkpoint", place)


def verify_log(
    writer: Writer, first: FirstLine | None, trust: LogTrust, findings: Findings
) -> tuple[str, Log | None] | None:
    """Returns the log's origin, if its checkpoint is one, and what receipts are judged by, if its key is known.

    `first` is None where the ledger's first line is not there, or is none.
    """
    read = _read_checkpoint(writer, first, trust, findings)
    if read is None:
        return None
    newest, key = read
    folder = log_folder(writer)
    place = Place(str(folder / "checkpoint"))
    is_short = bool(writer.rotated) and min(writer.rotated) != 1
    lines = None if is_short else whole_lines(writer)
    kept = [(file, checkpoint) for file, checkpoint in trust.kept if checkpoint.origin == newest.origin]
    history = History(folder, newest, key, trust.witnesses, kept, findings)
    walk = Walk(folder, newest.size, lines, findings, is_cloud(newest.origin))
    for size, root in walk.roots(history.stops()):
        if size == newest.size and root != newest.root:
            findings.wrong("log_root", "the tiles make another root than the checkpoint's", place)
        history.at(size, root)
    history.after_newest()
    if lines is None:
        why = "earlier files are not there: nobody can tell which entries the lines are"
        findings.unmeasured("log_leaf", why, place)
    else:
        _check_lines(walk, lines, newest.size, place, findings)
    if all(size != newest.size for size, _ in history.cosigned):
        findings.unmeasured("log_cosignature", "unwitnessed: no cosignature of a pinned witness", place)
    if key is None:
        return newest.origin, None
    return newest.origin, Log(writer.base, key, lines is not None, history.cosigned)
