"""Checks a log beside the ledger that it is over: section 5 of log.md."""

from dataclasses import dataclass, field
from pathlib import Path

from .envelope import Line
from .family import Writer
from .finding import Findings, Place
from .handovers import Handovers
from .history import Head, History, Listing, open_head, read_small
from .lines import LineReader
from .note import NoteError, Vkey, parse_vkey
from .receipt import Log
from .walk import Lines, Walk

_LOCAL = "vantio.local/"


@dataclass(frozen=True)
class LogTrust:
    """What the user pinned."""

    vkeys: list[Vkey]
    witnesses: list[Vkey]
    kept: list[Path]


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


def _keys_beside(writer: Writer, findings: Findings) -> list[Vkey]:
    file = _vkey_file(writer)
    if not file.is_file():
        return []
    try:
        lines = (line.strip() for line in read_small(file).decode("utf-8", "replace").split("\n"))
        return [parse_vkey(line) for line in lines if line and not line.startswith("#")]
    except NoteError as error:
        findings.wrong("log_checkpoint", str(error), Place(str(file)))
        return []


def _choose_keys(origin: str, writer: Writer, trust: LogTrust, findings: Findings) -> list[Vkey]:
    pinned = [vkey for vkey in trust.vkeys if vkey.name == origin]
    return pinned or _keys_beside(writer, findings)


@dataclass
class OpenLog:
    """The log of a writer. To be opened before its ledger is read, so that a ledger that grows has lines enough."""

    writer: Writer
    trust: LogTrust
    kept: list[Path]
    findings: Findings
    history: History | None = field(init=False)
    _first: FirstLine | None = None

    def __post_init__(self) -> None:
        self._folder = log_folder(self.writer)
        self._place = Place(str(self._folder))
        self._is_short = bool(self.writer.rotated) and min(self.writer.rotated) != 1
        listing = Listing.of(self._folder, bool(self.trust.witnesses))
        head = self._open_newest(bool(listing.checkpoints))
        self.history = None
        if head is not None:
            newest, handovers = head
            witnesses = self.trust.witnesses
            self.history = History(self._folder, newest, handovers, listing, witnesses, self.kept, self.findings)

    @property
    def origin(self) -> str | None:
        return None if self.history is None else self.history.newest.checkpoint.origin

    def _open_newest(self, has_checkpoints: bool) -> tuple[Head, Handovers] | None:
        file = self._folder / "checkpoint"
        place = Place(str(file))
        if not file.is_file():
            if self.trust.vkeys or has_checkpoints:
                self.findings.wrong("log_checkpoint", "it is missing", place)
            else:
                self.findings.unmeasured("log_checkpoint", "the log has no checkpoint yet", place)
            return None
        try:
            checkpoint = open_head(file, None, []).checkpoint
            keys = _choose_keys(checkpoint.origin, self.writer, self.trust, self.findings)
            handovers = Handovers(self._folder, keys, self.findings)
            head = open_head(file, None, handovers.terms)
        except NoteError as error:
            self.findings.wrong("log_checkpoint", str(error), place)
            return None
        if all(vkey.name != checkpoint.origin for vkey in self.trust.vkeys):
            self.findings.unmeasured("log_checkpoint", "log key not pinned", self._place)
        return head, handovers

    def see(self, index: int, line: Line, place: Place) -> None:
        """To be told of each record of the ledger, in order."""
        if self._is_short or self.history is None:
            return
        if index == 0:
            self._first = FirstLine(line.received_mac, line.record.text("tenant_id"))
        self.history.clock.see(index, line.received_at, place)
        self.history.handovers.see(index, line, place)

    def finish(self, wanted: frozenset[int]) -> Log | None:
        """What receipts are judged by. `wanted` are the indexes of the lines that they name."""
        history, findings = self.history, self.findings
        if history is None:
            return None
        last = history.last
        if self._first is not None and not self._first.names(last.checkpoint.origin):
            why = "its origin is not that of the ledger's first line"
            findings.wrong("log_checkpoint", why, Place(str(last.file)))
        lines = None if self._is_short else whole_lines(self.writer)
        handovers = history.handovers
        wanted |= handovers.indexes
        walk = Walk(self._folder, last.size, lines, wanted, findings, is_cloud=is_cloud(last.checkpoint.origin))
        for size, root in walk.roots(history.stops()):
            if size == last.size and root is not None and root != last.checkpoint.root:
                why = "the tiles make another root than the checkpoint's"
                findings.wrong("log_root", why, Place(str(last.file)))
            history.at(size, root, walk.astray)
        history.after_last()
        if lines is None:
            why = "the ledger was not given whole: nobody can tell which entries its lines are"
            findings.unmeasured("log_leaf", why, Place(str(self.writer.files[0])))
        else:
            handovers.hold_records(last.size, walk.astray)
            self._check_lines(walk.lines_read + sum(1 for _ in lines), last.size)
        if all(size != last.size for size, _ in history.cosigned):
            why = "unwitnessed: no cosignature of a pinned witness"
            findings.unmeasured("log_cosignature", why, self._place)
        revoked = handovers.revoked(last.size, walk.astray)
        return Log(self.writer.base, handovers.keys, revoked, lines is not None, history.cosigned, walk.astray)

    def _check_lines(self, total: int, size: int) -> None:
        if total < size:
            why = f"the ledger has {total} lines, the checkpoint {size} leaves"
            self.findings.wrong("log_size", why, self._place)
        elif total > size:
            why = f"unsealed: {total - size} lines after the newest checkpoint"
            self.findings.unmeasured("log_size", why, self._place)
