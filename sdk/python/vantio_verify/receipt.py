"""Receipts of ingest, section 4 of log.md: promises that a checkpoint will cover records by a time."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from . import times
from .canonical import Json, NotCanonicalError, canonicalise, parse_json
from .commitment import units
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
_MAX_BYTES = 4 << 20
_LOCAL = "vantio.local/"
# From receipt to checkpoint, at most, in microseconds.
_LOCAL_MERGE = 5 * _SECOND
_CLOUD_MERGE = 600 * _SECOND
# How far a server's clock may be ahead of ours before it is called wrong.
_SLACK = 300 * _SECOND
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
    """Microseconds since 1970, as is `merge_by`."""
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
    if not isinstance(log, str) or not 1 <= units(log) <= 191:
        raise FormError("log of the receipt's certificate is not text of 1 to 191 characters")
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
        # Refuses what no text can hold, before it is written again.
        canonical = canonicalise(receipt)
        certificate = _certificate(value["certificate"]) if "certificate" in value else None
        if json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() != data:
            raise FormError("a receipt is JSON without spaces")
        events, origin = receipt["events"], receipt["origin"]
        if not isinstance(events, list) or not events:
            raise FormError("events of the receipt is not a list, or it is empty")
        if not isinstance(origin, str) or not 1 <= units(origin) <= 255:
            raise FormError("origin of the receipt is not text of 1 to 255 characters")
        return Receipt(
            place=place,
            canonical=canonical,
            signature=signature,
            origin=origin,
            tenant_id=_text(receipt["tenant_id"], FORMS["tenant_id"], "tenant_id"),
            key_id=_text(receipt["key_id"], FORMS["key_id"], "key_id"),
            received_at=times.microseconds(_time(receipt["received_at"], "received_at")),
            merge_by=times.microseconds(_time(receipt["merge_by"], "merge_by")),
            events=[_event(event) for event in events],
            certificate=certificate,
        )
    except NotCanonicalError as error:
        raise FormError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a record stands among the lines of its writer."""

    index: int
    event_id: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Log:
    """What is known of the log that gave receipts."""

    writer: Path
    """The base of the writer's files."""
    keys: list[Vkey]
    revoked: dict[str, tuple[int, int]]
    """By key id: index of the record that revokes it, and when it was received, in microseconds since 1970."""
    has_all_lines: bool
    cosigned: list[tuple[int, int]]
    """Size and time (seconds) of the checkpoints that pinned witnesses cosigned."""
    astray: set[int]
    """Indexes of lines that are not the entries of the log."""


@dataclass(slots=True)
class Receipts:
    """Receipts that the user kept. Memory grows with them."""

    kept: list[Receipt] = field(default_factory=list)
    _entries: dict[tuple[Path, str], Entry] = field(default_factory=dict)
    _wanted: set[str] = field(default_factory=set)

    def read(self, file: Path, findings: Findings) -> None:
        """One receipt a line, as it came in the answer."""
        for line in LineReader(file, max_bytes=_MAX_BYTES).lines():
            place = Place(str(file), line.number)
            if line.is_torn:
                # Whoever kept the receipts was ended while writing: no fault of the log's.
                findings.unmeasured("receipt", "the last line has no newline", place)
                continue
            try:
                if line.data is None:
                    raise FormError(f"the receipt has more than {_MAX_BYTES} bytes")
                self.kept.append(parse_receipt(line.data, place))
            except FormError as error:
                findings.wrong("receipt", str(error), place)
        self._wanted = {hash_ for receipt in self.kept for _, hash_ in receipt.events}

    def note(self, writer: Path, index: int, line: Line) -> None:
        """To be told of each record of the ledger."""
        hash_ = line.record.hash
        if hash_ in self._wanted:
            entry = Entry(index, line.record.text("event_id"), line.record.text("tenant_id"))
            self._entries.setdefault((writer, hash_), entry)

    def indexes(self, writer: Path) -> frozenset[int]:
        """Of the lines whose records the receipts name."""
        return frozenset(entry.index for (base, _), entry in self._entries.items() if base == writer)

    def judge(self, logs: dict[str, Log], vkeys: list[Vkey], tenants: dict[str, set[str]], findings: Findings) -> None:
        """`logs` by origin; `tenants` are those of the API keys that the user named, by key id."""
        unwitnessed = 0
        partial: set[str] = set()
        for receipt in self.kept:
            log = logs.get(receipt.origin)
            keys = [vkey for vkey in [*([] if log is None else log.keys), *vkeys] if vkey.name == receipt.origin]
            if log is None and not keys:
                findings.wrong("receipt", "its origin is that of no log here", receipt.place)
            elif not keys:
                findings.unmeasured("receipt", "the key of its log is not there", receipt.place)
            elif (why := self._fault(receipt, log, keys, tenants)) is not None:
                findings.wrong("receipt", why, receipt.place)
            elif log is None:
                findings.unmeasured("receipt", "no checkpoint of its log holds", receipt.place)
            elif not log.has_all_lines:
                partial.add(receipt.origin)
            elif not self._judge_promise(receipt, log, findings):
                unwitnessed += 1
        for _ in partial:
            findings.unmeasured("receipt", "promises unmeasured: the ledger was not given whole")
        if unwitnessed:
            why = f"promises unmeasured: {unwitnessed}; the records are there, but no pinned witness says since when"
            findings.unmeasured("receipt", why)

    def _fault(self, receipt: Receipt, log: Log | None, keys: list[Vkey], tenants: dict[str, set[str]]) -> str | None:
        signer = next((vkey for vkey in keys if receipt.is_signed_by(vkey.key)), None)
        if signer is None:
            return "its signature does not hold under the log's key"
        if receipt.key_id in tenants and receipt.tenant_id not in tenants[receipt.key_id]:
            return "its tenant is not that of the API key"
        is_local = receipt.origin.startswith(_LOCAL)
        if receipt.merge_by - receipt.received_at > (_LOCAL_MERGE if is_local else _CLOUD_MERGE):
            after = "5 seconds" if is_local else "10 minutes"
            return f"merge_by is more than {after} after received_at, so that the promise binds nobody"
        if receipt.received_at > time.time() * _SECOND + _SLACK:
            return "received_at is more than 5 minutes ahead of the clock of this machine"
        if log is None:
            return None
        if log.has_all_lines and receipt.received_at > log.revoked.get(signer.id.hex(), (0, receipt.received_at))[1]:
            return "received_at is after the log revoked the key that signed the receipt"
        for event_id, hash_ in receipt.events:
            entry = self._entries.get((log.writer, hash_))
            if entry is not None and entry.index not in log.astray:
                if entry.tenant_id != receipt.tenant_id:
                    return "its tenant is not that of the record that it names"
                if entry.event_id != event_id:
                    return "an event_id is not that of the record whose hash it gives"
        return None

    def _judge_promise(self, receipt: Receipt, log: Log, findings: Findings) -> bool:
        """Whether anything but a witness's time is left to be told."""
        entries = [self._entries.get((log.writer, hash_)) for _, hash_ in receipt.events]
        indexes = [entry.index for entry in entries if entry is not None and entry.index not in log.astray]
        is_whole = len(indexes) == len(entries)
        needed = max(indexes, default=-1) + 1
        by = -(-receipt.merge_by // _SECOND)
        if is_whole and any(size >= needed and at <= by for size, at in log.cosigned):
            return True
        late = [size for size, at in log.cosigned if at * _SECOND > receipt.merge_by]
        if late and (not is_whole or min(late) < needed):
            why = "the promise is broken: a record is missing from a checkpoint cosigned after merge_by"
            findings.wrong("receipt", why, receipt.place)
        elif not is_whole:
            why = "promise unmeasured: records are not in the ledger, and no witness says whether their time has passed"
            findings.unmeasured("receipt", why, receipt.place)
        else:
            return False
        return True
