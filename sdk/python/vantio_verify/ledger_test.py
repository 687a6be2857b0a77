"""What the vectors leave open: orders and ends that one writer's lines can come in."""

from pathlib import Path

import pytest

from testing.ledger import MadeSession, MadeWriter, Record, hash_of, make_api_key

from .api_key import parse_api_key
from .ledger import Trust
from .session import Pins
from .verify import Request, verify

API_KEY = make_api_key()
Found = list[tuple[str, str, int | None]]


def found(folder: Path, *records: Record, keys: list[str] | None = None, pins: Pins | None = None) -> Found:
    """What is found beside that no root is pinned."""
    writer = MadeWriter()
    writer.write(API_KEY, *records)
    file = folder / "ledger.ndjson"
    file.write_bytes(writer.file())
    trust = Trust([parse_api_key(key) for key in keys or [API_KEY]], pins=pins or {})
    findings = verify(Request([file], trust)).findings.kept
    return [(each.check, each.severity, each.place.line) for each in findings if each.check != "origin"]


def session(observed: int) -> list[Record]:
    return MadeSession(API_KEY).observe(observed).end().records


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [0, 4, 3, 2, 1], [0, 2, 4, 1, 3], [0, 3, 1, 4, 2]])
def test_records_may_come_late(tmp_path: Path, order: list[int]) -> None:
    records = session(3)
    assert found(tmp_path, *(records[at] for at in order)) == []


def test_a_start_that_comes_last_leaves_signatures_unjudged(tmp_path: Path) -> None:
    records = session(1)
    assert found(tmp_path, records[2], records[1], records[0]) == [
        ("session_signature", "unmeasured", None),
        ("tail", "unmeasured", None),
    ]


def test_gaps_stand_at_the_records_after_them(tmp_path: Path) -> None:
    records = session(7)
    left = [records[at] for at in (0, 6, 2, 3, 8)]
    gaps = [each for each in found(tmp_path, *left) if each[0] == "gap"]
    assert gaps == [("gap", "wrong", 3), ("gap", "wrong", 2), ("gap", "wrong", 5)]


def test_a_record_after_the_end_is_seen_though_another_came_between(tmp_path: Path) -> None:
    made = MadeSession(API_KEY).observe(1).end()
    for _ in range(2):
        made.add("shield_start", "OBSERVED")
    assert found(tmp_path, *made.records) == [
        ("after_end", "wrong", 4),
        ("after_end", "wrong", 5),
        ("tail", "unmeasured", None),
    ]


def test_the_first_of_two_records_at_a_place_stays(tmp_path: Path) -> None:
    records, other = session(2), MadeSession(API_KEY).observe(1)
    rival = other.add("shield_start", "OBSERVED", trace_origin="unread")
    assert found(tmp_path, *records[:3], rival, records[3]) == [("conflict", "wrong", 4)]


def test_an_end_at_a_place_that_is_taken_ends_nothing(tmp_path: Path) -> None:
    records, early = session(3), session(1)
    assert found(tmp_path, *records[:3], early[2], *records[3:]) == [("conflict", "wrong", 4)]


def test_two_keys_of_one_id_are_both_tried(tmp_path: Path) -> None:
    parts = API_KEY.split(".")
    other = ".".join([*parts[:6], "A" * 43, *parts[7:]])
    records = session(1)
    assert found(tmp_path, *records, keys=[other, API_KEY]) == []
    assert found(tmp_path, *records, keys=[API_KEY, other]) == []
    assert found(tmp_path, *records, keys=[other])[0] == ("mac", "wrong", 1)


def test_a_pin_stands_for_a_signed_end(tmp_path: Path) -> None:
    records = session(2)
    place = (str(records[0]["session_id"]), 2)
    assert found(tmp_path, *records[:3]) == [("tail", "unmeasured", None)]
    assert found(tmp_path, *records[:3], pins={place: {hash_of(records[2])}}) == []
    assert found(tmp_path, *records[:3], pins={place: {hash_of(records[2]), "0" * 64}}) == [("head", "wrong", 3)]


def test_a_ledger_of_nothing_but_lines_that_are_none(tmp_path: Path) -> None:
    file = tmp_path / "ledger.ndjson"
    file.write_bytes(b"\n" * 3 + b"x" * 100_000 + b"\n")
    findings = verify(Request([file])).findings
    assert [(each.check, each.place.line) for each in findings.kept] == [
        *(("form", line) for line in (1, 2, 3, 4)),
        ("tail", None),
    ]


def test_findings_beyond_the_limit_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "ledger.ndjson"
    file.write_bytes(b"\n" * 500)
    findings = verify(Request([file], limit=7)).findings
    assert (len(findings.kept), findings.counts["wrong"]["form"], findings.omitted) == (7, 500, 494)
