from pathlib import Path

import pytest

from testing.log import MadeLog

from .cosignature import check_cosignature
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
