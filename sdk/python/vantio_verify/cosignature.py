"""Cosignatures of C2SP tlog-cosignature, by Ed25519 or ML-DSA-44."""

from . import ed25519, ml_dsa
from .note import COSIGNATURE, ML_DSA_COSIGNATURE, NoteError, Signature, Vkey, unbase64

_MAX_TIME = 2**63 - 1
_SIGNATURE_BYTES = {COSIGNATURE: 64, ML_DSA_COSIGNATURE: ml_dsa.SIGNATURE_BYTES}


def _u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _short(text: str) -> bytes:
    """opaque<1..2^8-1> of RFC 8446."""
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise NoteError("a name or origin is too long to be cosigned by ML-DSA-44")
    return bytes([len(data)]) + data


def _cosigned_message(text: str, witness: Vkey, time: int) -> bytes:
    origin, size, root = text[:-1].split("\n")
    head = b"subtree/v1\n\0" + _short(witness.name) + _u64(time) + _short(origin)
    return head + _u64(0) + _u64(int(size)) + unbase64(root)


def check_cosignature(text: str, signature: Signature, witness: Vkey) -> int:
    """The time (seconds since 1970; 0 says nothing of when) at which the witness saw the checkpoint of that note text.

    Raises NoteError if the cosignature does not hold, NoMlDsaError if that cannot be known here.
    """
    length = _SIGNATURE_BYTES.get(witness.type)
    if length is None or not signature.is_of(witness):
        raise NoteError("the cosignature is not of this witness")
    if len(signature.signature) != 8 + length:
        raise NoteError(f"a cosignature is a time of 8 bytes and a signature of {length}")
    time = int.from_bytes(signature.signature[:8], "big")
    if time > _MAX_TIME:
        raise NoteError("a cosignature's time is beyond 2^63 - 1")
    if witness.type == ML_DSA_COSIGNATURE:
        message = _cosigned_message(text, witness, time)
        is_good = ml_dsa.holds(witness.key, signature.signature[8:], message)
    else:
        message = f"cosignature/v1\ntime {time}\n{text}".encode()
        is_good = ed25519.holds(witness.key, signature.signature[8:], message)
    if not is_good:
        raise NoteError("a cosignature does not hold")
    return time
