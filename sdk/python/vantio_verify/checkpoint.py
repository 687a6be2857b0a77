"""Checkpoints of C2SP tlog-checkpoint, as log.md narrows them: one line of the log, no extension lines."""

import base64
import re
from dataclasses import dataclass

from .canonical import MAX_INTEGER
from .note import Note, NoteError, Vkey, check_signed, parse_note, unbase64
from .tree import EMPTY_ROOT

_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    note: Note


def body(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def parse_size(text: str) -> int:
    """A size or index: decimal, no leading zeros, at most 2^53 - 1."""
    if _SIZE.fullmatch(text) is None or int(text) > MAX_INTEGER:
        raise NoteError("a size or index is not a decimal number up to 2^53 - 1")
    return int(text)


def parse_checkpoint(data: bytes) -> Checkpoint:
    """Its form alone: whose it is, `check_log` says."""
    note = parse_note(data)
    return parse_checkpoint_text(note.text[:-1].split("\n"), note)


def parse_checkpoint_text(lines: list[str], note: Note) -> Checkpoint:
    if len(lines) != 3 or "" in lines:
        raise NoteError("a checkpoint of this log is an origin, a size and a root, and no extension lines")
    root = unbase64(lines[2])
    if len(root) != 32:
        raise NoteError("a checkpoint's root is not of 32 bytes")
    size = parse_size(lines[1])
    if size == 0 and root != EMPTY_ROOT:
        raise NoteError("a tree of no leaves has another root")
    return Checkpoint(lines[0], size, root, note)


def check_log(checkpoint: Checkpoint, vkey: Vkey) -> None:
    """Refuses a checkpoint of another origin, or one that the log's key did not sign, once and first."""
    if checkpoint.origin != vkey.name:
        raise NoteError("its origin is not the name of the log's key")
    check_signed(checkpoint.note, vkey)
    first, *others = checkpoint.note.signatures
    if not first.is_of(vkey) or any(signature.is_of(vkey) for signature in others):
        raise NoteError("the log's signature is not the first line, once")
