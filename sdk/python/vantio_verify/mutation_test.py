"""Every byte counts: one that is changed anywhere in a verified ledger or its log is seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.house import API_KEY, House
from testing.ledger import MadeSession, hash_of


def flips(file: Path, step: int) -> Iterator[int]:
    """Changes the file at one place after the other; each bit of a byte has its turn."""
    data = file.read_bytes()
    places = range(0, len(data), step)
    assert len(places) > 0
    for turn, at in enumerate(places):
        file.write_bytes(data[:at] + bytes([data[at] ^ (1 << turn % 8)]) + data[at + 1 :])
        yield at
    file.write_bytes(data)


def cuts(file: Path, step: int) -> Iterator[int]:
    data = file.read_bytes()
    for at in range(0, len(data), step):
        file.write_bytes(data[:at])
        yield at
    file.write_bytes(data)


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path, 5).seal(5)
    assert house.verify().verdict == "verified"
    return house


@pytest.fixture
def large(tmp_path: Path) -> House:
    house = House(tmp_path, 258).seal(100, 258)
    assert house.verify().verdict == "verified"
    return house


@pytest.mark.parametrize("change", [flips, cuts])
def test_each_byte_of_the_ledger(tmp_path: Path, change: object) -> None:
    house = House(tmp_path, 5)
    house.pins_log = house.pins_witness = False
    assert house.verify().verdict == "verified"
    # Lines cut off at the end are seen since the session does not end.
    for at in flips(house.ledger, 3) if change is flips else cuts(house.ledger, 7):
        assert house.verify().verdict != "verified", at


NAMED = {
    "checkpoint": {"log_checkpoint"},
    "checkpoints/5": {"log_checkpoint"},
    # A line under another name or id is a stranger's: the checkpoint is unwitnessed then.
    "cosignatures/5": {"log_cosignature"},
    "tile/0/000.p/5": {"log_leaf", "log_root"},
    "tile/entries/000.p/5": {"log_leaf", "log_tile"},
}


@pytest.mark.parametrize("path", NAMED)
def test_each_byte_of_the_log(house: House, path: str) -> None:
    file = house.log.root / path
    for at in flips(file, 7 if "entries" in path else 1):
        assert {check for check, _ in house.found()} & NAMED[path], at
    for at in cuts(file, 37):
        assert {check for check, _ in house.found()} & {*NAMED[path], "log_tile"}, at
    assert house.verify().verdict == "verified"


def test_each_byte_of_a_receipt(house: House) -> None:
    session = MadeSession(API_KEY).observe(3).end()
    events = [(str(record["event_id"]), hash_of(record)) for record in session.records]
    house.receipts = [house.folder / "receipts"]
    house.receipts[0].write_bytes(house.log.receipt(events, "2026-01-02T03:04:10.000000Z"))
    assert house.verify().verdict == "verified"
    for at in flips(house.receipts[0], 1):
        assert [check for check, _ in house.found()] == ["receipt"], at


@pytest.mark.parametrize(
    "path",
    [
        "checkpoints/100",
        "tile/0/000",
        "tile/0/001.p/2",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/2",
    ],
)
def test_bytes_of_a_log_of_two_levels(large: House, path: str) -> None:
    file = large.log.root / path
    for at in flips(file, file.stat().st_size // 12 + 1):
        assert large.verify().verdict == "rejected", at
    file.unlink()
    # A checkpoint that is not there is not known to have been.
    assert large.verify().verdict == ("verified" if path == "checkpoints/100" else "rejected")
