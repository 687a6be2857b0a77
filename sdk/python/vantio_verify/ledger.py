"""Reads the files of a ledger, line by line, as record.md's section Verification says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .api_key import ApiKey
from .disclosures import check_disclosures
from .envelope import Line, parse_line
from .family import Writer, disclosures_of
from .finding import Findings, Place
from .lines import LineReader, RawLine
from .record import FormError
from .segments import Segments
from .session import Fault, Pins, Session
from .values import Values

OnRecord = Callable[[Writer, int, Line, Place], None]
_BEFORE_FIRST = "0" * 64


def _ignore(_writer: Writer, _index: int, _line: Line, _place: Place) -> None:
    pass


@dataclass
class Trust:
    """What the user named: nothing that is found in a ledger is added to it."""

    api_keys: list[ApiKey] = field(default_factory=list)
    session_roots: frozenset[str] = frozenset()
    pins: Pins = field(default_factory=dict)


class LedgerVerifier:
    """Give it each writer's files, then `finish`. Memory grows with sessions and their gaps, not with records."""

    def __init__(self, trust: Trust, findings: Findings, on_record: OnRecord = _ignore) -> None:
        self._trust = trust
        self._findings = findings
        self._on_record = on_record
        self._keys: dict[str, list[ApiKey]] = {}
        for key in trust.api_keys:
            self._keys.setdefault(key.key_id, []).append(key)
        self._unknown_keys: set[str] = set()
        self._pins_seen: set[tuple[str, int]] = set()
        self.sessions: dict[str, Session] = {}
        self.records = 0
        self.values = Values()

    def read(self, writer: Writer) -> None:
        segments = Segments()
        # None where the line before cannot be held against the next one.
        before: str | None = _BEFORE_FIRST
        is_short = bool(writer.rotated) and min(writer.rotated) != 1
        index = 0
        numbers = {file: number for number, file in writer.rotated.items()}
        for file in writer.files:
            reader = LineReader(file)
            for raw in reader.lines():
                place = Place(str(file), raw.number)
                if is_short:
                    self._findings.unmeasured("segment", "earlier files of this writer are not there", place)
                    before, is_short = None, False
                if raw.is_torn:
                    self._findings.wrong("torn", "the last line has no newline", place)
                    continue
                line = self._parse(raw, place)
                if line is not None:
                    self._judge(line, before, place)
                    segments.tell(line.record, place)
                    self._on_record(writer, index, line, place)
                    self.values.see(line.record)
                before = None if line is None else line.received_mac
                index += 1
            if file in numbers:
                segments.was_read(numbers[file], reader)
            self._check_disclosures(file)
        if is_short:
            place = Place(str(writer.files[0]))
            self._findings.unmeasured("segment", "earlier files of this writer are not there", place)
        segments.finish(writer, self._findings)

    def _check_disclosures(self, file: Path) -> None:
        beside = disclosures_of(file)
        if beside.exists():
            check_disclosures(beside, file, self._findings, self.values.opened)
        self.values.end_file(beside if beside.exists() else None)

    def _parse(self, raw: RawLine, place: Place) -> Line | None:
        try:
            if raw.data is None:
                raise FormError("the line is too long")
            return parse_line(raw.data)
        except FormError as error:
            self._findings.wrong("form", str(error), place)
            return None

    def _judge(self, line: Line, before: str | None, place: Place) -> None:
        self.records += 1
        record = line.record
        id_ = record.text("session_id")
        session = self.sessions.get(id_)
        if session is None:
            session = Session(id_, record.text("tenant_id"), record.text("key_id"), record.text("source"))
            self.sessions[id_] = session
        if (id_, record.number("seq")) in self._trust.pins:
            self._pins_seen.add((id_, record.number("seq")))
        by_writer = self._check_macs(line, before, place)
        by_session = session.take(record, place, self._trust.pins, self._trust.session_roots)
        fault = by_writer or by_session
        if fault is not None:
            self._findings.wrong(*fault, place, id_)

    def _check_macs(self, line: Line, before: str | None, place: Place) -> Fault | None:
        record = line.record
        keys = self._keys.get(record.text("key_id"))
        if keys is None:
            key_id = record.text("key_id")
            if key_id not in self._unknown_keys:
                self._unknown_keys.add(key_id)
                why = f"MAC unmeasured: no key of the id {key_id} was named"
                self._findings.unmeasured("mac", why, place)
            return None
        held = [key for key in keys if key.record_mac(record.canonical) == line.record_mac]
        if not held:
            return "mac", "record_mac does not hold"
        key = held[0]
        if before is not None and key.received_mac(before, line.received_at, line.record_mac) != line.received_mac:
            return "received_mac", "received_mac does not hold against the line before it"
        if record.text("tenant_id") != key.tenant_id:
            return "tenant", "tenant_id is not that of the API key"
        if record.text("source") == "control_plane" and key.plan != "control":
            return "tenant", "source is control_plane, and the API key is not of that plan"
        return None

    def finish(self) -> None:
        for session in self.sessions.values():
            session.finish(self._trust.pins, self._findings)
        for id_, seq in sorted(self._trust.pins.keys() - self._pins_seen):
            self._findings.wrong("head", f"the pinned record {seq} is not there", session_id=id_)
        self.values.finish(self._findings)
        if not self.sessions:
            self._findings.unmeasured("tail", "there is no record")
