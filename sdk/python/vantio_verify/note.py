"""Signed notes and verifier keys of C2SP signed-note; a note's text says nothing before a signature holds."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from . import ml_dsa
from .ed25519 import holds, is_small_order

ED25519 = 0x01
COSIGNATURE = 0x04
ML_DSA_COSIGNATURE = 0x06
# Room for many signatures: the largest of C2SP's are of 3 KiB.
MAX_BYTES = 1_000_000
_MAX_SIGNATURES = 100

_KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_COSIGNATURE: ml_dsa.KEY_BYTES}
_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VKEY = re.compile(r"(?P<name>[^\s+]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/]+={0,2})")


class NoteError(ValueError):
    """What is no note, checkpoint, proof or verifier key; the message says why, and quotes nothing."""


def unbase64(text: str) -> bytes:
    """Standard base64 that encodes to itself again."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("something that should be base64 is not") from None
    if base64.b64encode(data).decode() != text:
        raise NoteError("base64 does not encode to itself again")
    return data


@dataclass(frozen=True, slots=True)
class Vkey:
    name: str
    id: bytes
    type: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    id: bytes
    signature: bytes

    def is_of(self, vkey: Vkey) -> bool:
        return self.name == vkey.name and self.id == vkey.id


@dataclass(frozen=True, slots=True)
class Note:
    """`text` ends with its newline, which is signed too."""

    text: str
    signatures: list[Signature]


def key_id(name: str, type_: int, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([type_]) + key).digest()[:4]


def parse_vkey(text: str) -> Vkey:
    """A verifier key of Ed25519, type 0x01 or 0x04, or of ML-DSA-44, type 0x06."""
    parts = _VKEY.fullmatch(text)
    if parts is None:
        raise NoteError("a verifier key is NAME+ID+KEY, its id 8 hex digits, its key base64")
    data = unbase64(parts["key"])
    type_, key = data[0], data[1:]
    if _KEY_BYTES.get(type_) != len(key):
        raise NoteError("a verifier key is not one of type 0x01, 0x04 or 0x06")
    if len(key) == 32 and is_small_order(key):
        raise NoteError("a verifier key is of small order")
    if key_id(parts["name"], type_, key).hex() != parts["id"]:
        raise NoteError("a verifier key's id is not that of its name and key")
    return Vkey(parts["name"], bytes.fromhex(parts["id"]), type_, key)


def parse_signature(line: str) -> Signature:
    """A signature line without its newline."""
    parts = _SIGNATURE.fullmatch(line)
    if parts is None:
        raise NoteError("a signature line is not a dash, a name and base64")
    data = unbase64(parts["signature"])
    if len(data) < 5:
        raise NoteError("a signature is too short to have an id")
    return Signature(parts["name"], data[:4], data[4:])


def decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise NoteError(f"it has more than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("it is not UTF-8") from None
    if _CONTROL.search(text):
        raise NoteError("it holds a control character")
    return text


def parse_note(data: bytes) -> Note:
    text, blank, rest = decode(data).rpartition("\n\n")
    if not blank or not rest.endswith("\n") or rest == "\n":
        raise NoteError("a note is text, an empty line and signature lines, each ended by a newline")
    lines = rest[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise NoteError(f"a note has more than {_MAX_SIGNATURES} signature lines")
    return Note(text + "\n", [parse_signature(line) for line in lines])


def check_signed(note: Note, vkey: Vkey) -> None:
    """Refuses a note that the key (of type 0x01) did not sign; lines of other keys are not looked at."""
    signatures = [signature for signature in note.signatures if signature.is_of(vkey)]
    if not signatures:
        raise NoteError("it has no signature of the log's key")
    if vkey.type != ED25519 or not all(holds(vkey.key, own.signature, note.text.encode()) for own in signatures):
        raise NoteError("a signature of the log's key does not hold")
