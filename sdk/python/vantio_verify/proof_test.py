from pathlib import Path

import pytest

from testing.log import MadeLog

from .note import NoteError, parse_vkey
from .proof import check_proof, parse_proof

LOG = MadeLog(Path(), "ledger", [bytes([index]) for index in range(9)], "vantio.local/00")
VKEY, WITNESS = parse_vkey(LOG.vkey), parse_vkey(LOG.witness_vkey)


@pytest.mark.parametrize("size", range(1, 10))
def test_a_proof_of_every_entry(size: int) -> None:
    for index in range(size):
        proof = parse_proof((LOG.proof(index, size) + LOG.cosignature(LOG.body(size), 7)).encode())
        assert (proof.index, proof.entry) == (index, bytes([index]))
        assert check_proof(proof, bytes([index]), VKEY, [WITNESS]) == {WITNESS.name: 7}
        with pytest.raises(NoteError):
            check_proof(proof, b"another", VKEY, [])


def test_extra_data_may_be_absent() -> None:
    first, _, rest = LOG.proof(3, 9).split("\n", 2)
    proof = parse_proof(f"{first}\n{rest}".encode())
    assert proof.entry is None
    assert check_proof(proof, b"\3", VKEY, [WITNESS]) == {}


def test_a_cosignature_that_does_not_hold_is_refused() -> None:
    proof = parse_proof((LOG.proof(3, 9) + LOG.cosignature(LOG.body(8), 7)).encode())
    with pytest.raises(NoteError):
        check_proof(proof, b"\3", VKEY, [WITNESS])


def test_a_proof_is_of_the_tree_of_its_checkpoint() -> None:
    path, _ = LOG.proof(3, 9).split("\n\n", 1)
    _, checkpoint = LOG.proof(3, 8).split("\n\n", 1)
    proof = parse_proof(f"{path}\n\n{checkpoint}".encode())
    with pytest.raises(NoteError):
        check_proof(proof, bytes([3]), VKEY, [])


def test_every_byte_of_a_proof_counts() -> None:
    data = LOG.proof(3, 9).encode()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(NoteError):
            proof = parse_proof(changed)
            # The extra data is what is to be proved.
            check_proof(proof, b"" if proof.entry is None else proof.entry, VKEY, [])


@pytest.mark.parametrize(
    "line", ["", "index", "index 03", "index -1", "index NaN", "index 1e3", f"index {2**53}", "index 3\nAAAA"]
)
def test_what_is_no_proof(line: str) -> None:
    with pytest.raises(NoteError):
        parse_proof(LOG.proof(3, 9).replace("index 3", line).encode())
