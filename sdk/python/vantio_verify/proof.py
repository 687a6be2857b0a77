"""Proofs of C2SP tlog-proof: that an entry is in a log, readable without the log."""

from contextlib import suppress
from dataclasses import dataclass

from .checkpoint import Checkpoint, check_log, parse_checkpoint, parse_size
from .cosignature import check_cosignature
from .ml_dsa import NoMlDsaError
from .note import NoteError, Vkey, decode, unbase64
from .tree import includes, leaf_hash

_FIRST = "c2sp.org/tlog-proof@v1"
# A tree of 2^53 leaves has no longer path.
_MAX_PATH = 53


@dataclass(frozen=True, slots=True)
class Proof:
    """`entry`, its extra data, is not to be trusted before `check_proof`."""

    entry: bytes | None
    index: int
    path: list[bytes]
    checkpoint: Checkpoint


def _hash(line: str) -> bytes:
    hash_ = unbase64(line)
    if len(hash_) != 32:
        raise NoteError("a hash of the proof is not of 32 bytes")
    return hash_


def parse_proof(data: bytes) -> Proof:
    head, blank, checkpoint = decode(data).partition("\n\n")
    first, *lines = head.split("\n")
    if not blank or first != _FIRST:
        raise NoteError(f"a proof begins with the line {_FIRST}, and an empty line stands before its checkpoint")
    entry = unbase64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise NoteError("a proof has a line with its index")
    index, path = parse_size(lines[0][6:]), lines[1:]
    if len(path) > _MAX_PATH:
        raise NoteError(f"a proof has at most {_MAX_PATH} hashes")
    return Proof(entry, index, [_hash(line) for line in path], parse_checkpoint(checkpoint.encode()))


def check_proof(proof: Proof, entry: bytes, log: Vkey, witnesses: list[Vkey]) -> dict[str, int]:
    """Refuses what does not show that the log holds `entry`; returns when each pinned witness saw that, by name."""
    check_log(proof.checkpoint, log)
    if not includes(leaf_hash(entry), proof.index, proof.checkpoint.size, proof.path, proof.checkpoint.root):
        raise NoteError("the proof does not lead from the entry to the checkpoint's root")
    note = proof.checkpoint.note
    seen: dict[str, int] = {}
    for signature in note.signatures:
        for witness in witnesses:
            if signature.is_of(witness):
                # What cannot be judged here counts neither for nor against.
                with suppress(NoMlDsaError):
                    seen[witness.name] = check_cosignature(note.text, signature, witness)
    return seen
