"""Cosignatures of C2SP tlog-cosignature, by Ed25519."""

from .ed25519 import holds
from .note import COSIGNATURE, NoteError, Signature, Vkey

_MAX_TIME = 2**63 - 1


def check_cosignature(text: str, signature: Signature, witness: Vkey) -> int:
    """The time (seconds since 1970) at which the witness saw the checkpoint of that note text."""
    if witness.type != COSIGNATURE or not signature.is_of(witness):
        raise NoteError("the cosignature is not of this witness")
    if len(signature.signature) != 8 + 64:
        raise NoteError("a cosignature is a time of 8 bytes and a signature of 64")
    time = int.from_bytes(signature.signature[:8], "big")
    if time > _MAX_TIME:
        raise NoteError("a cosignature's time is beyond 2^63 - 1")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    if not holds(witness.key, signature.signature[8:], message):
        raise NoteError("a cosignature does not hold")
    return time
