from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from testing.log import MadeLog, ml_dsa_vkey

from . import ml_dsa
from .cosignature import check_cosignature
from .ml_dsa import NoMlDsaError
from .note import NoteError, Signature, parse_signature, parse_vkey

LOG = MadeLog(Path(), "ledger", [b"a"], "vantio.local/00")
WITNESS = parse_vkey(LOG.witness_vkey)
BODY = LOG.body(1)


def signature(time: int) -> Signature:
    return parse_signature(LOG.cosignature(BODY, time).removesuffix("\n"))


def test_a_cosignature_says_when() -> None:
    assert check_cosignature(BODY, signature(1_679_315_147), WITNESS) == 1_679_315_147


def test_what_does_not_hold() -> None:
    good = signature(5)
    later = (6).to_bytes(8, "big") + good.signature[8:]
    for bad in (later, good.signature[:-1], good.signature + b"\0", b""):
        with pytest.raises(NoteError):
            check_cosignature(BODY, Signature(good.name, good.id, bad), WITNESS)
    with pytest.raises(NoteError):
        check_cosignature(LOG.body(0), good, WITNESS)
    with pytest.raises(NoteError):
        check_cosignature(BODY, Signature("other", good.id, good.signature), WITNESS)


def test_a_time_beyond_the_bound_is_refused_though_signed() -> None:
    assert check_cosignature(BODY, signature(2**63 - 1), WITNESS) == 2**63 - 1
    with pytest.raises(NoteError, match="time"):
        check_cosignature(BODY, signature(2**63), WITNESS)


def ml_dsa_key() -> MLDSA44PrivateKey:
    try:
        return MLDSA44PrivateKey.generate()
    except UnsupportedAlgorithm:
        pytest.skip("this build of cryptography has no ML-DSA-44")


def test_a_cosignature_by_ml_dsa_44() -> None:
    key = ml_dsa_key()
    witness = parse_vkey(ml_dsa_vkey(LOG.witness_name, key))
    good = parse_signature(LOG.ml_dsa_cosignature(1, 1_679_315_147, key).removesuffix("\n"))
    assert check_cosignature(BODY, good, witness) == 1_679_315_147
    later = bytes([*good.signature[:7], good.signature[7] ^ 1, *good.signature[8:]])
    for bad in (later, good.signature[:-1], good.signature + b"\0", good.signature[:72]):
        with pytest.raises(NoteError):
            check_cosignature(BODY, Signature(good.name, good.id, bad), witness)
    with pytest.raises(NoteError):
        check_cosignature(LOG.body(0), good, witness)


def test_without_ml_dsa_44_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    key = ml_dsa_key()
    witness = parse_vkey(ml_dsa_vkey(LOG.witness_name, key))
    good = parse_signature(LOG.ml_dsa_cosignature(1, 5, key).removesuffix("\n"))

    class Lacking:
        @staticmethod
        def from_public_bytes(_: bytes) -> None:
            raise UnsupportedAlgorithm("none")

    monkeypatch.setattr(ml_dsa, "MLDSA44PublicKey", Lacking)
    with pytest.raises(NoMlDsaError):
        check_cosignature(BODY, good, witness)
