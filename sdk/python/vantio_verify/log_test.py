"""Each check of log.md, section 5, made to fail by the least change that can."""

import shutil
from pathlib import Path

import pytest

from testing.house import COSIGNED_AT, House
from testing.ledger import private_key
from testing.log import cloud_entry, vkey

Found = list[tuple[str, str]]
NOT_PINNED = ("log_checkpoint", "unmeasured")
UNWITNESSED = ("log_cosignature", "unmeasured")
UNSEALED = ("log_size", "unmeasured")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, 7).seal(3, 7)


@pytest.mark.parametrize("records", [2, 255, 256, 257, 513])
def test_a_sealed_witnessed_ledger_is_verified(tmp_path: Path, records: int) -> None:
    house = House(tmp_path, records).seal(1, records - 1, records)
    assert house.verify().verdict == "verified"


def test_a_tree_of_two_levels_above_its_leaves(tmp_path: Path) -> None:
    """65,537 entries would be slow to make as records: the ledger's lines are not looked at here."""
    house = House(tmp_path, 2)
    house.log.entries = [index.to_bytes(3, "big") for index in range(256**2 + 1)]
    house.log.publish(len(house.log.entries))
    found = house.found()
    assert ("log_root", "wrong") not in found
    assert ("log_tile", "wrong") not in found
    house.flip("tile/2/000.p/1", 0)
    assert ("log_root", "wrong") in house.found()


def test_an_empty_log(tmp_path: Path) -> None:
    house = House(tmp_path, 7).seal(0)
    assert house.found() == [UNSEALED]


def test_a_ledger_without_a_log(tmp_path: Path) -> None:
    house = House(tmp_path, 7)
    assert house.found() == [("log_checkpoint", "wrong")]
    house.pins_log = False
    assert house.found() == [("log_checkpoint", "wrong")]
    house.pins_witness = False
    assert house.found() == []


def test_what_is_not_pinned_is_said(house: House) -> None:
    house.pins_log = False
    assert house.found() == [NOT_PINNED]
    house.pins_witness = False
    assert house.found() == [NOT_PINNED, UNWITNESSED]


def test_without_any_key_the_tree_is_checked_all_the_same(house: House) -> None:
    house.pins_log = False
    (house.folder / "ledger.vkey").unlink()
    assert house.found() == [NOT_PINNED]
    house.flip("tile/0/000.p/7", 0)
    assert ("log_root", "wrong") in house.found()


def test_lines_after_the_checkpoint_are_unsealed(tmp_path: Path) -> None:
    house = House(tmp_path, 7).seal(3, 5)
    assert house.found() == [UNSEALED]


def test_a_checkpoint_that_no_witness_saw(house: House) -> None:
    (house.log.root / "cosignatures/7").unlink()
    assert house.found() == [UNWITNESSED]


def test_a_cosignature_may_stand_in_the_served_checkpoint(house: House) -> None:
    (house.log.root / "cosignatures/7").unlink()
    file = house.log.root / "checkpoint"
    file.write_text(file.read_text() + house.log.cosignature(house.log.body(7), COSIGNED_AT))
    assert house.found() == []


def test_log_checkpoint(house: House) -> None:
    house.edit("checkpoint", b"\n7\n", b"\n8\n")
    assert house.found() == [("log_checkpoint", "wrong")]


def test_log_checkpoint_of_another_key(house: House) -> None:
    house.log.log_key = private_key("another")
    house.log.publish(7)
    house.log.log_key = private_key("log")
    assert house.found() == [("log_checkpoint", "wrong")]


def test_a_key_beside_the_log_that_is_not_the_logs(house: House) -> None:
    house.pins_log = False
    (house.folder / "ledger.vkey").write_text(vkey(house.log.origin, 1, private_key("another")) + "\n")
    assert ("log_checkpoint", "wrong") in house.found()


def test_log_checkpoint_of_another_origin(house: House) -> None:
    house.log.origin = "vantio.local/" + "0" * 32
    house.log.publish(7)
    assert ("log_checkpoint", "wrong") in house.found()


def test_log_checkpoint_of_an_older_one(house: House) -> None:
    house.edit("checkpoints/3", b"\n3\n", b"\n4\n")
    assert house.found() == [("log_checkpoint", "wrong")]


def test_an_older_checkpoint_under_the_name_of_another(house: House) -> None:
    shutil.copy(house.log.root / "checkpoints/3", house.log.root / "checkpoints/4")
    assert house.found() == [("log_checkpoint", "wrong")]


@pytest.mark.parametrize("path", ["tile/0/000.p/7", "tile/entries/000.p/7"])
def test_log_tile_missing(house: House, path: str) -> None:
    (house.log.root / path).unlink()
    assert ("log_tile", "wrong") in house.found()


@pytest.mark.parametrize("path", ["tile/0/000.p/7", "tile/entries/000.p/7"])
def test_log_tile_longer(house: House, path: str) -> None:
    file = house.log.root / path
    file.write_bytes(file.read_bytes() + b"\0")
    assert ("log_tile", "wrong") in house.found()


def test_log_root(house: House) -> None:
    house.flip("tile/0/000.p/7", 0)
    assert ("log_root", "wrong") in house.found()


def test_log_root_of_an_upper_tile(tmp_path: Path) -> None:
    house = House(tmp_path, 300).seal(300)
    house.flip("tile/1/000.p/1", 0)
    assert house.found() == [("log_root", "wrong")]
    (house.log.root / "tile/1/000.p/1").unlink()
    assert house.found() == [("log_tile", "wrong")]


def test_log_leaf_of_a_bundle(house: House) -> None:
    house.flip("tile/entries/000.p/7", -100)
    bundle = str(house.log.root / "tile/entries/000.p/7")
    assert [(each.check, each.place.file) for each in house.verify().kept] == [("log_leaf", bundle)]


def test_log_leaf_of_the_ledger(house: House) -> None:
    """By one who holds the API key and makes the ledger anew, with one line more in its middle."""
    other = House(house.folder, 8)
    house.ledger.write_bytes(other.writer.file())
    found = house.verify()
    places = [(finding.check, finding.place.line) for finding in found.kept if finding.severity == "wrong"]
    assert places == [("log_leaf", 7)]


def test_log_size(house: House) -> None:
    house.ledger.write_bytes(b"".join(line + b"\n" for line in house.writer.lines[:6]))
    found = house.found()
    assert ("log_size", "wrong") in found
    assert ("log_leaf", "wrong") not in found


def test_log_consistency(house: House) -> None:
    """The log signed another tree before: neither checkpoint is wrong by itself."""
    entries = house.log.entries
    house.log.entries = [b"another", *entries[1:]]
    (house.log.root / "checkpoints/3").write_text(house.log.checkpoint(3))
    (house.log.root / "cosignatures/3").unlink()
    house.log.entries = entries
    assert house.found() == [("log_consistency", "wrong")]


def test_log_consistency_with_a_kept_checkpoint(house: House, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    house.kept = [kept]
    kept.write_text(house.log.checkpoint(5))
    assert house.found() == []
    entries = house.log.entries
    house.log.entries = [b"another", *entries[1:]]
    kept.write_text(house.log.checkpoint(5))
    house.log.entries = entries
    assert house.found() == [("log_consistency", "wrong")]


def test_a_log_that_was_cut_back(tmp_path: Path) -> None:
    house = House(tmp_path, 7).seal(7)
    kept = tmp_path / "kept"
    kept.write_text(house.log.checkpoint(7))
    shutil.rmtree(house.log.root)
    house.seal(5)
    assert house.found() == [UNSEALED]
    house.kept = [kept]
    assert house.found() == [("log_consistency", "wrong"), UNSEALED]
    house.kept = []
    house.log.cosign(7, COSIGNED_AT)
    assert house.found() == [("log_cosignature", "wrong"), UNSEALED]


def test_the_newest_checkpoint_is_the_largest_that_holds(house: House) -> None:
    """A sealer stores it under its size before it makes it the newest."""
    shutil.copy(house.log.root / "checkpoints/3", house.log.root / "checkpoint")
    assert house.found() == []
    house.edit("checkpoints/7", b"\n7\n", b"\n8\n")
    assert house.found() == [("log_checkpoint", "wrong"), ("log_cosignature", "wrong"), UNSEALED]


def test_a_kept_checkpoint_of_a_log_that_is_not_here(house: House, tmp_path: Path) -> None:
    origin, house.log.origin = house.log.origin, "vantio.local/" + "0" * 32
    house.kept = [tmp_path / "kept"]
    house.kept[0].write_text(house.log.checkpoint(7))
    house.log.origin = origin
    assert house.found() == [("log_checkpoint", "wrong")]


def test_log_cosignature(house: House) -> None:
    wrong = house.log.cosignature(house.log.body(6), COSIGNED_AT)
    (house.log.root / "cosignatures/7").write_text(wrong)
    assert house.found() == [UNWITNESSED, ("log_cosignature", "wrong")]


def test_the_cosignature_of_a_witness_that_is_not_pinned_is_not_looked_at(house: House) -> None:
    house.log.witness_name = "witness.example/w2"
    bad = house.log.cosignature(house.log.body(6), COSIGNED_AT)
    house.log.witness_name = "witness.example/w1"
    file = house.log.root / "cosignatures/7"
    file.write_text(bad + file.read_text())
    assert house.found() == []


def test_a_checkpoint_of_a_size_that_nobody_could_read_through(house: House) -> None:
    house.edit("checkpoint", b"\n7\n", b"\n9007199254740991\n")
    house.pins_log = False
    (house.folder / "ledger.vkey").unlink()
    assert ("log_tile", "wrong") in house.found()


def test_rotated_files_are_one_log(tmp_path: Path) -> None:
    """No rotation record tells of the closed file here, so that is unmeasured, and nothing else is found."""
    house = House(tmp_path, 300).seal(300)
    lines = [line + b"\n" for line in house.writer.lines]
    (tmp_path / "ledger.000001.ndjson").write_bytes(b"".join(lines[:100]))
    house.ledger.write_bytes(b"".join(lines[100:]))
    assert house.found() == [("segment", "unmeasured")]


def test_without_the_earlier_files_the_leaves_are_unmeasured(tmp_path: Path) -> None:
    house = House(tmp_path, 7).seal(7)
    lines = [line + b"\n" for line in house.writer.lines]
    (tmp_path / "ledger.000002.ndjson").write_bytes(b"".join(lines[3:]))
    house.ledger.unlink()
    found = house.found()
    assert ("log_leaf", "unmeasured") in found
    assert ("log_leaf", "wrong") not in found


def test_a_cosignature_that_says_nothing_of_when_witnesses_nothing(house: House) -> None:
    house.log.cosign(7, 0)
    assert house.found() == [UNWITNESSED]


@pytest.mark.parametrize("records", [2, 257])
def test_an_export_and_the_log_of_cloud_mode(tmp_path: Path, records: int) -> None:
    assert House(tmp_path, records, is_cloud=True).seal(1, records).verify().verdict == "verified"


def test_a_line_of_an_export_that_is_not_its_entry(tmp_path: Path) -> None:
    house = House(tmp_path, 7, is_cloud=True).seal(7)
    lines = house.writer.lines
    house.ledger.write_bytes(b"".join(line + b"\n" for line in [*lines[:5], lines[6], lines[5]]))
    assert ("log_leaf", "wrong") in house.found()
    house.log.entries[3] = cloud_entry(lines[3], "2026-01-02T03:04:07.0000001")
    house.ledger.write_bytes(house.writer.file())
    house.seal(7)
    assert house.found() == [("log_leaf", "wrong")]


def test_the_log_of_another_tenant(tmp_path: Path) -> None:
    house = House(tmp_path, 7, is_cloud=True)
    house.log.origin = "log.example/globex"
    assert ("log_checkpoint", "wrong") in house.seal(7).found()
