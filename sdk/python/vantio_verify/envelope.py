"""Envelopes, which emitters send, and lines, which ledgers hold. Both are hostile until they were read here."""

import re
from dataclasses import dataclass
from typing import cast

from .canonical import Json, NotCanonicalError, parse_canonical
from .commitment import Disclosure, check_disclosure, opens, units
from .record import MAX_BYTES, FormError, Record, check_record
from .tables import FORMS

MAX_ENVELOPE_UNITS = 131_072
_MAC = re.compile(r"[0-9a-f]{64}", re.ASCII)
_RECORD_AT = len('{"received_at":"","received_mac":"","record":') + 27 + 64
_AFTER_RECORD = len(',"record_mac":""}') + 64
MAX_LINE_BYTES = _RECORD_AT + MAX_BYTES + _AFTER_RECORD


@dataclass(frozen=True, slots=True)
class Envelope:
    record: Record
    record_mac: str
    disclosures: list[Disclosure]


@dataclass(frozen=True, slots=True)
class Line:
    received_at: str
    received_mac: str
    record: Record
    record_mac: str


def _object(data: bytes, what: str) -> dict[str, Json]:
    try:
        value = parse_canonical(data)
    except NotCanonicalError as error:
        raise FormError(f"{what}: {error}") from None
    if not isinstance(value, dict):
        raise FormError(f"{what} is not an object")
    return value


def _mac(value: Json, name: str) -> str:
    if not isinstance(value, str) or _MAC.fullmatch(value) is None:
        raise FormError(f"{name} is not 64 hex digits")
    return value


def parse_envelope(data: bytes) -> Envelope:
    value = _object(data, "the envelope")
    if units(data.decode()) > MAX_ENVELOPE_UNITS:
        raise FormError(f"the envelope has more than {MAX_ENVELOPE_UNITS} code units")
    if value.keys() - {"disclosures"} != {"record", "record_mac"}:
        raise FormError("an envelope has record, record_mac and perhaps disclosures, and nothing else")
    record = check_record(value["record"])
    disclosures = _disclosures(value["disclosures"], record) if "disclosures" in value else []
    return Envelope(record, _mac(value["record_mac"], "record_mac"), disclosures)


def _disclosures(value: Json, record: Record) -> list[Disclosure]:
    if not isinstance(value, list) or not 1 <= len(value) <= 4:
        raise FormError("disclosures is not a list of 1 to 4")
    found = [check_disclosure(item) for item in value]
    if len({disclosure.field for disclosure in found}) != len(found):
        raise FormError("two disclosures are of one field")
    if not all(opens(disclosure, record) for disclosure in found):
        raise FormError("a disclosure opens no commitment of the record")
    return found


def parse_line(data: bytes) -> Line:
    if len(data) > MAX_LINE_BYTES:
        raise FormError(f"the line has more than {MAX_LINE_BYTES} bytes")
    value = _object(data, "the line")
    if value.keys() != {"received_at", "received_mac", "record", "record_mac"}:
        raise FormError("a line has received_at, received_mac, record and record_mac, and nothing else")
    received_at = value["received_at"]
    # Its pattern, not its calendar: the MAC over it tells whether it is the writer's.
    if not FORMS["occurred_at"].fits(received_at):
        raise FormError("received_at is outside its form")
    received_mac = _mac(value["received_mac"], "received_mac")
    record_mac = _mac(value["record_mac"], "record_mac")
    # What stands around the record in a canonical line has one length.
    record = check_record(value["record"], data[_RECORD_AT : len(data) - _AFTER_RECORD])
    return Line(cast(str, received_at), received_mac, record, record_mac)
