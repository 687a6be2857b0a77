"""Receipts of ingest, section 4 of log.md: promises that a checkpoint will cover records by a time."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from . import times
from .canonical import Json, NotCanonicalError, canonicalise, parse_json
from .ed25519 import holds
from .envelope import Line
from .finding import Findings, Place
from .forms import Form, Pattern
from .lines import LineReader
from .note import Vkey
from .record import FormError
from .tables import FORMS

_SECOND = 1_000_000
# A receipt has every record of a batch, so that it may be far longer than a line.
_MAX_BYTES = 1 << 24
_HEX64: Form = Pattern("^[0-9a-f]{64}$")
_SIGNATURE: Form = Pattern("^[0-9a-f]{128}$")
_MEMBERS = {"events", "key_id", "merge_by", "origin", "received_at", "tenant_id"}
_CERTIFICATE = {"log", "not_after", "not_before", "public_key", "signature"}


@dataclass(frozen=True, slots=True)
class Certificate:
    """The word of the log's key for the one that signed a receipt."""

    canonical: bytes
    signature: bytes
    log: str
    public_key: bytes
    not_before: int
    """Microseconds since 1970."""
    not_after: int


@dataclass(frozen=True, slots=True)
class Receipt:
    place: Place
    canonical: bytes
    signature: bytes
    origin: str
    tenant_id: str
    key_id: str
    received_at: int
    """Microseconds since 1970."""
    merge_by: int
    events: list[tuple[str, str]]
    """Event id and RecordHash of each record."""
    certificate: Certificate | None

    def is_signed_by(self, log_key: bytes) -> bool:
        """Whether the log's key signed it, or the one that it vouches for in the certificate."""
        message = b"vantio/receipt/v1\0" + self.canonical
        known = self.certificate
        if known is None:
            return holds(log_key, self.signature, message)
        return (
            self.origin == f"{known.log}/{self.tenant_id}"
            and known.not_before <= self.received_at <= known.not_after
            and holds(log_key, known.signature, b"vantio/receipt-key/v1\0" + known.canonical)
            and holds(known.public_key, self.signature, message)
        )


def _text(value: Json, form: Form, name: str) -> str:
    if not form.fits(value):
        raise FormError(f"{name} of the receipt is outside its form")
    return cast(str, value)


def _time(value: Json, name: str) -> str:
    text = _text(value, FORMS["occurred_at"], name)
    if not times.is_day(text):
        raise FormError(f"{name} of the receipt names no day")
    return text


def _event(value: Json) -> tuple[str, str]:
    if not isinstance(value, dict) or value.keys() != {"event_id", "record_hash"}:
        raise FormError("an event of the receipt has event_id and record_hash, and nothing else")
    return _text(value["event_id"], FORMS["event_id"], "event_id"), _text(value["record_hash"], _HEX64, "record_hash")


def _certificate(value: Json) -> Certificate:
    if not isinstance(value, dict) or value.keys() != _CERTIFICATE:
        raise FormError("certificate of the receipt has not the members that it should")
    log = value["log"]
    if not isinstance(log, str):
        raise FormError("log of the receipt's certificate is not text")
    return Certificate(
        canonical=canonicalise({name: member for name, member in value.items() if name != "signature"}),
        signature=bytes.fromhex(_text(value["signature"], _SIGNATURE, "signature of the certificate")),
        log=log,
        public_key=bytes.fromhex(_text(value["public_key"], _HEX64, "public_key")),
        not_before=times.microseconds(_time(value["not_before"], "not_before")),
        not_after=times.microseconds(_time(value["not_after"], "not_after")),
    )


def parse_receipt(data: bytes, place: Place) -> Receipt:
    try:
        value = parse_json(data)
        if not isinstance(value, dict) or value.keys() - {"certificate"} != {"receipt", "signature"}:
            raise FormError("a receipt has receipt, signature and perhaps certificate, and nothing else")
        receipt = value["receipt"]
        if not isinstance(receipt, dict) or receipt.keys() != _MEMBERS:
            raise FormError("receipt has not the members that it should")
        signature = bytes.fromhex(_text(value["signature"], _SIGNATURE, "signature"))
        events, origin = receipt["events"], receipt["origin"]
        if not isinstance(events, list) or not isinstance(origin, str):
            raise FormError("events of the receipt is not a list, or its origin not text")
        return Receipt(
            place=place,
            canonical=canonicalise(receipt),
            signature=signature,
            origin=origin,
            tenant_id=_text(receipt["tenant_id"], FORMS["tenant_id"], "tenant_id"),
            key_id=_text(receipt["key_id"], FORMS["key_id"], "key_id"),
            received_at=times.microseconds(_time(receipt["received_at"], "received_at")),
            merge_by=times.microseconds(_time(receipt["merge_by"], "merge_by")),
            events=[_event(event) for event in events],
            certificate=_certificate(value["certificate"]) if "certificate" in value else None,
        )
    except NotCanonicalError as error:
        raise FormError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a record stands: the base of its writer's files, and the index of its line."""

    writer: Path
    index: int
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Log:
    """What is known of the log that gave receipts."""

    writer: Path
    key: Vkey
    has_all_lines: bool
    cosigned: list[tuple[int, int]]
    """Size and time (seconds) of the checkpoints that pinned witnesses cosigned."""


@dataclass(slots=True)
class Receipts:
    """Receipts that the user kept. Memory grows with them."""

    kept: list[Receipt] = field(default_factory=list)
    _entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    _wanted: set[str] = field(default_factory=set)
    _event_ids: dict[str, str] = field(default_factory=dict)

    def read(self, file: Path, findings: Findings) -> None:
        """One receipt a line, as it came in the answer."""
        for line in LineReader(file, max_bytes=_MAX_BYTES).lines():
            place = Place(str(file), line.number)
            try:
                if line.data is None:
                    raise FormError(f"the receipt has more than {_MAX_BYTES} bytes")
                self.kept.append(parse_receipt(line.data, place))
            except FormError as error:
                findings.wrong("receipt", str(error), place)
        self._wanted = {hash_ for receipt in self.kept for _, hash_ in receipt.events}

    def note(self, writer: Path, index: int, line: Line) -> None:
        """To be told of each record of the ledger."""
        event = line.record.text("event_id"), line.record.hash
        if line.record.hash in self._wanted:
            self._event_ids[line.record.hash] = line.record.text("event_id")
            self._entries.setdefault(event, Entry(writer, index, line.record.text("tenant_id")))

    def judge(self, logs: dict[str, Log], tenants: dict[str, set[str]], findings: Findings) -> None:
        """`logs` by origin; `tenants` are those of the API keys that the user named, by key id."""
        for receipt in self.kept:
            log = logs.get(receipt.origin)
            if log is None:
                findings.wrong("receipt", "its origin is that of no log here", receipt.place)
            elif not receipt.is_signed_by(log.key.key):
                findings.wrong("receipt", "its signature does not hold under the log's key", receipt.place)
            elif self._is_of_another_tenant(receipt, tenants):
                findings.wrong("receipt", "its tenant is another than that of its key or records", receipt.place)
            elif any(self._event_ids.get(hash_, event_id) != event_id for event_id, hash_ in receipt.events):
                findings.wrong("receipt", "an event_id is not that of the record whose hash it gives", receipt.place)
            else:
                self._judge_promise(receipt, log, findings)

    def _is_of_another_tenant(self, receipt: Receipt, tenants: dict[str, set[str]]) -> bool:
        entries = (self._entries.get(event) for event in receipt.events)
        theirs = {entry.tenant_id for entry in entries if entry is not None}
        return any(found - {receipt.tenant_id} for found in (theirs, tenants.get(receipt.key_id, set())))

    def _judge_promise(self, receipt: Receipt, log: Log, findings: Findings) -> None:
        entries = [self._entries.get(event) for event in receipt.events]
        indexes = [entry.index for entry in entries if entry is not None and entry.writer == log.writer]
        is_whole = len(indexes) == len(entries)
        needed = max(indexes, default=-1) + 1
        by = -(-receipt.merge_by // _SECOND)
        if is_whole and any(size >= needed and time <= by for size, time in log.cosigned):
            return
        late = [size for size, time in log.cosigned if time * _SECOND > receipt.merge_by]
        if log.has_all_lines and late and (not is_whole or min(late) < needed):
            why = "the promise is broken: a record is missing from a checkpoint cosigned after merge_by"
            findings.wrong("receipt", why, receipt.place)
        else:
            why = "promise unmeasured: no pinned witness cosigned a checkpoint that tells"
            findings.unmeasured("receipt", why, receipt.place)
