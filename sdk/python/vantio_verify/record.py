"""A record: its form, its rules, its RecordHash. Every field of it may be an agent's choice."""

import hashlib
from dataclasses import dataclass
from typing import cast

from . import times
from .canonical import Json, canonicalise
from .ed25519 import is_small_order
from .tables import ACTIONS, ANY_RECORD, EVERY_RECORD, FORMS, TYPES

MAX_BYTES = 16_384
_ZEROS = "0" * 64
_TIMES = ("occurred_at", "first_at", "last_at", "expires_at")
_CONTROL_PLANE_TYPES = frozenset(
    {"spend_lease", *list(TYPES)[list(TYPES).index("recovery") :]},
)
_EMITTERS_OF_THOSE = frozenset({"control_plane", "cli"})


class FormError(ValueError):
    """What a line, an envelope or a record is refused for: the field or rule, never the value."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was found well formed, and its canonical bytes."""

    fields: dict[str, Json]
    canonical: bytes
    hash: str

    def text(self, name: str) -> str:
        return cast(str, self.fields[name])

    def number(self, name: str) -> int:
        return cast(int, self.fields[name])


def record_hash(canonical: bytes) -> bytes:
    return hashlib.sha256(b"vantio/record/v1\0" + canonical).digest()


def _check_shape(record: dict[str, Json]) -> None:
    type_ = record.get("event_type")
    if not isinstance(type_, str) or type_ not in TYPES:
        raise FormError("event_type is none of the types")
    actions, must, may = TYPES[type_]
    for name, value in record.items():
        if name not in EVERY_RECORD and name not in ANY_RECORD and name not in must and name not in may:
            raise FormError(f"{name} may not stand in {type_}" if name in FORMS else "a field is unknown")
        form = FORMS.get(name)
        if form is not None and not form.fits(value):
            raise FormError(f"{name} is outside its form")
    missing = sorted((EVERY_RECORD | must) - record.keys())
    if missing:
        raise FormError(f"{missing[0]} is missing")
    action = record["action_taken"]
    if not isinstance(action, str) or action not in ACTIONS or action not in actions:
        raise FormError(f"action_taken is none that {type_} may have")


def _rule(number: int, holds: bool, field: str) -> None:
    if not holds:
        raise FormError(f"{field} breaks rule {number}")


def _check_rules(record: dict[str, Json]) -> None:
    has = record.keys()
    type_ = cast(str, record["event_type"])
    is_first = type_ == "session_start"
    text = cast(dict[str, str], record)
    _rule(1, ("trace_id" not in has) == (text["trace_origin"] in ("none", "unread")), "trace_id")
    for name in ("trace_id", "span_id", "parent_span_id"):
        _rule(2, name not in has or text[name].strip("0") != "", name)
    _rule(2, "span_id" not in has or "trace_id" in has, "span_id")
    _rule(2, "parent_span_id" not in has or "span_id" in has, "parent_span_id")
    _rule(3, (record["seq"] == 0) == is_first == (text["prev"] == _ZEROS), "seq or prev")
    _rule(4, text["event_id"][-12:] == text["session_id"][:12], "event_id")
    if "session_public_key" in has:
        key = bytes.fromhex(text["session_public_key"])
        _rule(5, text["session_id"] == hashlib.sha256(key).digest()[:16].hex(), "session_id")
    _rule(6, ("session_root_key" in has) == ("session_root_sig" in has), "session_root_sig")
    for name in _TIMES:
        _rule(7, name not in has or times.is_day(text[name]), name)
    _rule(8, ("first_at" in has) == ("last_at" in has), "last_at")
    _rule(8, "first_at" not in has or text["first_at"] <= text["last_at"], "last_at")
    blocked = text["action_taken"].startswith("BLOCKED_")
    _rule(9, (text["evidence"] == "denied_before_effect") == blocked, "evidence")
    _rule(11, type_ not in _CONTROL_PLANE_TYPES or text["source"] in _EMITTERS_OF_THOSE, "source")
    _rule(12, "lost_event_type" not in has or text["lost_event_type"] in TYPES, "lost_event_type")
    _rule(12, "price_date" not in has or times.is_day(text["price_date"]), "price_date")
    for name in ("session_public_key", "session_root_key"):
        _rule(13, name not in has or not is_small_order(bytes.fromhex(text[name])), name)
    _rule(14, "session_sig" not in has or "count" not in has, "count")


def check_record(value: Json, canonical: bytes | None = None) -> Record:
    """The record that a JSON value is; raises FormError for what is none.

    `canonical` may be given by who has checked that the record stands so in a longer canonical text.
    """
    if not isinstance(value, dict):
        raise FormError("the record is not an object")
    _check_shape(value)
    _check_rules(value)
    if canonical is None:
        canonical = canonicalise(value)
    if len(canonical) > MAX_BYTES:
        raise FormError(f"the record has more than {MAX_BYTES} bytes")
    return Record(value, canonical, record_hash(canonical).hex())
