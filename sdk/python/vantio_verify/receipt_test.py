from collections.abc import Callable
from pathlib import Path

import pytest

from testing.house import COSIGNED_AT, House
from testing.ledger import hash_of, private_key

from .canonical import parse_json

Events = list[tuple[str, str]]
# COSIGNED_AT is 03:04:08.
IN_TIME = "2026-01-02T03:04:07.000001Z"
TOO_LATE = "2026-01-02T03:04:06.999999Z"


def events(house: House) -> Events:
    found: Events = []
    for line in house.writer.lines:
        value = parse_json(line)
        assert isinstance(value, dict)
        found.append((value["record"]["event_id"], hash_of(value["record"])))
    return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path, 7).seal(5, 7)
    house.receipts = [tmp_path / "receipts"]
    return house


def judged(house: House, *receipts: bytes) -> list[tuple[str, str]]:
    house.receipts[0].write_bytes(b"".join(receipts))
    return house.found()


def test_a_promise_is_kept_up_to_merge_by_in_whole_seconds(house: House) -> None:
    assert judged(house, house.log.receipt(events(house), IN_TIME)) == []
    assert judged(house, house.log.receipt(events(house), "2026-01-02T03:04:08.000000Z")) == []
    assert judged(house, house.log.receipt(events(house)[:5], TOO_LATE)) == [("receipt", "unmeasured")]


def test_a_record_that_came_twice(house: House) -> None:
    twice = events(house)[:2] * 2
    assert judged(house, house.log.receipt(twice, IN_TIME)) == []


def test_a_promise_is_unmeasured_without_a_witness(house: House) -> None:
    house.pins_witness = False
    found = judged(house, house.log.receipt(events(house), IN_TIME))
    assert ("receipt", "unmeasured") in found


def test_a_record_that_is_not_there_when_a_witness_looked(house: House) -> None:
    missing = [*events(house), (events(house)[0][0], "0" * 64)]
    assert judged(house, house.log.receipt(missing, TOO_LATE)) == [("receipt", "wrong")]
    # No witness looked after merge_by.
    by = "2026-01-02T03:04:08.000000Z"
    assert judged(house, house.log.receipt(missing, by)) == [("receipt", "unmeasured")]


def test_a_record_that_came_only_after_a_witness_looked(house: House) -> None:
    by = "2026-01-02T03:04:07.500000Z"
    house.log.cosign(7, COSIGNED_AT + 100)
    assert judged(house, house.log.receipt(events(house)[:5], by)) == []
    assert judged(house, house.log.receipt(events(house), by)) == [("receipt", "wrong")]


Change = Callable[[House], bytes]


def of_another_key(house: House) -> bytes:
    house.log.log_key = private_key("another")
    receipt = house.log.receipt(events(house), IN_TIME)
    house.log.log_key = private_key("log")
    return receipt


@pytest.mark.parametrize(
    "made",
    [
        lambda house: house.log.receipt(events(house), IN_TIME, tenant_id="globex"),
        lambda house: house.log.receipt([], IN_TIME, tenant_id="globex"),
        lambda house: house.log.receipt(events(house), IN_TIME, origin="vantio.local/other"),
        lambda house: house.log.receipt(events(house), IN_TIME).replace(
            IN_TIME.encode(), b"2026-01-02T03:04:09.000000Z"
        ),
        lambda house: house.log.receipt(events(house), "2026-02-30T00:00:00.000000Z"),
        lambda house: house.log.receipt(events(house), "soon"),
        lambda house: house.log.receipt(events(house), IN_TIME, more="than it may have"),
        lambda house: house.log.receipt([("not an id", "0" * 64)], IN_TIME),
        lambda house: house.log.receipt(events(house), IN_TIME).replace(b'{"receipt":', b'{"receipt":{},"receipt":'),
        lambda house: b"{}\n",
        lambda house: b"\n",
        lambda house: b"a" * (1 << 24) + b"aa\n",
        of_another_key,
    ],
)
def test_what_is_no_receipt_of_this_log(house: House, made: Change) -> None:
    assert judged(house, made(house)) == [("receipt", "wrong")]


def test_receipts_are_judged_one_by_one(house: House) -> None:
    good = house.log.receipt(events(house), IN_TIME)
    house.receipts[0].write_bytes(good + b"{}\n" + good.rstrip(b"\n"))
    places = [(finding.severity, finding.place.line) for finding in house.verify().kept]
    assert places == [("wrong", 2), ("unmeasured", 3)]


@pytest.fixture
def cloud(tmp_path: Path) -> House:
    house = House(tmp_path, 7, is_cloud=True).seal(5, 7)
    house.receipts = [tmp_path / "receipts"]
    return house


def test_a_receipt_of_cloud_mode_is_of_a_key_that_the_log_vouches_for(cloud: House) -> None:
    cloud.log.certify()
    assert judged(cloud, cloud.log.receipt(events(cloud), IN_TIME)) == []
    missing = [*events(cloud), (events(cloud)[0][0], "0" * 64)]
    assert judged(cloud, cloud.log.receipt(missing, TOO_LATE)) == [("receipt", "wrong")]
    assert judged(cloud, cloud.log.receipt(events(cloud)[:5], TOO_LATE)) == [("receipt", "unmeasured")]


def certified_by_another(house: House) -> bytes:
    house.log.log_key = private_key("another")
    receipt = house.log.certify().receipt(events(house), IN_TIME)
    house.log.log_key = private_key("log")
    return receipt


def signed_by_another(house: House) -> bytes:
    house.log.certify().receipt_key = private_key("another")
    return house.log.receipt(events(house), IN_TIME)


@pytest.mark.parametrize(
    "made",
    [
        lambda house: house.log.certify(log="other.example").receipt(events(house), IN_TIME),
        lambda house: house.log.certify(log="log.example/acme").receipt(events(house), IN_TIME),
        lambda house: house.log.certify(not_after="2026-01-02T03:04:05.999999Z").receipt(events(house), IN_TIME),
        lambda house: house.log.certify(not_before="2026-01-02T03:04:06.000001Z").receipt(events(house), IN_TIME),
        lambda house: house.log.certify(public_key="00" * 32).receipt(events(house), IN_TIME),
        lambda house: house.log.certify(public_key="AB" * 32).receipt(events(house), IN_TIME),
        lambda house: house.log.certify(not_after="never").receipt(events(house), IN_TIME),
        lambda house: house.log.certify(more="than it may have").receipt(events(house), IN_TIME),
        lambda house: (
            house.log.certify()
            .receipt(events(house), IN_TIME)
            .replace(b'"not_after":"2026-03', b'"not_after":"2027-03')
        ),
        lambda house: (
            house.log.certify().receipt(events(house), IN_TIME).replace(b'{"certificate":{', b'{"certificate":1,"x":{')
        ),
        certified_by_another,
        signed_by_another,
    ],
)
def test_a_key_that_the_log_does_not_vouch_for_here(cloud: House, made: Change) -> None:
    assert judged(cloud, made(cloud)) == [("receipt", "wrong")]
