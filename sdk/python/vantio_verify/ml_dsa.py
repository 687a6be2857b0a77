"""ML-DSA-44 (FIPS 204), where the build of OpenSSL beneath `cryptography` has it."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

KEY_BYTES = 1312
SIGNATURE_BYTES = 2420


class NoMlDsaError(RuntimeError):
    """Whether a signature holds is not known here: that counts neither for nor against it."""


def holds(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` over `message`, with an empty context, is of the holder of `key`."""
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        MLDSA44PublicKey.from_public_bytes(key).verify(signature, message)
    except UnsupportedAlgorithm:
        raise NoMlDsaError("there is no ML-DSA-44 here") from None
    except (InvalidSignature, ValueError):
        return False
    return True
