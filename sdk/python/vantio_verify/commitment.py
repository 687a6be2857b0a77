"""Commitments to values that are not in a record, and the disclosures that open them."""

import hashlib
import re
from dataclasses import dataclass
from typing import cast

from .canonical import Json, canonicalise
from .record import FormError, Record
from .tables import FORMS

COMMITTED_FIELDS = ("agent_name", "exec_path", "file_path", "interpreter_path")
MAX_UNITS = 4096
_SALT = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Disclosure:
    field: str
    salt: str
    value: str


def commitment(disclosure: Disclosure) -> str:
    parts = (
        b"vantio/field/v1\0",
        disclosure.field.encode(),
        b"\0",
        bytes.fromhex(disclosure.salt),
        disclosure.value.encode(),
    )
    return hashlib.sha256(b"".join(parts)).hexdigest()


def opens(disclosure: Disclosure, record: Record) -> bool:
    return record.fields.get(f"{disclosure.field}_commit") == commitment(disclosure)


def units(text: str) -> int:
    """UTF-16 code units, which the record's bounds on text count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_disclosure(value: Json) -> Disclosure:
    if not isinstance(value, dict) or value.keys() != {"field", "salt", "value"}:
        raise FormError("a disclosure has field, salt and value, and nothing else")
    field, salt, text = value["field"], value["salt"], value["value"]
    if field not in COMMITTED_FIELDS:
        raise FormError("a disclosure's field is none that is committed to")
    if not isinstance(salt, str) or _SALT.fullmatch(salt) is None:
        raise FormError("a disclosure's salt is not 64 hex digits")
    if not isinstance(text, str) or not 1 <= units(text) <= MAX_UNITS:
        raise FormError(f"a disclosure's value is not text of 1 to {MAX_UNITS} code units")
    canonicalise(text)
    return Disclosure(cast(str, field), salt, text)


@dataclass(frozen=True, slots=True)
class StoredDisclosure:
    """A line of a disclosures file: it names the record it belongs to."""

    event_id: str
    tenant_id: str
    disclosure: Disclosure


def check_stored_disclosure(value: Json) -> StoredDisclosure:
    if not isinstance(value, dict):
        raise FormError("a disclosure is an object")
    for name in ("event_id", "tenant_id"):
        if not FORMS[name].fits(value.get(name)):
            raise FormError(f"a disclosure's {name} is outside its form")
    rest = {name: item for name, item in value.items() if name not in ("event_id", "tenant_id")}
    return StoredDisclosure(cast(str, value["event_id"]), cast(str, value["tenant_id"]), check_disclosure(rest))
